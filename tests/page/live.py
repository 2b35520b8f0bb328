#!/usr/bin/env python3
"""live.py - the status page of a flow on real Kafka, in Chromium: live.mjs.

Groups, a connector, schemas and an objective, as tests/monitoring/real_run.py makes them.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
sys.path.insert(0, os.path.join(HERE, "..", "monitoring"))

import browser  # noqa: E402
import suite as suites  # noqa: E402
from real_run import RealRun  # noqa: E402


def run(suite):
    with RealRun(suite) as real:
        topic = ("--topic", f"{real.prefix}.payments")
        browser.run(suite, "live.mjs", f"http://{real.page}", {
            "prefix": lambda: real.prefix,
            "write": lambda rate: real.write(int(rate)),
            "read": lambda: real.let_read(True),
            "stop-reading": lambda: real.let_read(False),
            "pause": lambda: real.command("pause", real.file, *topic, "--reason", "work"),
            "resume": lambda: real.command("resume", real.file, *topic),
            "kill": real.mirror.kill,
        })


if __name__ == "__main__":
    suites.main("page_live", run)
