"""datadog.py - boards, monitors and objectives as Datadog's API takes them.

Names are what the Agent makes of ours (datadog/openmetrics.yaml): the prefix is `longspan.`, a
counter ends in .count, a histogram is a distribution. Ages of times are not there: Datadog's
formulas do not know what time it is. Its burn rates look back for 48 hours at most.
"""

import re

from alerts import ALERTS, PAGE
from board import WIDTH, Kind, Unit
from metrics import METRICS
from query import Buckets, Combined, Folded, HowMany, Less, Quantile, Seen, Since, Top
from slo_rules import BURN_RULES, RPO_BUDGET, RPO_SECONDS

COLUMNS = 12
UNITS = {Unit.SECONDS: "second", Unit.BYTES: "byte", Unit.BYTES_PER_SECOND: "byte"}
DISPLAYS = {Kind.LINES: "line", Kind.STACK: "area", Kind.STATES: "bars"}
TOO_LONG = ("3d",)
NOT_ASKED = (Since,)
OF_PROMETHEUS = {"instance": "endpoint", "job": "job"}


def metric_name(metric):
    name = metric.removeprefix("longspan_")
    if METRICS[metric].kind == "counter":
        name = name.removesuffix("_total") + ".count"
    return f"longspan.{name}"


def tags(board, leaf):
    """What is chosen, and what the query asks for."""
    known = METRICS[leaf.metric].labels
    out = [f"${each.label}" for each in board.variables if each.label in known]
    for label, match in leaf.where:
        values = match.split('"')[1].split("|")
        label = ("!" if match.startswith("!") else "") + label
        out.append(f"{label}:{values[0]}" if len(values) == 1
                   else f"{label} IN ({','.join(values)})")
    if any(" IN " in each for each in out):
        return " AND ".join(out)
    return ",".join(out) or "*"


def leaf_query(board, leaf):
    by = ",".join(OF_PROMETHEUS.get(label, label) for label in leaf.by)
    series = f"{metric_name(leaf.metric)}{{{tags(board, leaf)}}}"
    series += f" by {{{by}}}" if by else ""
    if isinstance(leaf, Quantile):
        return f"p{leaf.part * 100:g}:{series}"
    if leaf.is_counter:
        return f"{leaf.fold}:{series}.{'as_count' if leaf.is_count else 'as_rate'}()"
    return f"{leaf.fold}:{series}"


class Asked:
    """The queries of a request and the formulas over them."""

    def __init__(self, board, aggregator=None):
        self._board, self._aggregator = board, aggregator
        self.queries = []

    def formula(self, query):
        if isinstance(query, (Folded, Quantile)):
            name = f"query{len(self.queries) + 1}"
            one = {"name": name, "data_source": "metrics",
                   "query": leaf_query(self._board, query)}
            if self._aggregator:
                one["aggregator"] = self._aggregator
            self.queries.append(one)
            return name
        if isinstance(query, Combined):
            return f"({self.formula(query.left)} {query.sign} {self.formula(query.right)})"
        if isinstance(query, Less):
            return f"(1 - {self.formula(query.ratio)})"
        if isinstance(query, HowMany):
            return f"count_nonzero({self.formula(query.of)})"
        if isinstance(query, Seen):
            return f"cutoff_min({self.formula(query.of)}, 0.001)"
        if isinstance(query, Top):
            return f"top({self.formula(query.of)}, {query.count}, 'last', 'desc')"
        raise TypeError(query)


def formulas(panel, asked):
    units = panel.units or (panel.unit,) * len(panel.asks)
    out = []
    for (query, legend), unit in zip(panel.asks, units, strict=True):
        one = {"formula": asked.formula(query)}
        if "{{" not in legend:
            one["alias"] = legend
        if unit in UNITS:
            one["number_format"] = {"unit": {"type": "canonical_unit", "unit_name": UNITS[unit]}}
            if unit == Unit.BYTES_PER_SECOND:
                one["number_format"]["unit"]["per_unit_name"] = "second"
        out.append(one)
    return out


def definition(board, panel):
    """Absent where Datadog cannot ask it."""
    asks = [each for each, unused in panel.asks]
    if any(isinstance(each, NOT_ASKED) for each in asks):
        return None
    out = {"title": panel.title, "title_size": "16", "title_align": "left"}
    if panel.kind == Kind.HEAT:
        leaf, = asks
        assert isinstance(leaf, Buckets)
        return out | {"type": "heatmap", "requests": [{
            "request_type": "histogram", "query": {
                "name": "query1", "data_source": "metrics",
                "query": f"histogram:{metric_name(leaf.metric)}{{{tags(board, leaf)}}}"}}]}
    if panel.kind in (Kind.NUMBER, Kind.TABLE):
        asked = Asked(board, "last")
        made = formulas(panel, asked)
        out |= {"type": "query_value" if panel.kind == Kind.NUMBER else "query_table",
                "requests": [{"response_format": "scalar", "queries": asked.queries,
                              "formulas": made}]}
        return out | ({"autoscale": True, "precision": 2} if panel.kind == Kind.NUMBER else {})
    asked = Asked(board)
    made = formulas(panel, asked)
    return out | {"type": "timeseries", "show_legend": True, "legend_layout": "auto",
                  "legend_columns": ["max", "value"],
                  "requests": [{"response_format": "timeseries", "queries": asked.queries,
                                "formulas": made, "display_type": DISPLAYS[panel.kind],
                                "style": {"palette": "dog_classic", "line_type": "solid",
                                          "line_width": "normal"}}]}


def board_json(board):
    """A group a row; twelve columns."""
    groups = []
    for title, row in board.rows:
        widgets, left, top, height = [], 0, 0, 0
        for panel in row:
            shown = definition(board, panel)
            if shown is None:
                continue
            width = panel.width * COLUMNS // WIDTH
            if left + width > COLUMNS:
                left, top, height = 0, top + height, 0
            tall = max(2, panel.height // 3 + 1)
            widgets.append({"definition": shown, "layout": {
                "x": left, "y": top, "width": width, "height": tall}})
            left, height = left + width, max(height, tall)
        groups.append({"definition": {"type": "group", "layout_type": "ordered", "title": title,
                                      "widgets": widgets}})
    return {"title": board.title, "description": board.text, "layout_type": "ordered",
            "reflow_type": "auto", "tags": [], "notify_list": [],
            "template_variables": [{"name": each.label, "prefix": each.label, "defaults": ["*"],
                                    "available_values": []} for each in board.variables],
            "widgets": groups}


def message(alert):
    """Prometheus' labels are Datadog's tags."""
    text = "\n".join((alert.summary, f"`{alert.command}`", alert.what))
    text = re.sub(r"\{\{ \$value[^}]*\}\}", "{{value}}", text)
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}",
                  lambda m: "{{" + OF_PROMETHEUS.get(m[1], m[1]) + ".name}}", text)


def monitor(name, severity, kind, query, text, above):
    return {"name": name, "type": kind, "query": query, "message": text,
            "tags": ["service:longspan", f"severity:{severity}"],
            "priority": 1 if severity == PAGE else 3,
            "options": {"thresholds": {"critical": above}, "notify_no_data": False,
                        "include_tags": True, "require_full_window": False}}


def monitors():
    out = []
    for alert in ALERTS:
        if alert.datadog:
            out.append(monitor(alert.name, alert.severity, "query alert",
                               f"{alert.datadog} > {alert.above:g}", message(alert), alert.above))
            if alert.is_silence:
                out[-1]["options"] |= {"notify_no_data": True, "no_data_timeframe": 10}
    for slo in slos():
        for rule in BURN_RULES:
            if rule.long in TOO_LONG:
                continue
            name = f"{slo['name']}: {rule.factor:g} times too fast within {rule.long}"
            severity = "page" if rule.pages else "ticket"
            text = "`longspan lag FILE --why`\nIt shows what was found, and the command that helps."
            out.append(monitor(
                name, severity, "slo alert",
                f'burn_rate("{placeholder(slo)}").over("30d").long_window("{rule.long}")'
                f'.short_window("{rule.short}") > {rule.factor:g}', text, rule.factor))
    return out


def placeholder(slo):
    """For the ID that Datadog gives the objective."""
    return slo["name"].upper().replace(" ", "_") + "_ID"


def slos():
    judged = metric_name("longspan_slo_records_total")
    age = metric_name("longspan_partition_head_age_seconds")
    target = {"timeframe": "30d"}
    return [
        {"name": "longspan latency", "type": "metric", "tags": ["service:longspan"],
         "description": "Records that are not known to be late, as `slo` in the properties file "
                        "judges them. The target is to be that of `slo`.",
         "groups": ["flow", "objective", "group"],
         "query": {"numerator": f"sum:{judged}{{verdict:good}} by {{flow,objective,group}}"
                                f".as_count() + sum:{judged}{{verdict:undecided}} "
                                "by {flow,objective,group}.as_count()",
                   "denominator": f"sum:{judged}{{!verdict:unmeasured}} "
                                  "by {flow,objective,group}.as_count()"},
         "thresholds": [target | {"target": 99}]},
        {"name": "longspan rpo", "type": "time_slice", "tags": ["service:longspan"],
         "description": "Times at which no record of the flow had waited for too long.",
         "sli_specification": {"time_slice": {
             "query": {"formulas": [{"formula": "query1"}],
                       "queries": [{"name": "query1", "data_source": "metrics",
                                    "query": f"max:{age}{{*}} by {{flow}}"}]},
             "comparator": "<", "threshold": RPO_SECONDS, "query_interval_seconds": 60}},
         "thresholds": [target | {"target": round(100 * (1 - RPO_BUDGET), 3)}]}]
