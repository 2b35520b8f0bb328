"""browser.py - runs a script of this folder in Node, with Playwright and Debian's Chromium.

A script prints "@NAME" for what it cannot do itself; NAME is in `actions`. It is answered by a line
once that is done. Everything else that it prints is said.
"""

import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import npm as npms  # noqa: E402
from suite import need  # noqa: E402

PACKAGES = ("playwright-core@1.64.1", "axe-core@4.11.0")
TIMEOUT_S = 240


def run(suite, script, url, actions):
    chromium = need("chromium", "chromium")
    node, npm = npms.node_and_npm(suite)
    modules = os.path.join(npms.packages(suite, npm, "browser", *PACKAGES), "node_modules")
    environment = dict(os.environ, CHROMIUM=chromium, MODULES=modules, PAGE_URL=url,
                       PICTURES=os.environ.get("LONGSPAN_PICTURES_TO", ""))
    errors = os.path.join(suite.folder, f"{script}.log")
    with open(errors, "wb") as log, subprocess.Popen(
            [node, os.path.join(HERE, script)], env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, text=True) as child:
        late = threading.Timer(TIMEOUT_S, child.kill)
        late.start()
        for line in child.stdout:
            _take(suite, child, line.rstrip("\n"), actions)
        late.cancel()
    with open(errors, encoding="utf-8") as log:
        suite.check(child.returncode == 0, f"{script}: {log.read().strip() or 'was killed'}")


def _take(suite, child, line, actions):
    if not line.startswith("@"):
        suite.say(line)
        return
    name, *words = line[1:].split(" ")
    answer = actions[name](*words)
    child.stdin.write(f"{answer or 'done'}\n")
    child.stdin.flush()
