#!/usr/bin/env python3
"""lint.py - dashboards, rules and monitors agree with the metric table, and keep to the rules.

dashboard_rules.py has the rules for Grafana; each must find a bad example below. Needs no server.
"""

import copy
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "dashboards")
SOURCE = os.path.join(DASHBOARDS, "source")
sys.path.insert(0, SOURCE)

import dashboard_rules  # noqa: E402
import expressions  # noqa: E402
from datadog import NOT_ASKED, metric_name  # noqa: E402
from generate import BOARDS  # noqa: E402
from metrics import METRICS  # noqa: E402

# Why a metric explains longspan itself and stands on no dashboard.
INTERNAL = {
    "longspan_build_info": "for joins",
    "longspan_metrics_page_timestamp_seconds": "tells a page made ahead from one made when asked",
    "longspan_process_shards": "configuration, not a state",
    "longspan_log_lines_total": "logs have a place of their own",
    "longspan_log_lines_summarised_total": "as above",
    "longspan_log_lines_dropped_total": "as above",
    "longspan_exported_spans_total": "of no flow: what watches longspan is beside what it does",
    "longspan_dropped_spans_total": "as above",
    "longspan_export_queue_spans": "as above",
    "longspan_exported_metric_points_total": "as above",
    "longspan_rejected_metric_points_total": "as above",
    "longspan_export_requests_total": "as above",
    "longspan_export_failures_total": "as above",
    "longspan_trace_contexts_total": "the traces' own viewer shows them",
    "longspan_trace_faults_total": "as above",
    "longspan_trace_disagreements_total": "as above",
    "longspan_trace_rewritten_records_total": "as above",
    "longspan_trace_broken_records_total": "as above",
    "longspan_trace_recorded_records_total": "as above",
    "longspan_trace_dropped_records_total": "as above",
    "longspan_trace_batches_total": "as above",
    "longspan_trace_spans_total": "as above",
    "longspan_pathway_buckets_total": "as above",
    "longspan_pathway_checkpoints_total": "as above",
    "longspan_pathway_faults_total": "as above",
    "longspan_metrics_overflow_partitions": "the page's own bounds",
    "longspan_metrics_overflow_topics": "as above",
    "longspan_metrics_overflow_groups": "as above",
    "longspan_priority_in_flight_bytes": "longspan_flow_in_flight_bytes is shown",
    "longspan_marks_written_bytes_total": "what is not written is shown",
    "longspan_sampled_records_total": "the histograms count them, too",
    "longspan_partition_lag_estimate_bytes": "an estimate: records are shown",
    "longspan_partition_source_end_offset": "places: their difference is shown",
    "longspan_partition_mirrored_offset": "as above",
    "longspan_partition_in_flight_records": "bytes are shown, by flow",
    "longspan_partition_newest_timestamp_seconds": "the head age is shown",
    "longspan_partition_position_time_seconds": "for those who look for a stuck state topic",
    "longspan_connector_heartbeat_commit_timestamp_seconds": "the newest change is shown",
}


def load(pattern):
    paths = sorted(glob.glob(os.path.join(DASHBOARDS, pattern)))
    out = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            out[os.path.relpath(path, DASHBOARDS)] = json.load(file)
    return out


def grafana_problems(boards):
    for path, board in boards.items():
        for rule in dashboard_rules.RULES:
            for problem in rule(board):
                yield f"{path}: {problem} [{rule.__name__}]"


def named_in_grafana(boards):
    return {expressions.metric_of(name).name for board in boards.values()
            for unused, target in dashboard_rules.targets(board)
            for name in expressions.names(target["expr"]) if expressions.metric_of(name)}


def charted_problems(boards):
    """Each form of the dashboards shows all of the table but what is internal."""
    marked = {metric.name for metric in METRICS.values() if metric.is_internal}
    for name in sorted(marked ^ set(INTERNAL)):
        yield f"{name}: internal in the table or in lint.py, not in both"
    for folder in ("grafana", "grafana/native"):
        named = named_in_grafana({path: board for path, board in boards.items()
                                  if os.path.dirname(path) == folder})
        for name in sorted(set(METRICS) - marked - named):
            yield f"{folder}: {name} is on no dashboard, and not internal"
        for name in sorted(named & marked):
            yield f"{folder}: {name} is internal, and on a dashboard"


def rule_problems(text):
    """Of rules of Prometheus. A recorded name that is asked for is recorded."""
    for problem in expressions.unknown(re.sub(r"- name: \w+", "", text)):
        yield f"rules: {problem}"
    asked = set(re.findall(r"(?<![\w:])[a-z_]*:longspan\w*:\w+|longspan:\w+:\w+", text))
    recorded = set(re.findall(r"record: (\S+)", text))
    for name in sorted(asked - recorded):
        yield f"rules: {name} is recorded nowhere"


def datadog_problems(files):
    """Queries name metrics as the Agent makes them, with tags that are labels."""
    by_name = {metric_name(name): metric for name, metric in METRICS.items()}
    for path, content in files.items():
        text = json.dumps(content)
        for name, inside in re.findall(r"(longspan\.[a-z_]+(?:\.count)?)\{([^}]*)\}", text):
            if name not in by_name:
                yield f"{path}: there is no metric {name}"
                continue
            used = re.findall(r"\$(\w+)|(\w+):|(\w+) IN", inside)
            for label in filter(None, (label for match in used for label in match)):
                if label not in by_name[name].labels:
                    yield f"{path}: {name} has no tag {label}"
        for name, by in re.findall(r"(longspan\.[a-z_]+(?:\.count)?)\{[^}]*\} by \{([^}]*)\}",
                                   text):
            for label in by.split(","):
                if name in by_name and label not in (*by_name[name].labels, "endpoint"):
                    yield f"{path}: {name} has no tag {label}"


def equivalence_problems(files):
    """Each panel is there, but for those that Datadog cannot ask."""
    for board in BOARDS:
        titles = [widget["definition"]["title"]
                  for group in files[f"datadog/{board.uid}.json"]["widgets"]
                  for widget in group["definition"]["widgets"]]
        wanted = [panel.title for panel in board.panels()
                  if not any(isinstance(query, NOT_ASKED) for query, unused in panel.asks)]
        if titles != wanted:
            yield f"datadog/{board.uid}.json: {set(titles) ^ set(wanted)}"


def spoilt(change):
    """A change of a good dashboard in which there is one mistake."""
    board = copy.deepcopy(load("grafana/longspan-flow.json")["grafana/longspan-flow.json"])
    change(board, dashboard_rules.panels(board)[0])
    return board


def expr(new):
    return lambda board, panel: panel["targets"][0].update(expr=new)


def variable(number, **new):
    return lambda board, panel: board["templating"]["list"][number].update(**new)


ALL = 'job=~"$job",instance=~"$instance"'
BAD = [
    ("template_datasource", variable(0, label="Source")),
    ("template_job", variable(1, allValue=".*")),
    ("template_instance", variable(2, multi=False)),
    ("template_label_promql", variable(3, query={"query": "label_values(longspan_ready, flow)"})),
    ("template_on_time_change_reload", variable(3, refresh=1)),
    ("panel_datasource", lambda board, panel: panel.update(datasource={"uid": "prometheus"})),
    ("panel_title_description", lambda board, panel: panel.update(description="")),
    ("panel_units", lambda board, panel: panel["fieldConfig"]["defaults"].update(unit="")),
    ("panel_no_targets", lambda board, panel: panel.update(targets=[])),
    ("target_rate_interval", expr(f"sum(rate(longspan_marks_dropped_total{{{ALL}}}[5m]))")),
    ("target_job", expr('sum(longspan_ready{instance=~"$instance"})')),
    ("target_instance", expr('sum(longspan_ready{job=~"$job"})')),
    ("target_counter_agg", expr(f"sum(longspan_marks_dropped_total{{{ALL}}})")),
    ("uneditable_dashboard", lambda board, panel: board.update(editable=True)),
    ("imports_as_it_is", lambda board, panel: board.update(__inputs=[])),
    ("known_metrics", expr(f"sum(longspan_redy{{{ALL}}})")),
    ("known_metrics", expr(f'sum(longspan_ready{{{ALL},flow="a"}})')),
    ("known_metrics", expr(f"sum by (flow) (longspan_ready{{{ALL}}})")),
    ("no_mean_of_means", expr(f"avg(longspan_partition_head_age_seconds{{{ALL}}})")),
    ("merged_quantiles", expr("max(histogram_quantile(0.9, rate(longspan_residence_seconds_bucket"
                              f"{{{ALL}}}[$__rate_interval])))")),
    ("merged_quantiles", expr("histogram_quantile(0.9, sum by (flow) (rate("
                              f"longspan_residence_seconds_bucket{{{ALL}}}[$__rate_interval])))")),
    ("links_to_the_others", lambda board, panel: board.update(links=[])),
    ("panels_do_not_overlap", lambda board, panel: panel["gridPos"].update(x=4)),
]
BAD_RULES = ["expr: longspan_redy", 'expr: longspan_ready{flow="a"}',
             "expr: sum by (flow) (longspan_ready)", "expr: flow:longspan_nothing:ratio > 1"]
BAD_DATADOG = ["max:longspan.redy{*}", "max:longspan.ready{$flow}",
               "max:longspan.ready{*} by {flow}", "sum:longspan.marks_dropped{*}"]


def blind_spots():
    for name, change in BAD:
        found = [rule.__name__ for rule in dashboard_rules.RULES
                 if list(rule(spoilt(change)))]
        if name not in found:
            yield f"{name} does not find its bad example; found: {found}"
    for rule in {rule.__name__ for rule in dashboard_rules.RULES} - {name for name, _ in BAD}:
        yield f"{rule} has no bad example"
    for text in BAD_RULES:
        if not list(rule_problems(text)):
            yield f"nothing is found in {text}"
    for text in BAD_DATADOG:
        if not list(datadog_problems({"x": {"query": text}})):
            yield f"nothing is found in {text}"


def main():
    made = subprocess.run([sys.executable, "-B", os.path.join(SOURCE, "generate.py"), "--check"],
                          capture_output=True, text=True, check=False)
    boards = load("grafana/*.json") | load("grafana/native/*.json")
    datadog = load("datadog/*.json")
    with open(os.path.join(DASHBOARDS, "prometheus", "longspan.rules.yml"),
              encoding="utf-8") as file:
        rules = file.read()
    found = [*grafana_problems(boards), *charted_problems(boards), *rule_problems(rules),
             *datadog_problems(datadog), *equivalence_problems(datadog), *blind_spots()]
    print(made.stdout + made.stderr + "\n".join(found))
    print(f"lint: {len(boards)} dashboards, {len(dashboard_rules.RULES)} rules, {len(BAD)} bad "
          f"examples, {len(found)} problems")
    return 1 if found or made.returncode or len(boards) != 2 * len(BOARDS) else 0


if __name__ == "__main__":
    sys.exit(main())
