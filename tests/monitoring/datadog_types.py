#!/usr/bin/env python3
"""datadog_types.py - the files for Datadog are what its API takes, by the models of its own client.

Skipped, loudly, where PyPI is missing. Whether the queries find anything only Datadog could tell.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import fetched  # noqa: E402
import suite as suites  # noqa: E402

CLIENT = "datadog-api-client==2.62.0"
CHECK_TIMEOUT_S = 120


def run(suite):
    python = fetched.python_with(suite, CLIENT)
    done = subprocess.run([python, "-B", os.path.join(HERE, "datadog_models.py")], check=False,
                          capture_output=True, text=True, timeout=CHECK_TIMEOUT_S)
    suite.check(done.returncode == 0, done.stdout + done.stderr)
    suite.say(done.stdout.strip())


if __name__ == "__main__":
    suites.main("monitoring_datadog_types", run)
