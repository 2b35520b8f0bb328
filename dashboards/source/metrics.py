"""metrics.py - the metrics that there are, out of METRICS.md, which is made from their table."""

import os
import re
from collections import namedtuple

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "METRICS.md")
ROW = re.compile(r"\| `(longspan_\w+)` \| (\w+) \| ([\w,]*) \| (\w*) \| [^|]* \| (.*) \|")

Metric = namedtuple("Metric", "name kind labels is_internal")


def read():
    """{name: Metric}."""
    with open(DOCUMENT, encoding="utf-8") as file:
        rows = [match.groups() for match in map(ROW.match, file) if match]
    return {name: Metric(name, kind, tuple(filter(None, labels.split(","))),
                         "(*internal*)" in meaning)
            for name, kind, labels, unused_unit, meaning in rows}


METRICS = read()
