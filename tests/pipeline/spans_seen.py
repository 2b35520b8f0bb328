"""spans_seen.py - traced_sink.py as a process, and what it has seen."""

import json
import os
import subprocess
from collections import Counter, namedtuple

import fetched
from process import Process, wait_until
from suite import Failed

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ("opentelemetry-sdk==1.45.1", "opentelemetry-exporter-zipkin-json==1.45.1",
            "opentelemetry-instrumentation-kafka-python==0.66b1", "kafka-python==2.3.3",
            "lz4==4.4.5")
READY_TIMEOUT_S = 90

# Times are microseconds; those of the commit that the record is in are of its request and answer.
SeenSpan = namedtuple("SeenSpan", "topic partition offset id seen_at trace span parent"
                      " asked_at answered_at")


class TracedSink:
    """A consumer group on the target; the topics are made by it."""

    def __init__(self, suite, bootstrap, group, partitions, topics, spans_to):
        python = fetched.python_with(suite, *PACKAGES)
        self._told = os.path.join(suite.folder, "traced_sink.lines")
        with open(self._told, "wb") as out:
            self.process = Process(
                suite.folder, "traced_sink", [python, "-B", os.path.join(HERE, "traced_sink.py")],
                stdin=subprocess.PIPE, text=True, stdout=out)
        json.dump({"bootstrap": bootstrap, "group": group, "partitions": partitions,
                   "topics": topics, "spans_to": spans_to}, self.process.stdin)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wait_until("the sink", READY_TIMEOUT_S, lambda: "ready" in self._text(), [self.process])

    def _text(self):
        with open(self._told, encoding="utf-8") as file:
            return file.read()

    def _lines(self):
        lines = self._text().split("\n")[:-1]  # the last one may not be whole yet
        return [json.loads(line) for line in lines]

    def counts(self):
        """Of the records of each topic."""
        return Counter(line[1] for line in self._lines() if line[0] == "record")

    def seen(self):
        """[SeenSpan] in the order in which they came, of all that is committed."""
        out, waiting = [], []
        for kind, *line in self._lines():
            if kind == "record":
                waiting.append(line)
            elif kind == "commit":
                out += [SeenSpan(*each, *line) for each in waiting]
                waiting = []
        return out

    def finish(self):
        self.process.stdin.close()
        if self.process.wait(READY_TIMEOUT_S) != 0:
            raise Failed(self.process.last_words())
