"""connect.py - Kafka Connect with Debezium: each connector reads tables of its own."""

import json
import os
import urllib.error
import urllib.request
import zipfile

import fetched
from process import JAVA, Process, free_port, start_on_free_ports
from suite import Failed
from topic import PARTITIONS

HERE = os.path.dirname(os.path.abspath(__file__))
READY_TIMEOUT_S = 90
AVRO_CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter"
JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter"
SPANS_EVERY_MS, SPANS_MAX = 200, 20_000


def _converters(name, **options):
    return {f"{part}.converter{key}": value for part in ("key", "value")
            for key, value in {"": name, **options}.items()}


def avro(registry):
    """Avro, with the registry's contentId in four bytes in front, as Confluent's readers want."""
    return _converters(AVRO_CONVERTER, **{
        ".apicurio.registry.url": registry.core_url,
        ".apicurio.registry.auto-register": "true",
        ".apicurio.registry.find-latest": "false",
        ".apicurio.registry.as-confluent": "true",
        ".apicurio.registry.use-id": "contentId",
        ".apicurio.registry.headers.enabled": "false"})


def plain_json(has_schemas=False):
    return _converters(JSON_CONVERTER, **{".schemas.enable": str(has_schemas).lower()})


def debezium(postgres, name, prefix, tables):
    """A connector without its converters. Debezium's own poll interval of 500 ms would rule how
    long everything takes."""
    return {"name": name,
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": 1, "database.hostname": "127.0.0.1", "database.port": postgres.port,
            "database.user": "postgres", "database.password": "unused",
            "database.dbname": "postgres", "topic.prefix": prefix, "plugin.name": "pgoutput",
            "slot.name": name, "publication.name": name,
            "publication.autocreate.mode": "filtered", "table.include.list": ",".join(tables),
            "snapshot.mode": "initial", "poll.interval.ms": 5, "tombstones.on.delete": "true",
            "schema.name.adjustment.mode": "avro", "topic.creation.default.partitions": PARTITIONS,
            "topic.creation.default.replication.factor": 1}


def tracing():
    """Options of a connector: each change is a span, and its record's headers tell the trace."""
    return {"transforms": "tracing",
            "transforms.tracing.type": "io.debezium.transforms.tracing.ActivateTracingSpan",
            "transforms.tracing.tracing.with.context.field.only": "false"}


def _tracing_jvm(spans_to):
    """Properties of OpenTelemetry's SDK, which takes no others where a plugin brings it."""
    values = {"java.global-autoconfigure.enabled": "true", "service.name": "debezium",
              "traces.exporter": "zipkin", "exporter.zipkin.endpoint": spans_to,
              "metrics.exporter": "none", "logs.exporter": "none", "propagators": "tracecontext",
              "bsp.schedule.delay": SPANS_EVERY_MS, "bsp.max.queue.size": SPANS_MAX}
    return [f"-Dotel.{key}={value}" for key, value in values.items()]


def _plugins(suite, poms):
    """A plugin path with Debezium and the converter. The converter's manifest is written here:
    without one Connect would load every class there is to find it, which takes longer."""
    plugins = os.path.join(suite.folder, "plugins")
    plugin = os.path.join(plugins, "debezium")
    os.makedirs(plugin)
    jars = {name: os.path.join(folder, name) for pom in poms
            for folder in [fetched.jars(suite, os.path.join(HERE, pom))]
            for name in os.listdir(folder)}
    for name, path in jars.items():
        os.symlink(path, os.path.join(plugin, name))
    with zipfile.ZipFile(os.path.join(plugin, "manifest.jar"), "w") as jar:
        jar.writestr("META-INF/services/org.apache.kafka.connect.storage.Converter",
                     f"{AVRO_CONVERTER}\n")
    return plugins


def _worker(suite, bootstrap, plugins, port):
    return {"bootstrap.servers": bootstrap, "listeners": f"http://127.0.0.1:{port}",
            "offset.storage.file.filename": os.path.join(suite.folder, "connect.offsets"),
            "offset.flush.interval.ms": 1000, "plugin.path": plugins,
            "plugin.discovery": "service_load", **plain_json()}


def _written(path, values):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key}={value}\n" for key, value in values.items())
    return path


class Connect:
    """Runs when the tasks of its connectors do. `spans_to`: the URL of a Zipkin."""

    def __init__(self, suite, bootstrap, connectors, spans_to=None):
        classes = fetched.jars(suite, os.path.join(HERE, "connect.pom.xml"))
        files = [_written(os.path.join(suite.folder, f"{each['name']}.properties"), each)
                 for each in connectors]
        self._names = [each["name"] for each in connectors]
        plugins = _plugins(suite, ["debezium.pom.xml"] + (["tracing.pom.xml"] if spans_to else []))
        self._port = 0

        def start():
            self._port = free_port()
            worker = _written(os.path.join(suite.folder, "worker.properties"),
                              _worker(suite, bootstrap, plugins, self._port))
            return Process(suite.folder, "connect", [
                *JAVA, *(_tracing_jvm(spans_to) if spans_to else []),
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                "-cp", f"{classes}/*", "org.apache.kafka.connect.cli.ConnectStandalone",
                worker, *files], cwd=suite.folder)

        self.process = start_on_free_ports(start, lambda unused: self.is_reading(),
                                           READY_TIMEOUT_S)

    def is_reading(self):
        return all(map(self._reads, self._names))

    def _reads(self, name):
        url = f"http://127.0.0.1:{self._port}/connectors/{name}/status"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                status = json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        for part in [status["connector"], *status["tasks"]]:
            if part["state"] == "FAILED":
                raise Failed(f"Debezium: {part.get('trace')}")
        return any(task["state"] == "RUNNING" for task in status["tasks"])

    def kill(self):
        self.process.kill()
