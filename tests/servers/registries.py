"""registries.py - the two schema registries that can be had: ours, strict, and Apicurio."""

import glob
import os
import re

import fetched
from process import JAVA, Process, free_port, start_on_free_ports, wait_until
from registry_api import get

READY_TIMEOUT_S = 60
APICURIO = "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all"


class LongspanRegistry:
    """`longspan registry`: empty at every start; 0 is any free port."""

    def __init__(self, suite, name, port=0, faults=()):
        words = [word for fault in faults for word in ("--fault", fault)]
        self.process = Process(suite.folder, name,
                               [suite.program, "registry", "--port", str(port), *words])
        found = wait_until(f"{name} listening", READY_TIMEOUT_S,
                           lambda: re.search(r"listens on (\S+)\n", self.process.log()),
                           [self.process])
        self.url = found.group(1)
        self.port = int(self.url.rsplit(":", 1)[1].strip("/"))

    def kill(self):
        self.process.kill()


class Apicurio:
    """Confluent's API is at `url`, its own at `core_url`; everything is kept in memory."""

    def __init__(self, suite):
        content = fetched.unpacked(suite, APICURIO)
        jar, = glob.glob(f"{content}/*-runner.jar")
        self.url = self.core_url = None

        def start():
            port, management = free_port(), free_port()
            base = f"http://127.0.0.1:{port}/apis"
            self.url, self.core_url = f"{base}/ccompat/v7", f"{base}/registry/v2"
            return Process(suite.folder, "apicurio", [
                *JAVA, "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={port}",
                "-Dquarkus.management.host=127.0.0.1",
                f"-Dquarkus.management.port={management}", "-jar", jar],
                cwd=os.path.dirname(jar))

        self.process = start_on_free_ports(
            start, lambda process: get(self.url, "/subjects").status == 200, READY_TIMEOUT_S)

    def kill(self):
        self.process.kill()
