"""ways.py - what is known of each record of a traced table by others than longspan.

Its two forms on the clusters, as kcat reads them; what the sink told; when Postgres committed it.
"""

import json
import re
from collections import namedtuple

from suite import Failed
from topic import read_topic

# `source`, `target`: a TopicRecord; `seen`: a SeenSpan.
Way = namedtuple("Way", "id source target seen commit_us")
# Of one traceparent; all are text.
Context = namedtuple("Context", "trace span flags")

TRACEPARENT = re.compile(rb"traceparent=00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def table_of(mode):
    return f"orders_{mode}"


def headers_of(record):
    """[b"NAME=VALUE"]: no value has a comma here."""
    return record.headers.split(b",")


def context_of(record):
    """Fails where it has not exactly one traceparent."""
    found = [TRACEPARENT.fullmatch(each) for each in headers_of(record)
             if each.startswith(b"traceparent=")]
    if len(found) != 1 or found[0] is None:
        raise Failed(f"not one traceparent: {record.headers}")
    return Context(*(part.decode() for part in found[0].groups()))


def _by_id(records):
    out = {json.loads(each.key)["id"]: each for each in records}
    if len(out) != len(records):
        raise Failed(f"{len(records)} records of {len(out)} rows")
    return out


def ways_of(pipeline, mode):
    """[Way] in the order of ids, of all rows of the mode's table."""
    source = _by_id(read_topic(pipeline.clusters.source, pipeline.topic_of(mode)))
    target = _by_id(read_topic(pipeline.clusters.target, pipeline.target_topic_of(mode)))
    seen = {each.id: each for each in pipeline.sink.seen()
            if each.topic == pipeline.target_topic_of(mode)}
    commits = pipeline.tables.commits(table_of(mode))
    for name, found in (("source", source), ("target", target), ("sink", seen)):
        if set(found) != set(commits):
            raise Failed(f"{mode}: the rows at the {name} are others than those of the table:"
                         f" {sorted(set(found) ^ set(commits))[:10]}")
    return [Way(number, source[number], target[number], seen[number], commits[number][0])
            for number in sorted(commits)]
