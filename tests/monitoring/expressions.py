"""expressions.py - which of our metrics and labels an expression names.

Only as much of PromQL is understood as dashboards and rules here use; Prometheus parses the whole.
"""

import re

from metrics import METRICS

OF_TARGETS = ("job", "instance", "le")
NAME = r"longspan_[a-z0-9_]+"
PARTS = ("_bucket", "_sum", "_count")
# A fold over a selector: names of labels, then what is between, then the metric.
FOLD = re.compile(rf"by \(([\w, ]*)\) \((?:\w+\()*({NAME})\b")


def metric_of(name):
    """Also of a histogram's part; absent where there is no such metric."""
    if name in METRICS:
        return METRICS[name]
    for part in PARTS:
        metric = METRICS.get(name.removesuffix(part))
        if name.endswith(part) and metric and metric.kind == "histogram":
            return metric
    return None


def names(expr):
    """Without recorded ones, which have a colon."""
    return re.findall(rf"(?<![\w:])({NAME})(?![\w:])", expr)


def selectors(expr):
    """[(metric, matchers)]; without braces there are none."""
    return [(name, matchers or "") for name, matchers in
            re.findall(rf"(?<![\w:])({NAME})(?![\w:])(?:\{{([^}}]*)\}})?", expr)]


def unknown(expr):
    """What is not in METRICS.md, in words."""
    for name, matchers in selectors(expr):
        metric = metric_of(name)
        if metric is None:
            yield f"there is no metric {name}"
            continue
        for label in re.findall(r'(\w+)(?:=~|!~|!=|=)"', matchers):
            if label not in (*metric.labels, *OF_TARGETS):
                yield f"{name} has no label {label}"
    for by, name in FOLD.findall(expr):
        metric = metric_of(name)
        for label in filter(None, by.split(", ")):
            if metric and label not in (*metric.labels, *OF_TARGETS):
                yield f"{name} has no label {label}"
