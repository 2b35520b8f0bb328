"""query.py - what a panel asks, said once: for Prometheus in two forms, and for Datadog.

A query is a tree. Leaves name a metric and how its series are folded (`total`, `worst`, `least`),
or a quantile of merged histograms; inner nodes divide or subtract. A metric or label that is not in
METRICS.md is refused here. Counters are always rates: nobody looks at their sum since a start.

Form.classic reads classic buckets, Form.native the native histograms of the same metrics.
"""

import enum
from dataclasses import dataclass

from metrics import METRICS

RATE = "$__rate_interval"
TARGETS = ("job", "instance")  # labels that Prometheus puts on every series


class Form(enum.Enum):
    CLASSIC = "classic"
    NATIVE = "native"


def selector(metric, where, variables):
    """`variables`: label -> name of a dashboard's variable, for the labels that the metric has."""
    matchers = [f'{label}=~"${name}"' for label, name in variables.items()
                if label in TARGETS or label in metric.labels]
    return "{" + ",".join(matchers + [f"{label}{match}" for label, match in where]) + "}"


def grouped(fold, by, inner):
    return f"{fold} by ({', '.join(by)}) ({inner})" if by else f"{fold}({inner})"


@dataclass(frozen=True)
class Folded:
    """Series of a gauge, or rates of a counter, folded into one for each of `by`.

    Members of `where` are (label, '="value"') or another of Prometheus' matches.
    """
    fold: str  # sum, max or min
    metric: str
    by: tuple
    where: tuple = ()
    is_count: bool = False  # how often within the step, instead of how often a second

    def __post_init__(self):
        known = METRICS[self.metric].labels
        assert METRICS[self.metric].kind != "histogram", self.metric
        for label in (*self.by, *(label for label, unused in self.where)):
            assert label in known or label in TARGETS, f"{self.metric} has no {label}"

    @property
    def is_counter(self):
        return METRICS[self.metric].kind == "counter"

    def promql(self, form, variables):
        del form
        series = self.metric + selector(METRICS[self.metric], self.where, variables)
        if self.is_counter:
            function = "increase" if self.is_count else "rate"
            series = f"{function}({series}[{RATE}])"
        return grouped(self.fold, self.by, series)

    def leaves(self):
        return [self]


@dataclass(frozen=True)
class Quantile:
    """Of all the histograms together that fall under one of `by`; never of quantiles."""
    part: float
    metric: str
    by: tuple
    where: tuple = ()

    def __post_init__(self):
        assert METRICS[self.metric].kind == "histogram", self.metric
        assert set(self.by) <= set(METRICS[self.metric].labels), f"{self.metric}: {self.by}"

    def promql(self, form, variables):
        return f"histogram_quantile({self.part}, {buckets(self, form, variables)})"

    def leaves(self):
        return [self]


@dataclass(frozen=True)
class Buckets:
    """What fell into each bucket, of all series together: for a heat map."""
    metric: str
    where: tuple = ()
    by = ()

    def promql(self, form, variables):
        return buckets(self, form, variables)

    def leaves(self):
        return [self]


def buckets(leaf, form, variables):
    series = selector(METRICS[leaf.metric], leaf.where, variables)
    if form == Form.CLASSIC:
        return grouped("sum", ("le", *leaf.by), f"rate({leaf.metric}_bucket{series}[{RATE}])")
    return grouped("sum", leaf.by, f"rate({leaf.metric}{series}[{RATE}])")


@dataclass(frozen=True)
class Combined:
    """`left` and `right` with equal `by`, divided or subtracted."""
    left: object
    sign: str
    right: object

    def promql(self, form, variables):
        left, right = (each.promql(form, variables) for each in (self.left, self.right))
        if isinstance(self.right, (Combined, Less)):
            right = f"({right})"
        if isinstance(self.left, (Combined, Less)) and self.sign == "/":
            left = f"({left})"
        return f"{left} {self.sign} {right}"

    def leaves(self):
        return self.left.leaves() + self.right.leaves()


@dataclass(frozen=True)
class Since:
    """Seconds from a time to now."""
    when: Folded

    def promql(self, form, variables):
        return f"time() - {self.when.promql(form, variables)}"

    def leaves(self):
        return self.when.leaves()


@dataclass(frozen=True)
class Less:
    """1 less a ratio."""
    ratio: object

    def promql(self, form, variables):
        inner = self.ratio.promql(form, variables)
        return f"1 - ({inner})" if isinstance(self.ratio, Combined) else f"1 - {inner}"

    def leaves(self):
        return self.ratio.leaves()


@dataclass(frozen=True)
class HowMany:
    """Of the series, those that are not 0."""
    of: Folded

    def promql(self, form, variables):
        return f"count({self.of.promql(form, variables)} != 0) or vector(0)"

    def leaves(self):
        return self.of.leaves()


@dataclass(frozen=True)
class Seen:
    """Only what is above 0: where most series of many never are."""
    of: Folded

    def promql(self, form, variables):
        return f"{self.of.promql(form, variables)} > 0"

    def leaves(self):
        return self.of.leaves()


@dataclass(frozen=True)
class Top:
    """The greatest `count` of the series."""
    count: int
    of: object

    def promql(self, form, variables):
        return f"topk({self.count}, {self.of.promql(form, variables)})"

    def leaves(self):
        return self.of.leaves()


def _labels(by):
    return tuple(by.split())


def total(metric, by="", *where):
    return Folded("sum", metric, _labels(by), where)


def worst(metric, by="", *where):
    return Folded("max", metric, _labels(by), where)


def least(metric, by="", *where):
    return Folded("min", metric, _labels(by), where)


def happened(metric, by="", *where):
    """How often, within each step."""
    return Folded("sum", metric, _labels(by), where, is_count=True)


def quantile(part, metric, by="", *where):
    return Quantile(part, metric, _labels(by), where)


def how_many(metric, by, *where):
    return HowMany(worst(metric, by, *where))


def ratio(part, whole):
    return Combined(part, "/", whole)


def minus(left, right):
    return Combined(left, "-", right)


def since(metric, by=""):
    return Since(worst(metric, by))
