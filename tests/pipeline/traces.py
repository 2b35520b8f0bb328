#!/usr/bin/env python3
"""traces.py - one trace from Debezium through longspan to a sink, in Zipkin.

Postgres -> Debezium -> source cluster -> longspan run -> target cluster -> a sink. Debezium, the
sink and longspan each send spans by themselves; OpenTelemetry's own libraries write and read the
headers on both sides. A table for each mode: what Zipkin then has, what the headers are, and
whether the spans' times agree with `longspan lag`, with Postgres and with the sink. Then longspan
sends to a consumer of OTLP, which is killed under load.
LONGSPAN_CLUSTERS_ENV names a pair of clusters that run; else a pair is started.
LONGSPAN_PICTURES_TO names a folder for pictures of Zipkin's pages.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import trace_checks  # noqa: E402
import trace_outage  # noqa: E402
import trace_pictures  # noqa: E402
import trace_rows  # noqa: E402
import trace_times  # noqa: E402
from clusters import Clusters  # noqa: E402
from collectors import Zipkin  # noqa: E402
from connect import Connect, debezium, plain_json, tracing  # noqa: E402
from opened import Opened  # noqa: E402
from postgres import Postgres  # noqa: E402
from process import Process, wait_until  # noqa: E402
from spans_seen import TracedSink  # noqa: E402
from suite import main, need  # noqa: E402
from tables import Tables  # noqa: E402
from topic import PARTITIONS  # noqa: E402
from ways import table_of, ways_of  # noqa: E402

MODES = ("preserve", "link", "reparent")
WARM_ROWS, ROWS, EVERY_S = 10, 40, 0.1  # of each table
STEP_TIMEOUT_S = 120


class Pipeline(Opened):
    """All servers, in the order of the data. Names carry our pid: clusters may be shared."""

    partitions, warm_rows = PARTITIONS, WARM_ROWS

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self.alias, self.prefix = f"east{os.getpid()}", f"shop{os.getpid()}"
        self.group = f"billing{os.getpid()}"
        self.flow = f"{self.alias}->west"

    def topic_of(self, mode):
        return f"{self.prefix}.public.{table_of(mode)}"

    def target_topic_of(self, mode):
        return f"{self.alias}.{self.topic_of(mode)}"

    def _row_topic(self, side):
        name = f"{self.prefix}.public.{trace_rows.TABLE}"
        return name if side == "source" else f"{self.alias}.{name}"

    def _start(self):
        suite = self.suite
        self.clusters = Clusters(suite)
        self._open.append(self.clusters.stop)
        self.zipkin = Zipkin(suite)
        self._open.append(self.zipkin.kill)
        self.postgres = Postgres(suite)
        self._open.append(self.postgres.stop)
        self.sink = TracedSink(suite, self.clusters.target, self.group, PARTITIONS,
                               [*map(self.target_topic_of, MODES), self._row_topic("target")],
                               self.zipkin.url)
        self._open.append(self.sink.process.kill)
        suite.say("two clusters, Zipkin, Postgres and the sink run")
        self.tables = Tables(suite, self.postgres, list(map(table_of, MODES)))
        self._open.append(self.tables.close)
        trace_rows.create(self.postgres)
        tables = [f"public.{table}" for table in (*map(table_of, MODES), trace_rows.TABLE)]
        connector = {**debezium(self.postgres, "shop", self.prefix, tables), **plain_json(),
                     **tracing(), **trace_rows.without_spans(trace_rows.TABLE)}
        connect = Connect(suite, self.clusters.source, [connector], self.zipkin.url)
        self._open.append(connect.kill)
        suite.say("Debezium reads")
        self.mirror = None
        self._open.append(lambda: self.mirror and self.mirror.stop())
        self.start_mirror("zipkin", self.zipkin.url)

    def start_mirror(self, exporter, url):
        """One that was started before has ended by itself."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("OTEL_")}
        self.properties = self._properties(exporter, url)
        self.mirror = Process(self.suite.folder, f"longspan-{exporter}",
                              [self.suite.program, "run", self.properties],
                              env={**environment, "OTEL_BSP_SCHEDULE_DELAY": "200"})
        self._page = wait_until("its address", STEP_TIMEOUT_S,
                                lambda: re.search(r" http=(\S+)", self.mirror.log()),
                                [self.mirror]).group(1).rstrip("/")

    def stop_mirror(self):
        code = self.mirror.stop()
        self.suite.check(code == 0, f"longspan ends with {code}: {self.mirror.last_words()}")

    def _properties(self, exporter, url):
        values = {"clusters": f"{self.alias}, west",
                  f"{self.alias}.bootstrap.servers": self.clusters.source,
                  "west.bootstrap.servers": self.clusters.target,
                  f"{self.flow}.enabled": "true",
                  f"{self.flow}.topics": f"{self.prefix}[.].*",
                  f"{self.flow}.trace.link.topics": re.escape(self.topic_of("link")),
                  f"{self.flow}.trace.reparent.topics":
                  f"{re.escape(self.topic_of('reparent'))}, {re.escape(self._row_topic('source'))}",
                  # Each record is followed here, and has spans.
                  f"{self.flow}.latency.samples.per.second": 10_000_000,
                  f"{self.flow}.trace.records.per.second": 1_000_000,
                  f"{self.flow}.clock.database.dsn":
                  f"postgresql://postgres@127.0.0.1:{self.postgres.port}/postgres",
                  "trace.exporter": exporter, "trace.endpoint": url,
                  "refresh.topics.interval.seconds": 1, "http.listen": "127.0.0.1:0"}
        path = os.path.join(self.suite.folder, f"mirror-{exporter}.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in values.items())
        return path

    def insert(self, rows, turns, every_s=EVERY_S):
        """At that pace so many rows in each table, a transaction each."""
        self.tables.insert_evenly({table_of(mode): rows for mode in MODES}, turns * every_s,
                                  every_s)

    def wait_until_seen(self, what):
        """All that was written to the tables, by the sink."""
        def has_all():
            counts = self.sink.counts()
            return all(counts[self.target_topic_of(mode)] >= self.tables.counts[table_of(mode)]
                       for mode in MODES)
        wait_until(what, STEP_TIMEOUT_S, has_all, [self.mirror, self.sink.process])

    def page(self, path):
        with urllib.request.urlopen(self._page + path, timeout=30) as answer:
            return answer.read().decode()

    def lag(self):
        return json.loads(self.page("/api/v1/lag"))


def verify(pipeline):
    """The program's own proof, and the bytes of what is not to be rewritten."""
    suite = pipeline.suite
    done = subprocess.run([suite.program, "verify", pipeline.properties, "--json"], text=True,
                          capture_output=True, timeout=STEP_TIMEOUT_S, check=False)
    suite.check(done.returncode == 0, f"verify: {done.returncode} {done.stdout} {done.stderr}")
    partitions = json.loads(done.stdout)["partitions"]
    for mode in MODES:
        rows = pipeline.tables.counts[table_of(mode)]
        tallies = [each["tally"] for each in partitions if each["topic"] == pipeline.topic_of(mode)]
        equal, twice = (sum(each[what] for each in tallies) for what in ("equal", "twice"))
        suite.check((equal, twice) == (rows, 0), f"verify: {mode}, {rows} rows: {tallies}")
        suite.say(f"verify: {equal} records of {mode} are equal")


def run(suite):
    need("kcat", "kcat")
    with Pipeline(suite) as pipeline:
        pipeline.insert(1, WARM_ROWS)
        pipeline.wait_until_seen("the first rows at the sink")
        trace_times.wait_until_followed(pipeline, MODES)
        pipeline.insert(1, ROWS)
        pipeline.wait_until_seen("the rows at the sink")
        trace_times.wait_until_counted(pipeline, MODES, ROWS)
        suite.say(f"{WARM_ROWS + ROWS} rows of each table are at the sink")
        for mode in reversed(MODES):  # what comes late does not escape `preserve`
            ways = ways_of(pipeline, mode)
            spans = trace_checks.check(pipeline, mode, ways)
            if mode != "preserve":
                trace_times.check(pipeline, mode, ways, spans)
            trace_pictures.take(pipeline, mode, spans[-1])
        trace_rows.check(pipeline)
        trace_outage.check(pipeline)
        verify(pipeline)


if __name__ == "__main__":
    main("pipeline_traces", run)
