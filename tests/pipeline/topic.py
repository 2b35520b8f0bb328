"""topic.py - the records of a topic, as kcat reads them.

Offsets have no gaps here: nothing is compacted, nothing written in transactions.
"""

import re
import subprocess
from collections import namedtuple

PARTITIONS = 2
READ_TIMEOUT_S = 60
# Lengths first, so that any bytes can follow; -1 is null. Headers have none: a line of their own.
FORMAT = "%p %o %K %S\n%k%s%h\n"

# `headers`: "NAME=VALUE,NAME=VALUE" in their order.
TopicRecord = namedtuple("TopicRecord", "partition offset key value headers")


def _kcat(bootstrap, *words):
    return subprocess.run(["kcat", "-q", "-b", bootstrap, *words], capture_output=True,
                          timeout=READ_TIMEOUT_S, check=False).stdout


def _ends(bootstrap, topic):
    """By partition; empty where there is no such topic yet."""
    asked = [word for number in range(PARTITIONS) for word in ("-t", f"{topic}:{number}:-1")]
    told = _kcat(bootstrap, "-Q", *asked).decode()
    return {int(number): int(end) for number, end in re.findall(r"\[(\d+)\] offset (\d+)", told)}


def count_records(bootstrap, topic):
    return sum(_ends(bootstrap, topic).values())


def read_topic(bootstrap, topic):
    """All that are there now, in order of partition and offset."""
    out = []
    for partition, end in sorted(_ends(bootstrap, topic).items()):
        if end > 0:
            out += _parsed(_kcat(bootstrap, "-C", "-t", topic, "-p", str(partition), "-o", "0",
                                 "-c", str(end), "-f", FORMAT))
    return out


def _parsed(data):
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        partition, offset, key_size, value_size = map(int, data[at:end].split())
        at = end + 1
        key = data[at:at + key_size] if key_size >= 0 else None
        at += max(key_size, 0)
        value = data[at:at + value_size] if value_size >= 0 else None
        at += max(value_size, 0)
        end = data.index(b"\n", at)
        yield TopicRecord(partition, offset, key, value, data[at:end])
        at = end + 1


def contents(records):
    """What a mirror must not change."""
    return [(each.partition, each.key, each.value, each.headers) for each in records]
