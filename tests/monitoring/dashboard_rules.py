"""dashboard_rules.py - what every dashboard of Grafana must keep to: a function a rule.

The first ones are those of Grafana's dashboard-linter, under its names; then come ours. Each takes
a dashboard as JSON and yields what is wrong.
"""

import re

import expressions
from metrics import METRICS

RANGED = ("rate", "irate", "increase")
TARGET_LABELS = ("job", "instance")


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] not in ("row", "text")]


def targets(board):
    return [(panel, target) for panel in panels(board) for target in panel.get("targets", ())]


def variables(board):
    return {each["name"]: each for each in board["templating"]["list"]}


def template_datasource(board):
    sources = [each for each in board["templating"]["list"] if each["type"] == "datasource"]
    if len(sources) != 1 or sources[0]["name"] != "datasource" or \
            sources[0]["label"] != "Data source" or sources[0]["query"] != "prometheus":
        yield "there must be one variable `datasource`, `Data source`, of Prometheus"


def _template_label(board, name):
    found = variables(board).get(name)
    if found is None:
        yield f"no variable {name}"
    elif not (found["type"] == "query" and found["datasource"]["uid"] == "${datasource}" and
              found["multi"] and found["allValue"] == ".+" and found["label"] == name.capitalize()):
        yield f"variable {name}: of $datasource, multi, with allValue .+"


def template_job(board):
    yield from _template_label(board, "job")


def template_instance(board):
    yield from _template_label(board, "instance")


def template_label_promql(board):
    for name, each in variables(board).items():
        if each["type"] != "query":
            continue
        asked = re.fullmatch(r"label_values\((\w+)(?:\{(.*)\})?, (\w+)\)", each["query"]["query"])
        if not asked or asked[1] not in METRICS:
            yield f"variable {name} asks {each['query']['query']}"
        elif asked[3] not in (*METRICS[asked[1]].labels, *TARGET_LABELS):
            yield f"variable {name}: {asked[1]} has no label {asked[3]}"


def template_on_time_change_reload(board):
    for name, each in variables(board).items():
        if each["type"] == "query" and each["refresh"] != 2:
            yield f"variable {name} is not read again when the time range changes"


def panel_datasource(board):
    for panel, target in targets(board):
        for each in (panel, target):
            if each.get("datasource", {}).get("uid") != "${datasource}":
                yield f"{panel['title']}: not of $datasource"


def panel_title_description(board):
    for panel in panels(board):
        if not panel.get("title") or not panel.get("description"):
            yield f"panel {panel['id']} has no title or no description"


def panel_units(board):
    for panel in panels(board):
        unit = panel["fieldConfig"]["defaults"].get("unit")
        named = panel["fieldConfig"]["defaults"].get("mappings")
        if not unit or (unit == "none" and not named and panel["type"] != "table"):
            yield f"{panel['title']}: no unit"
        columns = [each for each in panel["fieldConfig"]["overrides"]
                   if any(one["id"] == "unit" for one in each["properties"])]
        if panel["type"] == "table" and len(columns) != len(panel["targets"]):
            yield f"{panel['title']}: each column needs a unit"


def panel_no_targets(board):
    for panel in panels(board):
        if not panel.get("targets"):
            yield f"{panel['title']}: nothing is asked"


def target_rate_interval(board):
    for panel, target in targets(board):
        for found in re.findall(r"\[([^\]]*)\]", target["expr"]):
            if found != "$__rate_interval":
                yield f"{panel['title']}: [{found}], not $__rate_interval"


def _target_label(board, label):
    wanted = f'{label}=~"${label}"'
    for panel, target in targets(board):
        for name, matchers in expressions.selectors(target["expr"]):
            if wanted not in matchers.split(","):
                yield f"{panel['title']}: {name} without {wanted}"


def target_job(board):
    yield from _target_label(board, "job")


def target_instance(board):
    yield from _target_label(board, "instance")


def target_counter_agg(board):
    for panel, target in targets(board):
        for before, name in re.findall(r"(\w*)\(?(longspan_\w+)", target["expr"]):
            metric = expressions.metric_of(name)
            if metric and (metric.kind == "counter" or name != metric.name) and \
                    before not in RANGED:
                yield f"{panel['title']}: {name} outside of rate and increase"


def uneditable_dashboard(board):
    if board["editable"]:
        yield "it is editable: what is changed by hand is lost with the next import"


# Ours.

def imports_as_it_is(board):
    if board["id"] is not None or not board["uid"].startswith("longspan-"):
        yield "no id, and a uid of our own"
    if "__inputs" in board or "__requires" in board:
        yield "__inputs are filled by grafana.com's import alone"
    if not any(each.get("builtIn") == 1 for each in board["annotations"]["list"]):
        yield "no list of annotations with the built-in one"
    if "schemaVersion" not in board:
        yield "no schemaVersion"


def known_metrics(board):
    for panel, target in targets(board):
        for problem in expressions.unknown(target["expr"]):
            yield f"{panel['title']}: {problem}"


def no_mean_of_means(board):
    for panel, target in targets(board):
        if re.search(r"\bavg\b|avg_over_time|_sum\b", target["expr"]):
            yield f"{panel['title']}: a mean, where quantiles can be had"


def merged_quantiles(board):
    """histogram_quantile(q, sum by (...) (rate(...))), and nothing is made of quantiles."""
    for panel, target in targets(board):
        expr = target["expr"]
        if "histogram_quantile" in expr and not re.fullmatch(
                r"histogram_quantile\([\d.]+, sum(?: by \([\w, ]+\) )?\(rate\([^()]*\)\)\)", expr):
            yield f"{panel['title']}: not a quantile of merged buckets"
        for name in re.findall(r"longspan_\w+_bucket\b", expr):
            if not re.search(r"by \((?:\w+, )*le\b", expr):
                yield f"{panel['title']}: {name} is summed up without le"


def links_to_the_others(board):
    for link in board["links"]:
        if link["type"] == "dashboards" and link["tags"] == board["tags"] and \
                link["includeVars"] and link["keepTime"]:
            return
    yield "no link to the other dashboards of its tag, with variables and time"


def panels_do_not_overlap(board):
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                if other != panel["title"] or x >= 24:
                    yield f"{panel['title']} lies on {other}, or beside the dashboard"
                    return


RULES = (template_datasource, template_job, template_instance, template_label_promql,
         template_on_time_change_reload, panel_datasource, panel_title_description, panel_units,
         panel_no_targets, target_rate_interval, target_job, target_instance, target_counter_agg,
         uneditable_dashboard, imports_as_it_is, known_metrics, no_mean_of_means, merged_quantiles,
         links_to_the_others, panels_do_not_overlap)
