"""sink.py - witness.py as a process, and what it has seen."""

import json
import os
import subprocess
from collections import defaultdict, namedtuple

import fetched
from process import Process, wait_until
from suite import Failed

HERE = os.path.dirname(os.path.abspath(__file__))
CONFLUENT_KAFKA = "confluent-kafka==2.11.1"
READY_TIMEOUT_S = 90
LOG_APPEND_TIME = 2  # of librdkafka's kinds of timestamps
RESOLUTION_US = 1000  # of a record's timestamp

# `appended` at the target and `processed` by the sink: (earliest, latest), in microseconds.
Seen = namedtuple("Seen", "topic partition offset id told appended processed")


class Sink:
    """A consumer group on the target; `topics`: {name: message.timestamp.type} are made by it."""

    def __init__(self, suite, bootstrap, group, partitions, topics):
        python = fetched.python_with(suite, CONFLUENT_KAFKA)
        self._told = os.path.join(suite.folder, "witness.lines")
        with open(self._told, "wb") as out:
            self.process = Process(
                suite.folder, "witness", [python, "-B", os.path.join(HERE, "witness.py")],
                stdin=subprocess.PIPE, text=True, stdout=out)
        json.dump({"bootstrap": bootstrap, "group": group, "partitions": partitions,
                   "topics": topics}, self.process.stdin)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wait_until("the witness", READY_TIMEOUT_S, lambda: "ready" in self._text(),
                   [self.process])

    def _text(self):
        with open(self._told, encoding="utf-8") as file:
            return file.read()

    def counts(self):
        """Of the records of each topic."""
        out = defaultdict(int)
        for line in self._lines():
            if line[0] == "record":
                out[line[1]] += 1
        return out

    def _lines(self):
        lines = self._text().split("\n")[:-1]  # the last one may not be whole yet
        return [json.loads(line) for line in lines]

    def finish(self):
        """{topic: [Seen]} in the order in which they came; the process ends."""
        self.process.stdin.close()
        if self.process.wait(READY_TIMEOUT_S) != 0:
            raise Failed(self.process.last_words())
        out, waiting = defaultdict(list), []
        for kind, *line in self._lines():
            if kind == "record":
                waiting.append(line)
            elif kind == "commit":
                asked_at, unused_answered_at, positions = line
                for each in waiting:
                    topic, partition, offset = each[:3]
                    if positions.get(topic, {}).get(str(partition), 0) <= offset:
                        raise Failed(f"the witness has not committed {topic} {partition} {offset}")
                    out[topic].append(_seen(each, asked_at))
                waiting = []
        if waiting:
            raise Failed(f"the witness has not committed {len(waiting)} records")
        return out


def _seen(line, asked_at):
    topic, partition, offset, number, told, kind, timestamp_ms, seen_at = line
    written_at = timestamp_ms * RESOLUTION_US
    # With CreateTime it is the connector's time, which is before all that comes later.
    latest = min(written_at + RESOLUTION_US, seen_at) if kind == LOG_APPEND_TIME else seen_at
    return Seen(topic, partition, offset, number, told, (written_at, latest),
                (seen_at, asked_at))
