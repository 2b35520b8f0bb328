"""board.py - what a dashboard is made of: rows of panels. The tables of them are boards_*.py."""

import enum
from dataclasses import dataclass

WIDTH = 24  # of a row of panels, in Grafana's columns


class Kind(enum.Enum):
    LINES = "lines"
    STACK = "stack"    # parts of a whole
    STATES = "states"  # one bar a series over time, coloured by what it is
    NUMBER = "number"  # the newest value
    TABLE = "table"    # one column a query, one row a set of labels
    HEAT = "heat"      # how many, by bucket and time


class Unit(enum.Enum):
    SECONDS = "seconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes per second"
    COUNT = "count"
    PER_SECOND = "per second"
    PART = "part of one"
    STATE = "state"  # its numbers have names: `names` of the panel


@dataclass(frozen=True)
class Step:
    """From `value` on it looks like `colour`."""
    value: float
    colour: str


@dataclass(frozen=True)
class Panel:
    title: str
    text: str  # what it means, and what to do where it is bad
    unit: Unit
    asks: tuple  # ((query, legend), ...): a legend is {{label}} or words
    kind: Kind = Kind.LINES
    width: int = WIDTH // 2
    height: int = 8
    steps: tuple = ()  # of colours, above green
    names: tuple = ()  # ((number, name, colour), ...)
    units: tuple = ()  # of a table's columns, in the order of `asks`


@dataclass(frozen=True)
class Variable:
    """A choice of values of `label`, as the flows that are there tell them."""
    label: str
    metric: str
    is_multi: bool = True
    all_of_them: str = ".+"


@dataclass(frozen=True)
class Board:
    uid: str
    title: str
    text: str
    variables: tuple  # after job and instance
    rows: tuple  # ((title, (Panel, ...)), ...)

    def panels(self):
        return [panel for unused, panels in self.rows for panel in panels]

    def matched(self):
        """label -> the variable that bounds it."""
        return {label: label for label in ("job", "instance",
                                           *(each.label for each in self.variables))}


def number(title, text, unit, query, **more):
    return Panel(title, text, unit, ((query, title),), Kind.NUMBER, width=4, height=4, **more)


def bad_above(value, worse=None):
    steps = (Step(value, "orange" if worse is not None else "red"),)
    return steps if worse is None else (*steps, Step(worse, "red"))
