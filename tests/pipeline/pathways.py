#!/usr/bin/env python3
"""pathways.py - Datadog's Data Streams across two clusters: the mirror is a node on the way.

A producer with Datadog's tracer -> source cluster -> longspan run -> target cluster -> a consumer
with the same tracer; all three tell Datadog's test agent. What it was told is decoded by Datadog's
own libraries: the way must lead through longspan, and each checkpoint have every record.
LONGSPAN_CLUSTERS_ENV names a pair of clusters that run; else a pair is started.
"""

import base64
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import fetched  # noqa: E402
from clusters import Clusters  # noqa: E402
from collectors import OtlpAgent  # noqa: E402
from opened import Opened  # noqa: E402
from process import Process, wait_until  # noqa: E402
from suite import Failed, main, need  # noqa: E402
from topic import PARTITIONS, count_records  # noqa: E402

PACKAGES = ("ddtrace==4.16.0", "confluent-kafka==2.16.1", "msgpack==1.2.4",
            "ddsketch[serialization]==3.0.1")
RECORDS = 500
PATH = "/v0.1/pipeline_stats"
STEP_TIMEOUT_S = 120
KEY_AND_VALUE_BYTES = 100
# sketches-py counts bins from one below those of Datadog's agent (lagcalc/ddsketch.h).
SKETCH_ERROR = 0.05
# Three clocks that are one, cut to milliseconds.
SLACK_S = 0.01


class Pathways(Opened):
    """Names carry our pid: clusters may be shared."""

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self.alias, self.topic = f"east{os.getpid()}", f"orders{os.getpid()}"
        self.flow = f"{self.alias}->west"
        self.target_topic = f"{self.alias}.{self.topic}"
        self.group = f"billing{os.getpid()}"

    def _start(self):
        self.python = fetched.python_with(self.suite, *PACKAGES)
        self.clusters = Clusters(self.suite)
        self._open.append(self.clusters.stop)
        self.agent = OtlpAgent(self.suite)
        self._open.append(self.agent.kill)

    def service(self, name, *words):
        """Runs to its end."""
        environment = {**os.environ, "DD_SERVICE": name, "DD_DATA_STREAMS_ENABLED": "true",
                       "DD_TRACE_AGENT_URL": self.agent.apm_url, "DD_ENV": "",
                       "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
                       "DD_REMOTE_CONFIGURATION_ENABLED": "false"}
        process = Process(self.suite.folder, name, [
            self.python, "-B", os.path.join(HERE, "pathway_service.py"), *words], env=environment)
        self._open.append(process.kill)
        if process.wait(STEP_TIMEOUT_S) != 0:
            raise Failed(process.last_words())

    def start_mirror(self):
        values = {"clusters": f"{self.alias}, west",
                  f"{self.alias}.bootstrap.servers": self.clusters.source,
                  "west.bootstrap.servers": self.clusters.target,
                  f"{self.flow}.enabled": "true", f"{self.flow}.topics": self.topic,
                  f"{self.flow}.trace.reparent.topics": self.topic,
                  "trace.pathway.agent": self.agent.apm_url,
                  "sync.topic.configs.enabled": "false",
                  "refresh.topics.interval.seconds": 1, "http.listen": "127.0.0.1:0"}
        self.path = os.path.join(self.suite.folder, "mirror.properties")
        with open(self.path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in values.items())
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("DD_", "OTEL_"))}
        self.mirror = Process(self.suite.folder, "longspan-run",
                              [self.suite.program, "run", self.path], env=kept)
        self._open.append(self.mirror.kill)

    def verify(self):
        done = subprocess.run([self.suite.program, "verify", self.path], text=True,
                              capture_output=True, timeout=STEP_TIMEOUT_S, check=False)
        self.suite.check(done.returncode == 0, done.stdout + done.stderr)

    def told(self):
        bodies = [base64.b64encode(body).decode() for body in self.agent.bodies(PATH)]
        done = subprocess.run([self.python, "-B", os.path.join(HERE, "pathway_decode.py")],
                              input="\n".join(bodies), text=True, capture_output=True,
                              timeout=STEP_TIMEOUT_S, check=False)
        self.suite.check(done.returncode == 0, done.stderr)
        return json.loads(done.stdout)["points"]


def checkpoint(suite, points, service, direction, topic, parent):
    """All buckets of it, summed: its hash, how many records, and the figures of each bucket."""
    found = [each for each in points
             if each["service"] == service and f"direction:{direction}" in each["tags"]
             and f"topic:{topic}" in each["tags"]]
    suite.check(found, f"{service} told of no checkpoint {direction} {topic}: {points}")
    hashes = {each["hash"] for each in found}
    suite.check(len(hashes) == 1, f"{service}: several ways: {found}")
    suite.check({each["parent"] for each in found} == {parent},
                f"{service} does not follow {parent}: {found}")
    for what in ("edge", "pathway", "payload"):
        count = sum(each[what][0] for each in found)
        suite.check(count == RECORDS, f"{service}: {count} of {RECORDS} records in {what}: {found}")
    suite.say(f"{service:8} {direction:3} {topic:22} edge s "
              f"{min(each['edge'][1] for each in found):.3f}.."
              f"{max(each['edge'][3] for each in found):.3f}  pathway s "
              f"{max(each['pathway'][3] for each in found):.3f}")
    return hashes.pop(), found


def check_range(suite, what, found, low, high):
    smallest = min(each[what][1] for each in found)
    largest = max(each[what][3] for each in found)
    suite.check(low * (1 - SKETCH_ERROR) - SLACK_S <= smallest <= largest
                <= high * (1 + SKETCH_ERROR) + SLACK_S,
                f"{what}: {smallest}..{largest} is not in {low}..{high}")


def check_way(suite, pipeline, times):
    points = pipeline.told()
    produced, _ = checkpoint(suite, points, "shop", "out", pipeline.topic, 0)
    came, found = checkpoint(suite, points, "longspan", "in", pipeline.topic, produced)
    check_range(suite, "edge", found, times["mirror"] - times["produced"],
                times["mirrored"] - times["began"])
    check_range(suite, "payload", found, KEY_AND_VALUE_BYTES, KEY_AND_VALUE_BYTES)
    suite.check(any(tag.startswith("kafka_cluster_id:") for tag in found[0]["tags"]),
                f"no cluster: {found}")
    went, found = checkpoint(suite, points, "longspan", "out", pipeline.target_topic, came)
    check_range(suite, "edge", found, 0, 0)
    _, found = checkpoint(suite, points, "billing", "in", pipeline.target_topic, went)
    check_range(suite, "edge", found, times["consumer"] - times["mirrored"],
                times["consumed"] - times["mirror"])
    check_range(suite, "pathway", found, times["consumer"] - times["produced"],
                times["consumed"] - times["began"])


def run(suite):
    need("kcat", "kcat")
    with Pathways(suite) as pipeline:
        suite.say("two clusters and the agent run")
        times = {"began": time.time()}
        pipeline.service("shop", "produce", pipeline.clusters.source, pipeline.topic, str(RECORDS),
                         str(PARTITIONS))
        times["produced"] = time.time()
        suite.say(f"{RECORDS} records are written")
        times["mirror"] = time.time()
        pipeline.start_mirror()
        wait_until("the copies", STEP_TIMEOUT_S, lambda: has_copies(pipeline), [pipeline.mirror])
        times["mirrored"] = time.time()
        times["consumer"] = time.time()
        pipeline.service("billing", "consume", pipeline.clusters.target, pipeline.target_topic,
                         str(RECORDS), pipeline.group)
        times["consumed"] = time.time()
        suite.check(pipeline.mirror.stop() == 0, pipeline.mirror.last_words())
        check_way(suite, pipeline, times)
        pipeline.verify()


def has_copies(pipeline):
    return count_records(pipeline.clusters.target, pipeline.target_topic) >= RECORDS


if __name__ == "__main__":
    main("pipeline_pathways", run)
