"""trace_outage.py - a consumer of OTLP is killed under load and comes back.

What is mirrored does not notice. Every span that was made is sent or counted as dropped, what was
sent is what the consumer has, and later records have all their spans again.
"""

import contextlib
import re
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from collectors import OtlpAgent
from process import wait_until
from topic import count_records
from trace_times import wait_until_followed
from ways import table_of

TIMEOUT_S = 60
TRACED = ("link", "reparent")
SPANS = 6  # of each of their records
ROWS, EVERY_S = 10, 0.1  # of each table, before and after
# A transaction's rows in each of three tables: 300 rows, 1,200 spans a second.
LOAD_ROWS, LOAD_EVERY_S = 5, 0.05
PORTION = 10  # transactions of each table
SENT_SPANS = 2_000  # of the load, before and after
AWAY_S = 4  # the consumer, at least
BEHIND_MAX = LOAD_ROWS / LOAD_EVERY_S  # records of a topic: one second's

Counts = namedtuple("Counts", "made batches unmade sent dropped waiting failures")


def counts_of(pipeline):
    page = pipeline.page("/metrics")

    def total(name, label=""):
        values = re.findall(rf"^longspan_{name}(?:{{.*{label}.*}})? (\S+)$", page, re.MULTILINE)
        pipeline.suite.check(values, f"there is no longspan_{name} {label}")
        return sum(map(int, values))
    unmade = total("trace_dropped_records_total", 'reason="sink"')
    pipeline.suite.check(total("trace_dropped_records_total") == unmade, "records without spans")
    return Counts(total("trace_spans_total"), total("trace_batches_total"), unmade,
                  total("exported_spans_total"),
                  total("dropped_spans_total"), total("export_queue_spans"),
                  total("export_failures_total", 'signal="traces"'))


def settled(pipeline, records):
    """The counts when every span of that many records is accounted for."""
    def are_settled():
        counts[:] = counts_of(pipeline)
        made, batches, unmade, sent, dropped, waiting, unused_failures = counts
        return (made - batches + unmade == SPANS * records and 0 < batches <= records
                and waiting == 0 and made == sent + dropped)
    counts = []
    try:
        wait_until("all spans being sent or dropped", TIMEOUT_S, are_settled, [pipeline.mirror])
    finally:
        pipeline.suite.say(f"{SPANS * records} spans and those of batches are to be made:"
                           f" {Counts(*counts)}")
    return Counts(*counts)


def check(pipeline):
    suite = pipeline.suite
    pipeline.stop_mirror()
    with contextlib.ExitStack() as stack:
        agent = OtlpAgent(suite)
        stack.callback(agent.kill)
        pipeline.start_mirror("otlp", agent.url)
        wait_until_followed(pipeline, TRACED)
        before = {mode: pipeline.tables.counts[table_of(mode)] for mode in TRACED}

        def records():
            return sum(pipeline.tables.counts[table_of(mode)] - before[mode] for mode in TRACED)
        check_rows(pipeline, agent, records, lambda last: last.sent)
        away = outage_under_load(pipeline, agent)
        last = settled(pipeline, records())
        suite.check(last.dropped > 0, f"an outage that costs nothing: {last}")
        # What is lost is what the counters say, and nothing is any more.
        check_rows(pipeline, agent, records, lambda now: now.sent - away.sent, last.dropped)
        pipeline.stop_mirror()


def check_rows(pipeline, agent, records, received_of, dropped=0):
    """A few rows lose no span, and what was sent to a consumer is what it has."""
    pipeline.insert(1, ROWS, EVERY_S)
    pipeline.wait_until_seen("a few rows at the sink")
    counts = settled(pipeline, records())
    received = agent.spans()
    pipeline.suite.check(len(received) == received_of(counts) and counts.dropped == dropped,
                         f"{len(received)} spans are received, {received_of(counts)} were sent;"
                         f" {dropped} were dropped: {counts}")
    check_received(pipeline, received)


def check_received(pipeline, received):
    """As OpenTelemetry's own messages decode them, of the last rows."""
    check = pipeline.suite.check
    ids = {(span["traceId"], span["spanId"]) for span in received}
    check(len(ids) == len(received), f"{len(received)} spans of {len(ids)} ids")
    links = {(link["traceId"], link["spanId"]): span["traceId"]
             for span in received for link in span.get("links", ())}
    for mode in TRACED:
        topic = pipeline.target_topic_of(mode)
        for each in [each for each in pipeline.sink.seen() if each.topic == topic][-ROWS:]:
            trace = links.get((each.trace, each.parent)) if mode == "link" else each.trace
            names = [span["name"].split(" ")[0] for span in received if span["traceId"] == trace]
            check(sorted(names) == sorted(("mirror", "capture", "poll", "queue", "send", "commit")),
                  f"{mode}, row {each.id}: the spans {names} were received")
            check(mode == "link" or (each.trace, each.parent) in ids,
                  f"row {each.id}: the sink's parent {each.parent} was not received")


def outage_under_load(pipeline, agent):
    """The counts while the consumer was away."""
    enough = threading.Event()

    def load():
        while not enough.is_set():
            pipeline.insert(LOAD_ROWS, PORTION, LOAD_EVERY_S)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(load)
        try:
            away = kill_and_start(pipeline, agent)
        finally:
            enough.set()
        loading.result()
    pipeline.wait_until_seen("every row of the load")
    return away


def behind(pipeline):
    """Records of the traced topics that are not on the target, as the brokers have it. The source
    is asked first: where asking takes long this is too little, unless the target stands still."""
    there = sum(count_records(pipeline.clusters.source, pipeline.topic_of(mode))
                for mode in TRACED)
    return there - sum(count_records(pipeline.clusters.target, pipeline.target_topic_of(mode))
                       for mode in TRACED)


def kill_and_start(pipeline, agent):
    before = counts_of(pipeline)
    wait_until("spans of the load", TIMEOUT_S,
               lambda: counts_of(pipeline).sent > before.sent + SENT_SPANS, [pipeline.mirror])
    agent.kill()
    killed_at, there, late = time.monotonic(), counts_of(pipeline), []

    def is_noticed():
        counts, away_s = counts_of(pipeline), time.monotonic() - killed_at
        if away_s > AWAY_S - 1:
            late.append(behind(pipeline))
        return (away_s > AWAY_S and counts.failures > there.failures
                and counts.dropped > there.dropped and counts)
    away = wait_until("spans being dropped", TIMEOUT_S, is_noticed, [pipeline.mirror])
    pipeline.suite.say(f"the consumer is away, behind is the mirror by {late} records")
    # Who waited for it would be seconds behind by now.
    pipeline.suite.check(min(late) <= BEHIND_MAX * len(TRACED), "records wait for the consumer")
    agent.start()
    wait_until("spans being sent again", TIMEOUT_S,
               lambda: counts_of(pipeline).sent > away.sent + SENT_SPANS, [pipeline.mirror])
    return away
