"""real_run.py - a flow on real Kafka with groups, a connector, schemas and an objective.

Source cluster -> longspan run -> target cluster, with shop.py at both ends and a registry on each
side: all that a dashboard shows, as far as it can be had without breaking anything.
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
from opened import Opened  # noqa: E402
from process import Process, wait_until  # noqa: E402
from registries import LongspanRegistry  # noqa: E402
from suite import Failed  # noqa: E402

CONFLUENT_KAFKA = "confluent-kafka==2.11.1"
READY_TIMEOUT_S = 60
COMMAND_TIMEOUT_S = 60


class RealRun(Opened):
    """Where clusters are shared names carry our pid."""

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self._mark = os.getpid() if os.environ.get("LONGSPAN_CLUSTERS_ENV") else ""
        self.alias, self.prefix = f"east{self._mark}", f"shop{self._mark}"
        self.flow, self.group = f"{self.alias}->west", f"warehouse{self._mark}"
        self.clusters = self.shop = self.mirror = self.file = None

    def _start(self):
        suite = self.suite
        python = fetched.python_with(suite, CONFLUENT_KAFKA)
        self.clusters = Clusters(suite)
        self._open.append(self.clusters.stop)
        registries = [LongspanRegistry(suite, f"{side}-registry") for side in ("source", "target")]
        self._open += [each.kill for each in registries]
        self.shop = Process(suite.folder, "shop", [python, "-B", os.path.join(HERE, "shop.py")],
                            stdin=subprocess.PIPE)
        self._open.append(self.shop.kill)
        self._tell_shop({"source": self.clusters.source, "target": self.clusters.target,
                         "prefix": self.prefix, "alias": self.alias, "group": self.group})
        self.file = self._properties(registries)
        self.mirror = Process(suite.folder, "longspan-run", [suite.program, "run", self.file])
        self._open.append(self.mirror.stop)
        wait_until("the mirror's page", READY_TIMEOUT_S, lambda: self.page, [self.mirror])

    @property
    def page(self):
        """host:port of /metrics."""
        found = re.search(r" http=http://(\S+?)/?(\s|$)", self.mirror.log())
        return found and found.group(1)

    def _properties(self, registries):
        values = {"clusters": f"{self.alias}, west",
                  f"{self.alias}.bootstrap.servers": self.clusters.source,
                  "west.bootstrap.servers": self.clusters.target,
                  f"{self.alias}.schema.registry.url": registries[0].url,
                  "west.schema.registry.url": registries[1].url,
                  f"{self.flow}.enabled": "true",
                  f"{self.flow}.topics": f"{self.prefix}[.].*, __debezium-heartbeat.{self.prefix}",
                  "latency.groups.source": f"{self.group}.*",
                  "latency.groups": f"{self.group}.*",
                  "slo": f"{self.prefix}[.].*:p99<400ms@30d", "clock.probe.source": "true",
                  "priority.high": f"{self.prefix}[.]orders",
                  "throttle.bytes.per.second": 20_000_000, "marks.interval.ms": 1000,
                  "refresh.topics.interval.seconds": 1, "http.listen": "127.0.0.1:0"}
        path = os.path.join(self.suite.folder, "mirror.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in values.items())
        return path

    def _tell_shop(self, change):
        self.shop.stdin.write((json.dumps(change) + "\n").encode())
        self.shop.stdin.flush()

    def write(self, rate):
        """Changes a second."""
        self._tell_shop({"rate": rate})

    def let_read(self, reads):
        """The group on the target."""
        self._tell_shop({"reads": reads})

    def command(self, *words):
        done = subprocess.run([self.suite.program, *words], capture_output=True, text=True,
                              timeout=COMMAND_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise Failed(f"{' '.join(words)}: {done.stdout}{done.stderr}")

    def watched(self):
        return [self.mirror, self.shop]
