"""clusters.py - the Kafka clusters of a test: the usual pair, and one with a wrong clock."""

import os
import subprocess

import fetched
from suite import Failed, Missing, need

CLUSTERS_TIMEOUT_S = 300


def _run(command, folder, *words):
    return subprocess.run([fetched.CLUSTERS, command, "--dir", folder, *words], text=True,
                          capture_output=True, timeout=CLUSTERS_TIMEOUT_S, check=False)


def _up(folder, *words):
    done = _run("up", folder, *words)
    if done.returncode == 77:
        raise Missing(done.stderr.strip().splitlines()[-1].split(": ", 2)[-1])
    if done.returncode != 0:
        raise Failed(done.stderr)
    return _env_of(os.path.join(folder, "env"))


def _env_of(path):
    if not os.path.exists(path):
        raise Missing(f"no clusters are up: there is no {path}")
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


class Clusters:
    """The pair that CTest has started, or one of our own."""

    def __init__(self, suite):
        path = os.environ.get("LONGSPAN_CLUSTERS_ENV")
        self._own = None if path else os.path.join(suite.folder, "clusters")
        env = _up(self._own) if self._own else _env_of(path)
        self.source = env["LONGSPAN_SOURCE_BOOTSTRAP"]
        self.target = env["LONGSPAN_TARGET_BOOTSTRAP"]

    def stop(self):
        if self._own:
            _run("down", self._own)


class ShiftedCluster:
    """One broker whose wall clock is ahead."""

    def __init__(self, suite, ahead_s):
        need("faketime", "faketime")
        self._folder = os.path.join(suite.folder, "shifted")
        self.bootstrap = _up(self._folder, "--clock-shifted", f"+{ahead_s}s",
                             "shifted")["LONGSPAN_SHIFTED_BOOTSTRAP"]

    def stop(self):
        _run("down", self._folder)
