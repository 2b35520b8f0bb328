"""mirrors.py - how the bare loop, longspan and MirrorMaker 2 are started, with which settings."""

import functools
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
CLUSTERS = os.path.join(HERE, "..", "broker", "clusters")
PARTITIONS = 4

# Replication factor 1 everywhere: there is one broker a side.
SINGLE_BROKER = {
    "replication.factor": 1,
    "offset-syncs.topic.replication.factor": 1,
    "checkpoints.topic.replication.factor": 1,
    "heartbeats.topic.replication.factor": 1,
    "emit.heartbeats.enabled": "false",
    "emit.checkpoints.enabled": "false",
    "offset-syncs.topic.location": "target",
}

# What an expert sets: fetches and batches as large as the brokers allow, one task a partition.
MM2_TUNED = {
    "tasks.max": PARTITIONS,
    "west.producer.batch.size": 1 << 20,
    "west.producer.linger.ms": 5,
    "west.producer.buffer.memory": 128 << 20,
    "west.producer.max.request.size": 8 << 20,
}
MM2_CONSUMER = {
    "max.partition.fetch.bytes": 8 << 20,
    "fetch.max.bytes": 64 << 20,
    "max.poll.records": 5000,
    "receive.buffer.bytes": 4 << 20,
    "fetch.max.wait.ms": 100,
}
MM2_HEAP = "2g"


class Flow:
    """One run's ends: where it reads, where it writes, with which codec."""

    def __init__(self, source, target, topic, codec):
        self.source, self.target, self.topic, self.codec = source, target, topic, codec


class Mirror:
    """A mirror: its name, an alias for the source that no other run uses, and its command."""

    def __init__(self, name, prefix, command):
        self.name, self.prefix, self.start = name, prefix, command

    def alias(self, flow):
        return self.prefix + "".join(c for c in flow.topic if c.isalnum())

    def target_topic(self, flow):
        return f"{self.alias(flow)}.{flow.topic}"

    def command(self, flow, folder):
        return self.start(flow, self.alias(flow), folder)


def write_properties(path, values):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in values.items())
    return path


def flow_properties(flow, alias):
    """MM2's own file format, which longspan reads as it is; `alias` is the source's."""
    return {
        "clusters": f"{alias}, west",
        f"{alias}.bootstrap.servers": flow.source,
        "west.bootstrap.servers": flow.target,
        f"{alias}->west.enabled": "true",
        f"{alias}->west.topics": flow.topic,
        **SINGLE_BROKER,
    }


def bare_loop(programs):
    def start(flow, alias, folder):
        del folder
        return [os.path.join(programs, "bare_loop"), "--source", flow.source, "--target",
                flow.target, "--source-topic", flow.topic, "--target-topic",
                f"{alias}.{flow.topic}", "--partitions", str(PARTITIONS), "--codec", flow.codec]
    return Mirror("bare loop", "bare", start)


def longspan(program, support="disabled", **more):
    def start(flow, alias, folder):
        values = {**flow_properties(flow, alias), "compression": flow.codec,
                  "exactly.once.source.support": support, "http.listen": "127.0.0.1:0", **more}
        return [program, "run", write_properties(f"{folder}/{alias}.properties", values)]
    return Mirror("longspan", "ls", start)


def longspan_exactly_once(program):
    mirror = longspan(program, "enabled")
    mirror.name, mirror.prefix = "longspan exactly once", "eo"
    return mirror


def longspan_without_lag(program):
    """Follows no record, no group and no clock: what lag costs is the difference to `longspan`."""
    mirror = longspan(program, **{"latency.samples.per.second": "0"})
    mirror.name, mirror.prefix = "longspan without latencies", "nl"
    return mirror


def mirror_maker():
    def start(flow, alias, folder):
        values = {**flow_properties(flow, alias), "west.producer.compression.type": flow.codec,
                  f"west->{alias}.enabled": "false", "sync.topic.acls.enabled": "false",
                  "offset.storage.replication.factor": 1, "status.storage.replication.factor": 1,
                  "config.storage.replication.factor": 1, **MM2_TUNED}
        values.update({f"{alias}.consumer.{key}": value for key, value in MM2_CONSUMER.items()})
        return ["java", f"-Xmx{MM2_HEAP}", f"-Xms{MM2_HEAP}", "-cp", f"{prepare_jars()}/*",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "org.apache.kafka.connect.mirror.MirrorMaker",
                write_properties(f"{folder}/{alias}.properties", values)]
    return Mirror("MM2 tuned", "mm", start)


@functools.cache
def prepare_jars():
    pom = os.path.join(HERE, "pom.xml")
    done = subprocess.run([CLUSTERS, "prepare", pom], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()
