#!/usr/bin/env python3
"""scenes.py - the status page of a process whose figures are known, in Chromium: scenes.mjs.

Needs no Kafka. Skipped, loudly, where Chromium, Node or Playwright cannot be had.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import browser  # noqa: E402
import suite as suites  # noqa: E402
from process import Process, wait_until  # noqa: E402

READY_TIMEOUT_S = 30


class PageServer:
    def __init__(self, suite):
        self._suite = suite
        self._process = None
        self.url = None

    def start(self):
        """On the port that it had before."""
        port = self.url.rsplit(":", 1)[1] if self.url else "0"
        program = os.environ.get("LONGSPAN_PAGE_SERVER") or os.path.join(
            os.path.dirname(self._suite.program), "page_server")
        self._process = Process(self._suite.folder, "page-server", [program, port],
                                stdin=subprocess.PIPE)
        lines = wait_until("the page's address", READY_TIMEOUT_S,
                           lambda: self._process.log().split(), [self._process])
        self.url = lines[0]

    def show(self, scene):
        self._process.stdin.write(f"{scene}\n".encode())
        self._process.stdin.flush()

    def kill(self):
        self._process.kill()


def run(suite):
    server = PageServer(suite)
    server.start()
    try:
        browser.run(suite, "scenes.mjs", server.url,
                    {"show": server.show, "kill": server.kill, "start": server.start})
    finally:
        server.kill()


if __name__ == "__main__":
    suites.main("page_scenes", run)
