#!/usr/bin/env python3
"""otlp.py - what longspan exports, read by OpenTelemetry's own messages.

Requests with everything a span may have are written as protobuf and as JSON; both must be read
without a field left over, and be equal. LONGSPAN_SEED repeats one set of them.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import fetched  # noqa: E402
from suite import Failed, main  # noqa: E402

PACKAGES = ("opentelemetry-proto==1.45.2", "protobuf==7.36.2")
REQUESTS = 150


def run(suite):
    python = fetched.python_with(suite, *PACKAGES)
    samples = os.environ["LONGSPAN_OTLP_SAMPLES"]
    one = os.environ.get("LONGSPAN_SEED")
    for seed in [int(one)] if one else range(1, 6):
        subprocess.run([samples, suite.folder, str(seed), str(REQUESTS)], check=True, timeout=60)
        done = subprocess.run([python, "-B", os.path.join(HERE, "otlp_compare.py"), suite.folder,
                               str(REQUESTS)], capture_output=True, text=True, timeout=120,
                              check=False)
        if done.returncode != 0:
            raise Failed(f"LONGSPAN_SEED={seed}: {done.stdout}{done.stderr}")
        suite.say(f"seed {seed}: {done.stdout.strip()}")


if __name__ == "__main__":
    main("otlp", run)
