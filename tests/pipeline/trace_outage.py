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
from measured import quantile
from process import wait_until
from trace_times import wait_until_followed
from ways import table_of

TIMEOUT_S = 60
TRACED = ("link", "reparent")
SPANS = 6  # of each of their records
ROWS, EVERY_S = 10, 0.1  # of each table, before and after
# A transaction's rows in each of three tables: 900 rows, 3,600 spans a second.
LOAD_ROWS, LOAD_EVERY_S = 15, 0.05
PORTION = 10  # transactions of each table
SENT_SPANS = 5_000  # of the load, before and after
AWAY_S = 3  # the consumer, at least
STALL_S = 1  # of a busy machine
DELAY_MAX_S = 5  # of the same, at most

Counts = namedtuple("Counts", "made unmade sent dropped waiting failures")
# When, in microseconds, and the counts in between.
Outage = namedtuple("Outage", "killed_at away back_at")


def counts_of(pipeline):
    page = pipeline.page("/metrics")

    def total(name, label=""):
        values = re.findall(rf"^longspan_{name}(?:{{.*{label}.*}})? (\S+)$", page, re.MULTILINE)
        pipeline.suite.check(values, f"there is no longspan_{name} {label}")
        return sum(map(int, values))
    unmade = total("trace_dropped_records_total", 'reason="sink"')
    pipeline.suite.check(total("trace_dropped_records_total") == unmade, "records without spans")
    return Counts(total("trace_spans_total"), unmade, total("exported_spans_total"),
                  total("dropped_spans_total"), total("export_queue_spans"),
                  total("export_failures_total", 'signal="traces"'))


def settled(pipeline, records):
    """The counts when every span of that many records is accounted for."""
    def are_settled():
        counts[:] = counts_of(pipeline)
        made, unmade, sent, dropped, waiting, unused_failures = counts
        return (made + unmade == SPANS * records and waiting == 0 and made == sent + dropped)
    counts = []
    try:
        wait_until("all spans being sent or dropped", TIMEOUT_S, are_settled, [pipeline.mirror])
    finally:
        pipeline.suite.say(f"{SPANS * records} spans are to be made: {Counts(*counts)}")
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
        outage = outage_under_load(pipeline, agent)
        check_delays(pipeline, outage, min(before.values()) + ROWS)
        last = settled(pipeline, records())
        suite.check(last.dropped > 0, f"an outage that costs nothing: {last}")
        # What is lost is what the counters say, and nothing is any more.
        check_rows(pipeline, agent, records, lambda now: now.sent - outage.away.sent, last.dropped)
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
    enough = threading.Event()

    def load():
        while not enough.is_set():
            pipeline.insert(LOAD_ROWS, PORTION, LOAD_EVERY_S)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(load)
        try:
            outage = kill_and_start(pipeline, agent)
        finally:
            enough.set()
        loading.result()
    pipeline.wait_until_seen("every row of the load")
    return outage


def now_us():
    return time.time_ns() // 1000


def kill_and_start(pipeline, agent):
    before = counts_of(pipeline)
    wait_until("spans of the load", TIMEOUT_S,
               lambda: counts_of(pipeline).sent > before.sent + SENT_SPANS, [pipeline.mirror])
    agent.kill()
    killed_at, there = now_us(), counts_of(pipeline)

    def is_noticed():
        counts = counts_of(pipeline)
        is_long = now_us() - killed_at > AWAY_S * 1_000_000
        return (is_long and counts.failures > there.failures and counts.dropped > there.dropped
                and counts)
    away = wait_until("spans being dropped", TIMEOUT_S, is_noticed, [pipeline.mirror])
    back_at = now_us()
    agent.start()
    wait_until("spans being sent again", TIMEOUT_S,
               lambda: counts_of(pipeline).sent > away.sent + SENT_SPANS, [pipeline.mirror])
    return Outage(killed_at, away, back_at)


def check_delays(pipeline, outage, rows_before):
    """From commit to sink, as Postgres and the sink have it: none waited for the consumer."""
    before, away, after = [], [], []
    for mode in TRACED:
        commits = pipeline.tables.commits(table_of(mode))
        for each in pipeline.sink.seen():
            if each.topic == pipeline.target_topic_of(mode) and each.id > rows_before:
                at = commits[each.id][0]
                of = before if at < outage.killed_at else away if at < outage.back_at else after
                of.append((each.seen_at - at) / 1e6)
    for share in (0.5, 0.9):
        # The load's beginning finds everything cold.
        usual = min(quantile(before, share), quantile(after, share))
        then = quantile(away, share)
        pipeline.suite.say(f"commit to sink, {share:.0%}: {usual:.3f} s, of {len(away)} rows"
                           f" without a consumer of spans {then:.3f} s")
        pipeline.suite.check(then <= min(2 * usual + STALL_S, DELAY_MAX_S),
                             "rows waited for the consumer")
