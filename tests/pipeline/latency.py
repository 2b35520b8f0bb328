#!/usr/bin/env python3
"""latency.py - the latencies that longspan tells against those that a witness has seen.

Postgres -> Debezium -> source cluster -> longspan run -> target cluster -> a sink. Postgres tells
when each row was committed, the target when it appended the record (LogAppendTime), the sink when
it saw it: all by the clock of this machine. longspan does not know that they are one clock. What it
tells must hold nevertheless: idle, under load, idle again; for values in each of Debezium's forms;
and from a second source whose broker's clock is 5 s ahead.
LONGSPAN_CLUSTERS_ENV names a pair of clusters that run; else a pair is started.
"""

import json
import os
import re
import sys
import time
import urllib.request
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import latency_checks as checks  # noqa: E402
from clusters import Clusters, ShiftedCluster  # noqa: E402
from connect import Connect, avro, debezium, plain_json  # noqa: E402
from opened import Opened  # noqa: E402
from postgres import Postgres  # noqa: E402
from process import Process, wait_until  # noqa: E402
from registries import Apicurio, LongspanRegistry  # noqa: E402
from sink import Sink  # noqa: E402
from suite import main, need  # noqa: E402
from tables import Tables  # noqa: E402
from topic import PARTITIONS  # noqa: E402

SHIFT_S = 5
SNAPSHOT_ROWS = 5  # of each table, there before Debezium is
IDLE_S, IDLE_EVERY_S = 15, 1.0
LOAD_S, LOAD_EVERY_S = 15, 0.02
LOAD_ROWS = {"load": 40, "shifted_load": 20}  # a transaction: 3,000 rows a second in all
DELETED = (2, 7)  # rows of each table that has deletes
STEP_TIMEOUT_S = 180

APPEND, CREATE = "LogAppendTime", "CreateTime"
# `kind`: the target topic's message.timestamp.type; with APPEND the witness knows the append to a
# millisecond, with CREATE, what a mirror usually has, only that it was before the record was seen.
Case = namedtuple("Case", "connector kind delete_records")
CASES = {"idle": Case("plain", APPEND, 0), "load": Case("plain", APPEND, 0),
         "again": Case("plain", CREATE, 2), "beside": Case("beside", CREATE, 2),
         "avro": Case("avro", APPEND, 2), "flat": Case("flat", APPEND, 2),
         "heads": Case("flat", APPEND, 1), "shifted": Case("shifted", APPEND, 2),
         "shifted_load": Case("shifted", APPEND, 0)}
UNWRAP = "io.debezium.transforms.ExtractNewRecordState"


class Pipeline(Opened):
    """All servers, in the order of the data. Names carry our pid: clusters may be shared."""

    cases, shift_s, snapshot_rows = CASES, SHIFT_S, SNAPSHOT_ROWS

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self._began = time.monotonic()
        self.alias, self.shifted_alias = f"east{os.getpid()}", f"north{os.getpid()}"
        self.prefix = f"lat{os.getpid()}"
        self.group = f"sink{os.getpid()}"

    def elapsed_s(self):
        return time.monotonic() - self._began

    def tables_of(self, connector):
        return [table for table, case in CASES.items() if case.connector == connector]

    def follows_all(self, table):
        """Whether longspan's samples are within their budget."""
        return table != "shifted_load"

    def flow_of(self, table):
        alias = self.shifted_alias if CASES[table].connector == "shifted" else self.alias
        return f"{alias}->west"

    def topic_of(self, table):
        return f"{self.prefix}-{CASES[table].connector}.public.{table}"

    def target_topic_of(self, table):
        return f"{self.flow_of(table).split('->', maxsplit=1)[0]}.{self.topic_of(table)}"

    @property
    def heartbeats(self):
        return f"__debezium-heartbeat.{self.prefix}-plain"

    def _start(self):
        suite = self.suite
        self.clusters = Clusters(suite)
        self._open.append(self.clusters.stop)
        self.shifted = ShiftedCluster(suite, SHIFT_S)
        self._open.append(self.shifted.stop)
        self.registry = Apicurio(suite)
        self._open.append(self.registry.kill)
        self.target_registry = LongspanRegistry(suite, "target-registry")
        self._open.append(self.target_registry.kill)
        self.postgres = Postgres(suite)
        self._open.append(self.postgres.stop)
        topics = {self.target_topic_of(table): case.kind for table, case in CASES.items()}
        topics[f"{self.alias}.{self.heartbeats}"] = CREATE
        self.sink = Sink(suite, self.clusters.target, self.group, PARTITIONS, topics)
        self._open.append(self.sink.process.kill)
        suite.say("three clusters, two registries, Postgres and the witness run")
        self.tables = Tables(suite, self.postgres, CASES)
        self._open.append(self.tables.close)
        for table in CASES:
            self.tables.insert(table, SNAPSHOT_ROWS)
        self.tables.wait_until_in(STEP_TIMEOUT_S)
        connect = Connect(suite, self.clusters.source, self._connectors())
        self._open.append(connect.kill)
        suite.say("Debezium reads")
        self.mirror = Process(suite.folder, "longspan-run",
                              [suite.program, "run", self._properties()])
        self._open.append(self.mirror.stop)

    def _connectors(self):
        def connector(name, converters, **options):
            tables = [f"public.{table}" for table in self.tables_of(name)]
            return {**debezium(self.postgres, name, f"{self.prefix}-{name}", tables), **converters,
                    **{key.replace("_", "."): value for key, value in options.items()}}
        flat = connector("flat", plain_json(), transforms="flat,heads", predicates="flat,heads")
        for name, part in (("flat", "fields"), ("heads", "headers")):
            flat |= {f"predicates.{name}.type":
                     "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
                     f"predicates.{name}.pattern": f".*[.]{name}",
                     f"transforms.{name}.type": UNWRAP, f"transforms.{name}.predicate": name,
                     f"transforms.{name}.add.{part}": "op,source.ts_ms,ts_ms"}
        flat["transforms.flat.delete.tombstone.handling.mode"] = "rewrite-with-tombstone"
        flat["transforms.heads.delete.tombstone.handling.mode"] = "tombstone"
        shifted = connector("shifted", plain_json())
        shifted["topic.creation.default.message.timestamp.type"] = APPEND
        for client in ("producer", "admin"):
            shifted[f"{client}.override.bootstrap.servers"] = self.shifted.bootstrap
        return [connector("plain", plain_json(), heartbeat_interval_ms=1000),
                connector("beside", plain_json(has_schemas=True)),
                connector("avro", avro(self.registry)), flat, shifted]

    def _properties(self):
        east, north = f"{self.alias}->west", f"{self.shifted_alias}->west"
        values = {"clusters": f"{self.alias}, {self.shifted_alias}, west",
                  f"{self.alias}.bootstrap.servers": self.clusters.source,
                  f"{self.shifted_alias}.bootstrap.servers": self.shifted.bootstrap,
                  "west.bootstrap.servers": self.clusters.target,
                  f"{self.alias}.schema.registry.url": self.registry.url,
                  "west.schema.registry.url": self.target_registry.url,
                  f"{east}.enabled": "true", f"{north}.enabled": "true",
                  f"{east}.topics": f"{self.prefix}-.*, {re.escape(self.heartbeats)}",
                  f"{north}.topics": f"{self.prefix}-.*",
                  # Each record is followed here; there, what is usual.
                  f"{east}.latency.samples.per.second": 10_000_000,
                  f"{east}.clock.database.dsn":
                  f"postgresql://postgres@127.0.0.1:{self.postgres.port}/postgres",
                  # The target's topics keep the kind of timestamps that they were made with.
                  "sync.topic.configs.enabled": "false",
                  "refresh.topics.interval.seconds": 1, "http.listen": "127.0.0.1:0"}
        path = os.path.join(self.suite.folder, "mirror.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in values.items())
        return path

    def records_of(self, table):
        """How many its rows and deletes make."""
        deleted = len(self.tables.deleted(table))
        return self.tables.counts[table] + CASES[table].delete_records * deleted

    def wait_until_seen(self, tables, what):
        """All that was written to these tables, by the sink."""
        def has_all():
            counts = self.sink.counts()
            return all(counts[self.target_topic_of(table)] >= self.records_of(table)
                       for table in tables)
        wait_until(what, STEP_TIMEOUT_S, has_all,
                   [self.mirror, self.sink.process])

    def page(self, path):
        url = re.search(r" http=(\S+)", self.mirror.log()).group(1).rstrip("/")
        with urllib.request.urlopen(url + path, timeout=30) as answer:
            return answer.read().decode()

    def lag(self):
        return json.loads(self.page("/api/v1/lag"))


def idle(pipeline, tables):
    pipeline.tables.insert_evenly(dict.fromkeys(tables, 1), IDLE_S, IDLE_EVERY_S)
    pipeline.wait_until_seen(tables, "the rows of an idle time")
    pipeline.suite.say(f"idle: {len(tables)} tables, a row a second")


def load(pipeline):
    pipeline.tables.insert_evenly(LOAD_ROWS, LOAD_S, LOAD_EVERY_S)
    pipeline.wait_until_seen(LOAD_ROWS, "the rows of a time of load")
    rate = sum(LOAD_ROWS.values()) / LOAD_EVERY_S
    pipeline.suite.say(f"load: {rate:.0f} rows a second")


def delete(pipeline):
    tables = [table for table, case in CASES.items() if case.delete_records]
    for table in tables:
        for number in DELETED:
            pipeline.tables.delete(table, number)
    pipeline.wait_until_seen(tables, "the deletes")


def run(suite):
    need("kcat", "kcat")
    need("faketime", "faketime")
    with Pipeline(suite) as pipeline:
        pipeline.wait_until_seen(CASES, "the rows of the snapshots")
        suite.say("what was there before is mirrored")
        idle(pipeline, [table for table in CASES if table not in ("again", *LOAD_ROWS)])
        load(pipeline)
        idle(pipeline, ["again"])
        delete(pipeline)
        pipeline.tables.finish()
        checks.check(pipeline)


if __name__ == "__main__":
    main("pipeline_latency", run)
