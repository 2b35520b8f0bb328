"""suite.py - how a test in Python begins and ends: arguments, skips, exit codes.

Exit codes: 0 passed; 1 failed; 77 skipped, with one loud line, because something that is fetched
or installed is missing (a failure instead when LONGSPAN_REQUIRE_BROKER=1).
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

EXIT_SKIPPED = 77


class Missing(Exception):
    """Something that the test needs cannot be had on this machine."""


class Failed(Exception):
    """The test has found a mistake; the text says which."""


class Suite:
    """The program under test, a folder that is kept only when something failed, and a clock."""

    def __init__(self, name, options):
        self.name = name
        given = os.environ.get("LONGSPAN_PROGRAM") or options.program
        self.program = os.path.abspath(given)
        self.cache = os.path.abspath(options.cache)
        self.folder = tempfile.mkdtemp(prefix=f"longspan-{name}-")
        self._started = time.monotonic()

    def say(self, text):
        print(f"{time.monotonic() - self._started:6.1f} s  {text}", flush=True)

    def check(self, is_true, what):
        if not is_true:
            raise Failed(what)


def need(command, package):
    """The path of a command, or Missing with the package that has it."""
    path = shutil.which(command)
    if path is None:
        raise Missing(f"there is no {command} (apt-get install {package})")
    return path


def main(name, run):
    """Runs `run(suite)` and exits."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/longspan", help="longspan")
    parser.add_argument("--cache", default="build/servers", help="for Python packages")
    # So that what is open is closed when CTest or an operator stops us.
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit("stopped"))
    suite = Suite(name, parser.parse_args())
    try:
        suite.check(os.path.exists(suite.program), f"no {suite.program}: ./dev build makes it")
        run(suite)
    except Missing as missing:
        sys.exit(_skip(suite, missing))
    except Exception as failure:  # pylint: disable=broad-except
        if isinstance(failure, Failed):
            print(f"FAILED: {failure}", file=sys.stderr)
        else:
            traceback.print_exc()
        print(f"files of this test are kept in {suite.folder}", file=sys.stderr)
        sys.exit(1)
    shutil.rmtree(suite.folder, ignore_errors=True)
    suite.say("passed")


def _skip(suite, missing):
    shutil.rmtree(suite.folder, ignore_errors=True)
    if os.environ.get("LONGSPAN_REQUIRE_BROKER") == "1":
        print(f"{suite.name}: real servers are required, but {missing}", file=sys.stderr)
        return 1
    print(f"SKIPPED: {suite.name}, what needs real servers (label broker): {missing}",
          file=sys.stderr)
    print(f"[  SKIPPED ] {suite.name}: {missing}")  # `dev test` lists these lines
    return EXIT_SKIPPED
