"""trace_rows.py - a trace that stands in the row only.

The application wrote it into the column that Debezium's ActivateTracingSpan reads, and this table's
changes do not go through that.

The copy's header is the first that names it, and what the sink does is in that trace.
"""

import uuid

from process import wait_until
from topic import read_topic
from trace_checks import SPANS_TIMEOUT_S, name_of
from ways import context_of

TABLE, COLUMN = "orders_row", "tracingspancontext"
PARENT = "b7ad6b7169203331"
ROWS = 3


def without_spans(table):
    """Options of a connector with tracing(): the changes of a table have none."""
    return {"predicates": "row", "transforms.tracing.predicate": "row",
            "transforms.tracing.negate": "true",
            "predicates.row.type":
            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
            "predicates.row.pattern": f".*[.]{table}"}


def create(postgres):
    postgres.run(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, {COLUMN} text)")


def check(pipeline):
    """Each of the rows is a trace of its own."""
    suite = pipeline.suite
    source, target = (f"{pipeline.prefix}.public.{TABLE}",
                      f"{pipeline.alias}.{pipeline.prefix}.public.{TABLE}")
    traces = [uuid.uuid4().hex for _ in range(ROWS)]
    for number, trace in enumerate(traces):
        pipeline.postgres.run(f"INSERT INTO {TABLE} VALUES ({number},"
                              f" E'#now\\ntraceparent=00-{trace}-{PARENT}-01\\n')")
    wait_until("the rows with a trace at the sink", SPANS_TIMEOUT_S,
               lambda: pipeline.sink.counts()[target] == ROWS, [pipeline.sink.process])
    was = {each.key: each for each in read_topic(pipeline.clusters.source, source)}
    now = {each.key: each for each in read_topic(pipeline.clusters.target, target)}
    suite.check(len(was) == ROWS and set(was) == set(now), f"{sorted(was)} came as {sorted(now)}")
    suite.check(not any(b"traceparent=" in each.headers for each in was.values()),
                "a source record has a header of its own")
    found = {context_of(each).trace: context_of(each) for each in now.values()}
    suite.check(set(found) == set(traces), f"written {traces}, found {found}")
    for trace in traces:
        spans = []

        def has_all(trace=trace, spans=spans):
            spans[:] = pipeline.zipkin.trace(trace)
            return {f"longspan: mirror {source}", f"sink: {target} receive"} <= {
                name_of(each) for each in spans}
        wait_until(f"the spans of {trace}", SPANS_TIMEOUT_S, has_all)
        by_name = {name_of(each): each for each in spans}
        mirror, send = (by_name[f"longspan: {word}"]
                        for word in (f"mirror {source}", f"send {target}"))
        sink = by_name[f"sink: {target} receive"]
        suite.check(mirror.get("parentId") == PARENT, f"{trace}: the hop's parent: {mirror}")
        suite.check(found[trace].span == send["id"] == sink["parentId"],
                    f"{trace}: the copy names {found[trace]}, the sink's parent is {sink}")
        check_batch(pipeline, by_name[f"longspan: poll {source}"], trace)
    suite.say(f"{ROWS} traces that stand in rows only go on through the copies to the sink")


def check_batch(pipeline, poll, trace):
    """The batch that it came in is a trace of its own; both lead to each other."""
    batch = poll["tags"]["link.trace_id"]
    spans = []

    def is_there():
        spans[:] = pipeline.zipkin.trace(batch)
        return spans
    wait_until(f"the batch {batch}", SPANS_TIMEOUT_S, is_there)
    tags = spans[0]["tags"]
    pipeline.suite.check(len(spans) == 1 and spans[0]["id"] == poll["tags"]["link.span_id"]
                         and trace in tags.values()
                         and int(tags["messaging.batch.message_count"]) >= 1,
                         f"{trace} came in the batch {spans}")
