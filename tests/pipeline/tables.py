"""tables.py - tables whose rows tell when they were committed.

Postgres says it: pg_xact_commit_timestamp(), microseconds by the clock of this machine.
"""

import subprocess
import time

from process import Process, wait_until
from suite import Failed

STATEMENT_TIMEOUT_S = 30
COMMITTED = "round(extract(epoch FROM pg_xact_commit_timestamp({xid})) * 1000000)::bigint"


class Tables:
    """Each statement is a transaction of its own. Ids count from 1 in every table."""

    def __init__(self, suite, postgres, names):
        self._postgres = postgres
        self.counts = dict.fromkeys(names, 0)
        self._deletes = {name: {} for name in names}
        for name in names:
            postgres.run(f"CREATE TABLE {name} (id int PRIMARY KEY, note text NOT NULL)")
        self._client = Process(suite.folder, "rows", postgres.client(), stdin=subprocess.PIPE,
                               text=True)

    def insert(self, name, rows=1):
        first = self.counts[name] + 1
        self.counts[name] += rows
        try:
            self._client.stdin.write(
                f"INSERT INTO {name} SELECT id, 'note ' || id"
                f" FROM generate_series({first}, {self.counts[name]}) id;\n")
            self._client.stdin.flush()
        except BrokenPipeError as broken:
            raise Failed(self._client.last_words()) from broken

    def insert_evenly(self, rows, seconds, every_s):
        """At that pace a transaction in each table of {name: rows}."""
        began = time.monotonic()
        for turn in range(round(seconds / every_s)):
            time.sleep(max(0, began + turn * every_s - time.monotonic()))
            for name, count in rows.items():
                self.insert(name, count)

    def wait_until_in(self, seconds):
        """All that was inserted until now."""
        wait_until("all rows in their tables", seconds, self._are_in, [self._client])

    def _are_in(self):
        told = self._postgres.run(" UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM {name}" for name in self.counts))
        rows = dict(line.split("|") for line in told.splitlines())
        return all(int(rows[name]) == count - len(self._deletes[name])
                   for name, count in self.counts.items())

    def deleted(self, name):
        return list(self._deletes[name])

    def delete(self, name, number):
        """The row must be there, that is, its insert be known to have come through."""
        inserted_at = int(self._postgres.run(
            f"SELECT {COMMITTED.format(xid='xmin')} FROM {name} WHERE id = {number}"))
        xid = self._postgres.run(f"DELETE FROM {name} WHERE id = {number}"
                                 " RETURNING pg_current_xact_id()")
        deleted_at = int(self._postgres.run(
            f"SELECT {COMMITTED.format(xid=repr(xid) + '::xid')}"))
        self._deletes[name][number] = (inserted_at, deleted_at)

    def close(self):
        self._client.kill()

    def finish(self):
        """All rows are there afterwards."""
        self._client.stdin.close()
        if self._client.wait(STATEMENT_TIMEOUT_S) != 0:
            raise Failed(f"the writer: {self._client.last_words()}")

    def commits(self, name):
        """{id: (when it was inserted, when deleted)}, in microseconds; the latter where it was."""
        told = self._postgres.run(f"SELECT id, {COMMITTED.format(xid='xmin')} FROM {name}")
        rows = (line.split("|") for line in told.splitlines())
        return {**{int(number): (int(at),) for number, at in rows}, **self._deletes[name]}
