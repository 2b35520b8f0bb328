"""connect.py - Kafka Connect with one connector: Debezium, which reads the table of orders."""

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
CONNECTOR = "orders"
CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter"


def _converter(part, registry):
    """Avro, with the registry's contentId in four bytes in front, as Confluent's readers want."""
    options = {"": CONVERTER,
               "apicurio.registry.url": registry.core_url,
               "apicurio.registry.auto-register": "true",
               "apicurio.registry.find-latest": "false",
               "apicurio.registry.as-confluent": "true",
               "apicurio.registry.use-id": "contentId",
               "apicurio.registry.headers.enabled": "false"}
    return {f"{part}.converter.{key}".rstrip("."): value for key, value in options.items()}


def _plugins(suite):
    """A plugin path with Debezium and the converter. The converter's manifest is written here:
    without one Connect would load every class there is to find it, which takes longer."""
    plugins = os.path.join(suite.folder, "plugins")
    jars = fetched.jars(suite, os.path.join(HERE, "debezium.pom.xml"))
    plugin = os.path.join(plugins, "debezium")
    os.makedirs(plugin)
    for name in os.listdir(jars):
        os.symlink(os.path.join(jars, name), os.path.join(plugin, name))
    with zipfile.ZipFile(os.path.join(plugin, "manifest.jar"), "w") as jar:
        jar.writestr("META-INF/services/org.apache.kafka.connect.storage.Converter",
                     f"{CONVERTER}\n")
    return plugins


def _worker(suite, bootstrap, registry, plugins, port):
    return {"bootstrap.servers": bootstrap, "listeners": f"http://127.0.0.1:{port}",
            "offset.storage.file.filename": os.path.join(suite.folder, "connect.offsets"),
            "offset.flush.interval.ms": 1000, "plugin.path": plugins,
            "plugin.discovery": "service_load",
            **_converter("key", registry), **_converter("value", registry)}


def _connector(postgres, prefix, table):
    # Debezium's own poll interval of 500 ms would rule how long the test takes.
    return {"name": CONNECTOR,
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": 1, "database.hostname": "127.0.0.1", "database.port": postgres.port,
            "database.user": "postgres", "database.password": "unused",
            "database.dbname": "postgres", "topic.prefix": prefix, "plugin.name": "pgoutput",
            "publication.autocreate.mode": "filtered", "table.include.list": table,
            "snapshot.mode": "initial", "poll.interval.ms": 5, "tombstones.on.delete": "true",
            "schema.name.adjustment.mode": "avro", "topic.creation.default.partitions": PARTITIONS,
            "topic.creation.default.replication.factor": 1}


def _written(path, values):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key}={value}\n" for key, value in values.items())
    return path


class Connect:
    """Runs when the connector's task does."""

    def __init__(self, suite, bootstrap, registry, postgres, prefix, table):
        classes = fetched.jars(suite, os.path.join(HERE, "connect.pom.xml"))
        connector = _written(os.path.join(suite.folder, "connector.properties"),
                             _connector(postgres, prefix, table))
        plugins = _plugins(suite)
        self._port = 0

        def start():
            self._port = free_port()
            worker = _written(os.path.join(suite.folder, "worker.properties"),
                              _worker(suite, bootstrap, registry, plugins, self._port))
            return Process(suite.folder, "connect", [
                *JAVA, "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                "-cp", f"{classes}/*", "org.apache.kafka.connect.cli.ConnectStandalone",
                worker, connector], cwd=suite.folder)

        self.process = start_on_free_ports(start, lambda unused: self.is_reading(),
                                           READY_TIMEOUT_S)

    def is_reading(self):
        url = f"http://127.0.0.1:{self._port}/connectors/{CONNECTOR}/status"
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
