#!/usr/bin/env python3
"""pipeline.py - change data capture over two regions: the target's registry alone must do.

Postgres -> Debezium (Avro, schema ids of Apicurio) -> source cluster -> longspan run -> target
cluster, beside it `longspan registry`. Rows keep coming while a column is added and while the
target's registry is killed and comes back empty. Then a consumer that knows nothing but the target
decodes every record, and every row must be there with its columns.
On the way longspan asks Postgres for its time.
LONGSPAN_CLUSTERS_ENV names a pair of clusters that run; else a pair is started.
"""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import fetched  # noqa: E402
from clusters import Clusters  # noqa: E402
from connect import Connect, avro, debezium  # noqa: E402
from opened import Opened  # noqa: E402
from postgres import Orders, Postgres  # noqa: E402
from process import Process, wait_until  # noqa: E402
from registries import Apicurio, LongspanRegistry  # noqa: E402
from registry_api import call, get, holdings  # noqa: E402
from suite import Failed, main, need  # noqa: E402
from topic import contents, count_records, read_topic  # noqa: E402

FASTAVRO = "fastavro==1.13.1"
ROWS_BEFORE = 100  # of each step
FILLERS = 5
STEP_TIMEOUT_S = 60
PASSWORD = "nobody-may-see-this"  # the database asks for none
COMMAND_TIMEOUT_S = 60


class Pipeline(Opened):
    """All servers, in the order of the data. Names carry our pid: clusters may be shared."""

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self.alias = f"east{os.getpid()}"
        self.prefix = f"shop{os.getpid()}"
        self.topic = f"{self.prefix}.{Orders.TABLE}"
        self.target_topic = f"{self.alias}.{self.topic}"
        self.clusters = self.orders = self.mirror = None
        self.source_registry = self.target_registry = None

    def _start(self):
        suite = self.suite
        self.decoder = fetched.python_with(suite, FASTAVRO)
        self.clusters = Clusters(suite)
        self._open.append(self.clusters.stop)
        self.source_registry = Apicurio(suite)
        self._open.append(self.source_registry.kill)
        fill_source(self.source_registry)
        self.open_target_registry(0)
        self._open.append(lambda: self.target_registry.kill())
        postgres = Postgres(suite)
        self._open.append(postgres.stop)
        suite.say("two clusters, two registries and Postgres run")
        self.orders = Orders(suite, postgres)
        self._open.append(self.orders.stop)
        self.postgres = postgres
        self.wait_for_rows(ROWS_BEFORE)  # these come by Debezium's snapshot
        connect = Connect(suite, self.clusters.source, [
            {**debezium(postgres, "orders", self.prefix, [Orders.TABLE]),
             **avro(self.source_registry)}])
        self._open.append(connect.kill)
        suite.say("Debezium reads")
        self.file = self._properties()
        self.mirror = Process(suite.folder, "longspan-run", [suite.program, "run", self.file])
        self._open.append(self.mirror.stop)

    def open_target_registry(self, port):
        self.target_registry = LongspanRegistry(self.suite, "target-registry", port)

    def _properties(self):
        flow = f"{self.alias}->west"
        values = {"clusters": f"{self.alias}, west",
                  f"{self.alias}.bootstrap.servers": self.clusters.source,
                  "west.bootstrap.servers": self.clusters.target,
                  f"{self.alias}.schema.registry.url": self.source_registry.url,
                  "west.schema.registry.url": self.target_registry.url,
                  f"{flow}.enabled": "true", f"{flow}.topics": f"{self.prefix}[.].*",
                  "refresh.topics.interval.seconds": 1, "http.listen": "127.0.0.1:0",
                  "clock.database.dsn": f"postgresql://postgres:{PASSWORD}@127.0.0.1:"
                                        f"{self.postgres.port}/postgres"}
        path = os.path.join(self.suite.folder, "mirror.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in values.items())
        return path

    def wait_for_rows(self, count):
        wait_until(f"{count} rows", STEP_TIMEOUT_S, lambda: len(self.orders.rows) >= count)

    def wait_until_mirrored(self, count):
        wait_until(f"{count} records of {self.target_topic}", STEP_TIMEOUT_S,
                   lambda: count_records(self.clusters.target, self.target_topic) >= count,
                   [self.mirror])

    def versions(self):
        """Of the values, on the target: {version: (id, schema)}."""
        held = holdings(self.target_registry.url) or {}
        return held.get(f"{self.target_topic}-value", {})

    def longspan(self, *words):
        """Exit code and output of a command about the flow."""
        done = subprocess.run([self.suite.program, *words, self.file], capture_output=True,
                              text=True, timeout=COMMAND_TIMEOUT_S, check=False)
        return done.returncode, done.stdout + done.stderr


def fill_source(registry):
    """Apicurio's own default is compatibility NONE; others' is BACKWARD, and `diff` would tell of
    it. The fillers move its ids away from those that the target would give out by itself. As each
    is registered twice, which is what converters do every half a minute, it uses up a contentId
    that nobody will ever have."""
    call(registry.url, "PUT", "/config", {"compatibility": "BACKWARD"})
    for number in range(FILLERS):
        for unused in ("once", "and again"):
            schema = {"type": "fixed", "name": f"Filler{number}", "size": 1}
            answer = call(registry.core_url, "POST",
                          "/groups/default/artifacts?ifExists=RETURN_OR_UPDATE", schema,
                          {"Content-Type": "application/json",
                           "X-Registry-ArtifactId": f"filler{number}",
                           "X-Registry-ArtifactType": "AVRO"})
            if answer.status != 200:
                raise Failed(f"Apicurio takes no filler: {answer.text}")


def mirror_rows(pipeline):
    pipeline.wait_until_mirrored(2 * ROWS_BEFORE)
    wait_until("the schemas of the first rows", STEP_TIMEOUT_S, pipeline.versions,
               [pipeline.mirror])
    pipeline.suite.say(f"rows are mirrored, {len(pipeline.versions())} schema(s) of their values")


def add_a_column(pipeline):
    pipeline.orders.add_note_column()

    def has_note():
        return any('"note"' in schema for unused, schema in pipeline.versions().values())
    wait_until("a schema with the new column", STEP_TIMEOUT_S, has_note, [pipeline.mirror])
    pipeline.suite.say("a column was added, its schema is there")


def lose_the_registry(pipeline):
    url = pipeline.target_registry.url
    before = holdings(url)
    pipeline.target_registry.kill()
    pipeline.open_target_registry(pipeline.target_registry.port)
    pipeline.suite.check(pipeline.target_registry.url == url, "the registry has another port")
    rows = len(pipeline.orders.rows)
    wait_until("the registry being filled again", STEP_TIMEOUT_S,
               lambda: _covers(holdings(url), before), [pipeline.mirror])
    pipeline.suite.check(len(pipeline.orders.rows) > rows, "no rows came meanwhile")
    pipeline.suite.say("the registry was killed, came back empty and was filled again")


def _covers(held, before):
    """Whether everything of `before` is there, under the same versions and ids."""
    return held is not None and all(
        held.get(subject, {}).get(version) == what
        for subject, versions in before.items() for version, what in versions.items())


def end_of_traffic(pipeline):
    """An update and a delete, too; then all of the source's records must be on the target."""
    pipeline.wait_for_rows(len(pipeline.orders.rows) + ROWS_BEFORE)
    pipeline.orders.stop()
    table = Orders.TABLE
    pipeline.postgres.run(f"UPDATE {table} SET customer = 'changed' WHERE id = 1;"
                          f" DELETE FROM {table} WHERE id = 2")
    records = len(pipeline.orders.rows) + 3  # the update, the delete and its tombstone
    wait_until(f"{records} records at the source", STEP_TIMEOUT_S,
               lambda: count_records(pipeline.clusters.source, pipeline.topic) >= records)
    pipeline.wait_until_mirrored(records)
    source = read_topic(pipeline.clusters.source, pipeline.topic)
    target = read_topic(pipeline.clusters.target, pipeline.target_topic)
    pipeline.suite.check(contents(source) == contents(target), "the target has other bytes")
    pipeline.suite.check(len(source) == records, f"{len(source)} records, not {records}")


def see_the_databases_clock(pipeline):
    """It is this machine's: 0 must lie within, and then nothing of the whole way is assumed."""
    check, log = pipeline.suite.check, pipeline.mirror.log()
    url = re.search(r"http=(http://[0-9.:]+)", log).group(1)
    answer = get(url, "/api/v1/lag")
    flow = answer.body["flows"][0]
    clock = next(each for each in flow["clocks"] if each["clock"] == "database")
    check(clock["low_s"] <= 0 <= clock["high_s"] and not clock["assumed"], f"{clock}")
    hops = next(topic["latency"]["hops"] for topic in flow["topics"]
                if topic["source"] == pipeline.topic)
    whole = hops["commit_to_target_append"]
    check(not whole["assumed"], f"from commit to target: {whole}")
    check(PASSWORD not in log + json.dumps(answer.body), "the password is shown")
    width = clock["high_s"] - clock["low_s"]
    pipeline.suite.say(f"the database's clock is known to {1000 * width:.1f} ms")


def decode_at_the_target(pipeline):
    done = subprocess.run(
        [pipeline.decoder, "-B", os.path.join(HERE, "decode.py"), pipeline.clusters.target,
         pipeline.target_topic, pipeline.target_registry.url],
        capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, check=False)
    pipeline.suite.check(done.returncode == 0, f"decoding: {done.stderr}")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    ids = {record["value"]["id"] for record in records if record["value"]}
    keys = {record["key"]["id"] for record in records}
    _check_rows(pipeline, records)
    pipeline.suite.check(len(ids) >= 2, f"the values carry ids {sorted(ids)}: not several")
    _check_ids(pipeline, ids | keys)
    pipeline.suite.say(f"{len(records)} records decode with the target's registry alone;"
                       f" ids of keys {sorted(keys)}, of values {sorted(ids)}")


def _check_ids(pipeline, ids):
    """They are Apicurio's contentIds, which its Confluent API speaks of, too; not its globalIds."""
    registry = pipeline.source_registry
    for number in ids:
        schema = json.loads(get(registry.url, f"/schemas/ids/{number}").body["schema"])
        content = get(registry.core_url, f"/ids/contentIds/{number}").body
        other = get(registry.core_url, f"/ids/globalIds/{number}").body
        pipeline.suite.check(content == schema, f"id {number} is no contentId")
        pipeline.suite.check(other != schema, f"id {number} is a globalId, too")


def _check_rows(pipeline, records):
    """Each row that was inserted is there once, with its columns; and what became of two."""
    check, rows = pipeline.suite.check, pipeline.orders.rows
    values = [record["value"]["content"] for record in records if record["value"]]
    inserted = [value["after"] for value in values if value["op"] in ("r", "c")]
    check(len(inserted) == len(rows), f"{len(inserted)} rows were inserted, not {len(rows)}")
    for row in inserted:
        wanted = {name: f"{value:.2f}" if name == "amount" else value
                  for name, value in rows[row["id"]].items()}
        # A row that was inserted before the column may be read with it: then it has none.
        seen = {name: value for name, value in row.items() if name != "note" or value is not None}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        check(seen == wanted, f"a row is {row}, not {wanted}")
        if "note" in rows[row["id"]]:
            check("note" in row, f"a row has lost its column: {row}")
    updates = [value["after"] for value in values if value["op"] == "u"]
    check([row["customer"] for row in updates] == ["changed"], f"updates: {updates}")
    deletes = [value["before"]["id"] for value in values if value["op"] == "d"]
    check(deletes == [2], f"deletes: {deletes}")
    tombstones = [record["key"]["content"] for record in records if record["value"] is None]
    check(tombstones == [{"id": 2}], f"tombstones: {tombstones}")


def longspan_agrees(pipeline):
    """Settings follow the schemas within a tick or two."""
    answers = {}

    def is_equal(*words):
        answers[words] = pipeline.longspan(*words)
        return answers[words][0] == 0
    for words in (("schemas", "diff"), ("schemas", "verify")):
        try:
            wait_until(" ".join(words), STEP_TIMEOUT_S // 3, lambda: is_equal(*words))
        except Failed as failed:
            raise Failed(f"{failed}: {answers[words]}") from failed
        pipeline.suite.say(answers[words][1].strip().splitlines()[-1])


def run(suite):
    need("kcat", "kcat")
    with Pipeline(suite) as pipeline:
        mirror_rows(pipeline)
        add_a_column(pipeline)
        lose_the_registry(pipeline)
        end_of_traffic(pipeline)
        see_the_databases_clock(pipeline)
        decode_at_the_target(pipeline)
        longspan_agrees(pipeline)


if __name__ == "__main__":
    main("pipeline_schemas", run)
