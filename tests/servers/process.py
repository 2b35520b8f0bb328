"""process.py - one child process with a log, on loopback; waiting with a bound.

A child dies with us, however we die: nothing is left running after a test that was killed.
"""

import ctypes
import os
import signal
import socket
import subprocess
import time

from suite import Failed

POLL_S = 0.05
STOP_TIMEOUT_S = 20
SHOWN_LINES = 15
PR_SET_PDEATHSIG = 1
START_TRIES = 3
# The JVM of a test: quickly up, small.
JAVA = ["java", "-Xmx512m", "-Xms128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]

_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, seconds, is_done, watched=()):
    """What `is_done` answered once that is true; fails when a watched process has ended."""
    deadline = time.monotonic() + seconds
    while True:
        answer = is_done()
        if answer:
            return answer
        for process in watched:
            if not process.is_running():
                raise Failed(f"waiting for {what}: {process.last_words()}")
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(POLL_S)


class Process:
    """Started at once; the log is FOLDER/NAME.log, written on by a second start of the name."""

    def __init__(self, folder, name, command, **options):
        self.name = name
        self.log_path = os.path.join(folder, f"{name}.log")
        with open(self.log_path, "ab") as log:
            self._began_at = log.tell()
            self._process = subprocess.Popen(command, stdout=options.pop("stdout", log), stderr=log,
                                             stdin=options.pop("stdin", subprocess.DEVNULL),
                                             preexec_fn=_die_with_parent, **options)

    @property
    def stdin(self):
        return self._process.stdin

    @property
    def stdout(self):
        return self._process.stdout

    def is_running(self):
        return self._process.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            log.seek(self._began_at)
            return log.read()

    def last_words(self):
        lines = self.log().splitlines()[-SHOWN_LINES:]
        return "\n  ".join([f"{self.name} has ended with {self._process.poll()}:"] + lines)

    def wait(self, seconds):
        """The exit code."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{self.name} does not end within {seconds} s") from late

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self, how=signal.SIGTERM):
        """The exit code; what does not end by itself is killed."""
        if self.is_running():
            self._process.send_signal(how)
        try:
            return self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


def start_on_free_ports(start, is_ready, seconds):
    """start() chooses ports that somebody may take before they are bound: tried three times."""
    for tries_left in reversed(range(START_TRIES)):
        process = start()
        try:
            wait_until(f"{process.name} being ready", seconds, lambda: is_ready(process),
                       [process])
            return process
        except Failed:
            process.kill()
            if tries_left == 0:
                raise
    return None
