"""rows.py - a row of a table: one call, and what must come back.

Texts of a row may hold variables: $s is the name of the case, in which all of its subjects and
schemas live; $a and so on were saved from earlier answers of the case.
"""

import json
import string
import time
from dataclasses import dataclass, field
from typing import Any

from registry_api import call

ANY = object()   # a member that must be there, whatever it is
NULL = object()  # the body is the word null
CLOSED = 0       # instead of a status: the connection ended without an answer


@dataclass(frozen=True)
class Row:
    """`wanted`: an error code, a JSON value with what stands below in it; None: any body."""

    method: str
    path: str
    body: Any
    status: int
    wanted: Any = None
    headers: dict = field(default_factory=dict)
    seconds: float = 0  # at least

    def label(self):
        return f"{self.method} {self.path}"


def get(path, status, wanted=None, **more):
    return Row("GET", path, None, status, wanted, **more)


def post(path, body, status, wanted=None, **more):
    return Row("POST", path, body, status, wanted, **more)


def put(path, body, status, wanted=None, **more):
    return Row("PUT", path, body, status, wanted, **more)


def delete(path, status, wanted=None, **more):
    return Row("DELETE", path, None, status, wanted, **more)


@dataclass(frozen=True)
class Save:
    """Anything, known as $name from here on."""

    name: str


@dataclass(frozen=True)
class Contains:
    """A list or text with this in it."""

    item: Any

    def is_met(self, value):
        return isinstance(value, (list, str, dict)) and self.item in value


@dataclass(frozen=True)
class Lacks(Contains):
    """The same without it."""

    def is_met(self, value):
        return isinstance(value, (list, str, dict)) and self.item not in value


@dataclass(frozen=True)
class OtherThan:
    """Anything else."""

    item: Any

    def is_met(self, value):
        return value != self.item


def record(*fields, name="$s"):
    """The text of an Avro record; a field is "name:type", with "=default" if it has one."""
    out = []
    for each in fields:
        rest, _, default = each.partition("=")
        label, kind = rest.split(":")
        one = {"name": label, "type": kind}
        if default:
            one["default"] = json.loads(default)
        out.append(one)
    return json.dumps({"type": "record", "name": name, "fields": out}, separators=(",", ":"))


def schema(*fields, **more):
    """The body of a POST."""
    return {"schema": record(*fields), **more}


class Run:
    """One case against one registry."""

    def __init__(self, url, case):
        self._url = url
        self._variables = {"s": case}

    def mistake(self, row):
        """What is wrong with the answer, in words that are the same in every run; None: nothing."""
        began = time.monotonic()
        answer = call(self._url, row.method, self._filled(row.path), self._filled(row.body))
        took = time.monotonic() - began
        wanted = self._filled(row.wanted)
        if answer.status != row.status:
            code = answer.code if answer.code not in (None, answer.status) else ""
            return f"{answer.status} {code}".strip() + f", not {_told(row)}"
        if isinstance(wanted, int) and not isinstance(wanted, bool) and row.status >= 300:
            return None if answer.code == wanted else f"{row.status} {answer.code}, not {wanted}"
        if any(answer.headers.get(name) != value for name, value in row.headers.items()):
            return "other headers"
        if took < row.seconds:
            return f"sooner than {row.seconds} s"
        where = None if row.wanted is None else self._differs(wanted, answer.body, "body")
        return where and f"{row.status}, but {where}"

    def _filled(self, value):
        if isinstance(value, str):
            if value[:1] == "$" and isinstance(self._variables.get(value[1:]), int):
                return self._variables[value[1:]]
            return string.Template(value).safe_substitute(self._variables)
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if isinstance(value, dict):
            return {key: self._filled(each) for key, each in value.items()}
        if isinstance(value, (Contains, OtherThan)):
            return type(value)(self._filled(value.item))
        return value

    def _differs(self, wanted, seen, where):
        """Where a JSON value is not as wanted; members that nobody asked for may be there."""
        if wanted is ANY:
            return None
        if isinstance(wanted, Save):
            self._variables[wanted.name] = seen
            return None
        if isinstance(wanted, (Contains, OtherThan)):
            return None if wanted.is_met(seen) else f"{where} is not as wanted"
        if wanted is NULL:
            return None if seen is None else f"{where} is not null"
        if isinstance(wanted, dict) and isinstance(seen, dict):
            return self._members_differ(wanted, seen, where)
        if isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
            for number, pair in enumerate(zip(wanted, seen)):
                found = self._differs(*pair, f"{where}[{number}]")
                if found:
                    return found
            return None
        return None if wanted == seen else f"{where} is another"

    def _members_differ(self, wanted, seen, where):
        for name, value in wanted.items():
            if name not in seen:
                return f"{where} has no {name}"
            found = self._differs(value, seen[name], f"{where}.{name}")
            if found:
                return found
        return None


def _told(row):
    is_code = isinstance(row.wanted, int) and row.status >= 300
    return f"{row.status} {row.wanted}" if is_code else str(row.status)


def differences(url, cases):
    """"case 3: METHOD path: what is wrong" of each row that is answered otherwise, in order."""
    out = []
    for case, rows in cases.items():
        run = Run(url, case)
        for number, row in enumerate(rows, 1):
            mistake = run.mistake(row)
            if mistake:
                out.append(f"{case} {number}: {row.label()}: {mistake}")
    return out
