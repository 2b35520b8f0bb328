"""postgres.py - a Postgres of its own for one test, and rows that keep coming.

It tells when a transaction was committed: pg_xact_commit_timestamp().
"""

import decimal
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading

from process import Process, free_port, start_on_free_ports
from suite import Failed, Missing, need

READY_TIMEOUT_S = 30
STATEMENT_TIMEOUT_S = 30
INSERT_EVERY_S = 0.02
SETTINGS = {"listen_addresses": "127.0.0.1", "wal_level": "logical", "fsync": "off",
            "max_wal_senders": 8, "max_replication_slots": 8, "track_commit_timestamp": "on"}


def _server_programs():
    """Debian keeps them out of PATH; the newest one."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        raise Missing("there is no Postgres (apt-get install postgresql)")
    return os.path.dirname(os.path.realpath(initdb))


def _somebody():
    """Postgres does not run as root; other users run it themselves."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Missing("there is no user that Postgres could run as")


class Postgres:
    """Everybody who comes by way of loopback is its super user `postgres`."""

    def __init__(self, suite):
        programs, who = _server_programs(), _somebody()
        self._psql = shutil.which("psql", path=programs) or need("psql", "postgresql-client")
        # Not below the suite's folder: that may be closed to the user it runs as.
        self._folder = tempfile.mkdtemp(prefix="longspan-postgres-")
        os.chmod(self._folder, 0o755)
        data = os.path.join(self._folder, "data")
        os.mkdir(data, 0o700)
        if who:
            for path in (self._folder, data):
                os.chown(path, who["user"], who["group"])
        made = subprocess.run([f"{programs}/initdb", "-D", data, "-U", "postgres", "-A", "trust",
                               "-E", "UTF8", "--no-locale", "--no-sync"], cwd=self._folder,
                              capture_output=True, text=True, timeout=READY_TIMEOUT_S,
                              check=False, **who)
        if made.returncode != 0:
            raise Failed(f"initdb: {made.stdout}{made.stderr}")
        self.port = 0

        def start():
            self.port = free_port()
            settings = {**SETTINGS, "port": self.port, "unix_socket_directories": self._folder}
            words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
            return Process(suite.folder, "postgres", [f"{programs}/postgres", "-D", data, *words],
                           cwd=self._folder, **who)

        self.process = start_on_free_ports(start, lambda unused: self._answers(), READY_TIMEOUT_S)

    def client(self):
        return [self._psql, "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                "-p", str(self.port), "-U", "postgres", "-d", "postgres"]

    def run(self, statement):
        done = subprocess.run([*self.client(), "-c", statement], capture_output=True, text=True,
                              timeout=STATEMENT_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise Failed(f"{statement}: {done.stderr}")
        return done.stdout.strip()

    def _answers(self):
        done = subprocess.run([*self.client(), "-c", "select 1"], capture_output=True,
                              timeout=STATEMENT_TIMEOUT_S, check=False)
        return done.returncode == 0

    def stop(self):
        self.process.stop(signal.SIGQUIT)  # at once: what it holds is thrown away
        shutil.rmtree(self._folder, ignore_errors=True)


class Orders:
    """The table, and a thread that adds a row to it every 20 ms; remembers each of them."""

    TABLE = "public.orders"

    def __init__(self, suite, postgres):
        self._postgres = postgres
        postgres.run(f"CREATE TABLE {self.TABLE} (id int PRIMARY KEY, customer text NOT NULL,"
                     " amount numeric(12,2) NOT NULL)")
        self.rows = {}  # by id, as they were inserted; changed by the thread alone
        self._has_note = threading.Event()
        self._stops = threading.Event()
        self._client = Process(suite.folder, "writer", postgres.client(),
                               stdin=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self):
        while not self._stops.wait(INSERT_EVERY_S):
            number = len(self.rows) + 1
            row = {"id": number, "customer": f"käufer {number}",
                   "amount": decimal.Decimal(number * 101) / 100}
            if self._has_note.is_set():
                row["note"] = f"note {number}" if number % 3 else None
            columns, values = ", ".join(row), ", ".join(map(_literal, row.values()))
            try:
                self._client.stdin.write(f"INSERT INTO {self.TABLE} ({columns})"
                                         f" VALUES ({values});\n")
                self._client.stdin.flush()
            except BrokenPipeError:
                return  # stop() tells why
            self.rows[number] = row

    def add_note_column(self):
        """While rows keep coming; those that begin after this have a note, or none on purpose."""
        self._postgres.run(f"ALTER TABLE {self.TABLE} ADD COLUMN note text")
        self._has_note.set()

    def stop(self):
        """All rows that were written are there afterwards."""
        self._stops.set()
        self._thread.join()
        self._client.stdin.close()
        if self._client.wait(STATEMENT_TIMEOUT_S) != 0:
            raise Failed(f"the writer: {self._client.last_words()}")


def _literal(value):
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)
