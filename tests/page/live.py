#!/usr/bin/env python3
"""live.py - the pages of a flow on real Kafka and of a fleet, in Chromium: live.mjs, fleet.mjs.

Groups, a connector, schemas and an objective, as tests/monitoring/real_run.py makes them.
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
sys.path.insert(0, os.path.join(HERE, "..", "monitoring"))

import browser  # noqa: E402
import suite as suites  # noqa: E402
from process import Process, wait_until  # noqa: E402
from real_run import RealRun  # noqa: E402

READY_TIMEOUT_S = 60

FAR = """clusters = north, south
north.bootstrap.servers = 127.0.0.1:1
south.bootstrap.servers = 127.0.0.1:2
north->south.enabled = true
north->south.topics = orders
"""


class FleetPage:
    """The real flow's file, one whose clusters are nowhere, and one that is wrong."""

    def __init__(self, suite, file):
        self._suite = suite
        self._folder = os.path.join(suite.folder, "fleet")
        os.makedirs(self._folder)
        shutil.copy(file, os.path.join(self._folder, "real.properties"))
        for name, text in {"far": FAR, "wrong": FAR + "tasks.max = many\n"}.items():
            with open(os.path.join(self._folder, f"{name}.properties"), "w",
                      encoding="utf-8") as out:
                out.write(text)
        self._process = None

    def start(self):
        """Its address."""
        self._process = Process(self._suite.folder, "fleet-page", [
            self._suite.program, "lag", "--all", self._folder, "--listen", "127.0.0.1:0"])
        lines = wait_until("the fleet's address", READY_TIMEOUT_S,
                           lambda: [line for line in self._process.log().splitlines()
                                    if line.startswith("http://")], [self._process])
        return lines[0].rstrip("/")

    def stop(self):
        if self._process:
            self._process.stop()


def run(suite):
    with RealRun(suite) as real:
        topic = ("--topic", f"{real.prefix}.payments")
        fleet = FleetPage(suite, real.file)
        browser.run(suite, "live.mjs", f"http://{real.page}", {
            "prefix": lambda: real.prefix,
            "write": lambda rate: real.write(int(rate)),
            "read": lambda: real.let_read(True),
            "stop-reading": lambda: real.let_read(False),
            "pause": lambda: real.command("pause", real.file, *topic, "--reason", "work"),
            "resume": lambda: real.command("resume", real.file, *topic),
            "fleet": fleet.start,
            "kill": real.mirror.kill,
        })
        fleet.stop()


if __name__ == "__main__":
    suites.main("page_live", run)
