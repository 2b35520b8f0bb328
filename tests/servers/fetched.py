"""fetched.py - what is fetched once and kept: jars of a pom, the content of an archive, packages.

Nothing half-made is ever seen: what is new gets its name when it is whole.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile

from suite import Failed, Missing, need

HERE = os.path.dirname(os.path.abspath(__file__))
CLUSTERS = os.path.join(HERE, "..", "broker", "clusters")
FETCH_TIMEOUT_S = 600


@contextlib.contextmanager
def locked(path):
    """One at a time: Maven's own cache and a venv are not made for two writers."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def jars(suite, pom):
    """The folder with the jars of a pom; in the same cache as the brokers'."""
    need("java", "openjdk-17-jre-headless")
    with locked(os.path.join(suite.cache, ".fetching")):
        done = subprocess.run([CLUSTERS, "prepare", pom], capture_output=True, text=True,
                              timeout=FETCH_TIMEOUT_S, check=False)
    if done.returncode == 77:
        raise Missing(done.stderr.strip().splitlines()[-1].split(": ", 2)[-1])
    if done.returncode != 0:
        raise Failed(done.stderr.strip())
    return done.stdout.strip().splitlines()[-1]


def unpacked(suite, artifact):
    """What an archive of Maven Central holds; only it is fetched, nothing that it depends on."""
    need("mvn", "maven")
    content = os.path.join(_cache(), artifact.replace(":", "-"))
    with locked(os.path.join(suite.cache, ".fetching")):
        if not os.path.isdir(content):
            os.makedirs(_cache(), exist_ok=True)
            fresh = tempfile.mkdtemp(prefix="unpacking-", dir=_cache())
            _run_or_missing(["mvn", "-q", "-B", "-ntp", "dependency:unpack",
                             f"-Dartifact={artifact}", f"-DoutputDirectory={fresh}"],
                            f"{artifact} cannot be fetched", fresh)
            os.rename(fresh, content)
    return content


def jar(suite, artifact):
    """The path of one archive of Maven Central as it is, nothing that it depends on."""
    need("java", "openjdk-17-jre-headless")
    need("mvn", "maven")
    folder = os.path.join(_cache(), artifact.replace(":", "-"))
    with locked(os.path.join(suite.cache, ".fetching")):
        if not os.path.isdir(folder):
            os.makedirs(_cache(), exist_ok=True)
            fresh = tempfile.mkdtemp(prefix="copying-", dir=_cache())
            _run_or_missing(["mvn", "-q", "-B", "-ntp", "dependency:copy",
                             f"-Dartifact={artifact}", f"-DoutputDirectory={fresh}"],
                            f"{artifact} cannot be fetched", fresh)
            os.rename(fresh, folder)
    name, = os.listdir(folder)
    return os.path.join(folder, name)


def _cache():
    """Where `clusters` keeps jars, too."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("LONGSPAN_CACHE") or os.path.join(home, "longspan")


def python_with(suite, *packages):
    """A Python that has these packages of PyPI, in a virtual environment below the build."""
    folder = os.path.join(suite.cache, "venv-" + "-".join(packages).replace("=", ""))
    python = os.path.join(folder, "bin", "python")
    with locked(os.path.join(suite.cache, ".fetching")):
        if os.path.exists(os.path.join(folder, "complete")):
            return python
        shutil.rmtree(folder, ignore_errors=True)
        _run_or_missing([sys.executable, "-m", "venv", folder],
                        "Python makes no venv (apt-get install python3-venv)")
        _run_or_missing([python, "-m", "pip", "install", "-q", "--disable-pip-version-check",
                         "--only-binary=:all:", *packages],
                        f"{' '.join(packages)} cannot be fetched from PyPI")
        with open(os.path.join(folder, "complete"), "w", encoding="utf-8"):
            return python


def _run_or_missing(command, why, fresh=None):
    """Runs in a fresh folder, which goes again with a failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S,
                          cwd=fresh, check=False)
    if done.returncode == 0:
        return
    if fresh:
        shutil.rmtree(fresh, ignore_errors=True)
    lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason is told"]
    raise Missing(f"{why}: {next((line for line in lines if 'ERROR' in line), lines[-1])}")
