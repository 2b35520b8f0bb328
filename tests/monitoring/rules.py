#!/usr/bin/env python3
"""rules.py - dashboards/prometheus/longspan.rules.yml by promtool: each alert fires and does not.

The cases are rule_cases.py. What a runbook tells to type is a command of this program, with flags
that it has; where it links to is a dashboard that there is.
"""

import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "dashboards")
IN_MEMORY = "/dev/shm"
RULES = os.path.join(DASHBOARDS, "prometheus", "longspan.rules.yml")
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
sys.path.insert(0, os.path.join(DASHBOARDS, "source"))

import suite as suites  # noqa: E402
from alerts import ALERTS  # noqa: E402
from generate import BOARDS  # noqa: E402
from prometheus import find  # noqa: E402
from slo_rules import RULES as RECORDED  # noqa: E402
from rule_cases import CASES, LONG, OF_FLOW, PAGED, event, of  # noqa: E402


def series(values_of):
    return [{"series": name, "values": values} for name, values in values_of.items()]


def firing(name):
    return f'ALERTS{{alertname="{name}",alertstate="firing"}}'


def sample(name, labels):
    """promtool compares whole label sets."""
    told = {"alertname": name, "alertstate": "firing"} | labels
    return "ALERTS{" + ",".join(f"{key}={json.dumps(value)}" for key, value in told.items()) + "}"


def as_test(name, case):
    minutes, values_of, labels = case
    interval = "1m" if minutes < LONG else "10m"
    return {"interval": interval, "input_series": series(values_of), "promql_expr_test": [{
        "expr": firing(name), "eval_time": f"{minutes}m",
        "exp_samples": [] if labels is None else [{"labels": sample(name, labels), "value": 1}]}]}


def told_in_full(name, minutes, values_of, labels, told):
    """What Prometheus makes of one alert's annotations."""
    return {"interval": "1m", "external_labels": {"grafana": "https://grafana.example"},
            "input_series": series(values_of),
            "alert_rule_test": [{"eval_time": f"{minutes}m", "alertname": name,
                                 "exp_alerts": [{"exp_labels": labels,
                                                 "exp_annotations": told}]}]}


ANNOTATIONS = {
    "summary": "east->west: source_expired",
    "runbook": "longspan events FILE --flow='east->west' --since=1h\nThe event names the topic, "
               "the partition and the offsets. on.data.loss decides whether the partition waits "
               "for longspan resume FILE --accept-loss=EVENT.",
    "dashboard": "https://grafana.example/d/longspan-flow?var-flow=east-%3Ewest"}
# Of two processes one knows the connector.
HEARTBEAT = {
    "summary": "No heartbeat comes from connector shop",
    "runbook": "longspan lag FILE --flow='east->west' --why\nNothing new reaches the source's "
               "topics. Look at the tasks of the connector with this topic.prefix (curl "
               "http://CONNECT-WORKER:8083/connectors/NAME/status) and restart them.\n"
               "A process that knows of it: longspan lag --url=http://a:9464 "
               "--flow='east->west' --why",
    "dashboard": "https://grafana.example/d/longspan-groups?var-flow=east-%3Ewest"}
TOLD_IN_FULL = (
    told_in_full("LongspanRecordsLost", 9, event("source_expired", "0x5 1x5", "-86400x60"),
                 PAGED | OF_FLOW | {"kind": "source_expired"}, ANNOTATIONS),
    told_in_full("LongspanConnectorDead", 5,
                 {of("longspan_connector_up", 'connector="shop"'): "1x1 0x9",
                  of("longspan_connector_up", 'connector="other"'): "1x9"},
                 PAGED | OF_FLOW | {"connector": "shop"}, HEARTBEAT))


def promtool(*words):
    """Each case is a data base of its own, whose writes are waited for: kept in memory."""
    tool = os.path.join(os.path.dirname(find()), "promtool")
    folder = {"TMPDIR": IN_MEMORY} if os.access(IN_MEMORY, os.W_OK) else {}
    return subprocess.run([tool, *words], capture_output=True, text=True, check=False,
                          env=os.environ | folder)


def check_cases(suite):
    suite.check({alert.name for alert in ALERTS} == set(CASES), "cases and alerts differ")
    for name, cases in CASES.items():
        kinds = {case[2] is None for case in cases}
        suite.check(kinds == {True, False}, f"{name}: fires and stays quiet, both are to be shown")
    every = [(name, case) for name, cases in CASES.items() for case in cases]
    short = [as_test(*each) for each in every if each[1][0] < LONG]
    long = [as_test(*each) for each in every if each[1][0] >= LONG]
    for number, (tests, interval) in enumerate((([*short, *TOLD_IN_FULL], "1m"), (long, "10m"))):
        path = os.path.join(suite.folder, f"cases-{number}.json")
        with open(path, "w", encoding="utf-8") as file:  # JSON is YAML
            json.dump({"rule_files": [RULES], "evaluation_interval": interval, "tests": tests,
                       "group_eval_order": [*RECORDED, "longspan_alerts"]}, file, indent=1)
        done = promtool("test", "rules", path)
        suite.check(done.returncode == 0, done.stdout + done.stderr)
    suite.say(f"{len(CASES)} alerts: {len(every)} cases are as told")


def commands(alert):
    """All that it tells to type, without what Prometheus puts in."""
    text = re.sub(r"\{\{[^}]*\}\}", "x", f"{alert.command}\n{alert.what}")
    found = re.findall(r"\blongspan (?:[a-z]+ ?)+FILE(?: --[a-z-]+(?:=\S*\w'?)?)*", text)
    return [shlex.split(each) for each in found]


def check_commands(suite):
    helps = {}
    for alert in ALERTS:
        told = commands(alert)
        suite.check(told and alert.command.startswith("longspan "), f"{alert.name}: no command")
        suite.check(shlex.split(re.sub(r"\{\{[^}]*\}\}", "x", alert.command)) == told[0],
                    f"{alert.name}: {alert.command} is not read as a whole")
        for words in told:
            name = tuple(words[1:words.index("FILE")])
            if name not in helps:
                done = subprocess.run([suite.program, *name, "--help"], capture_output=True,
                                      text=True, check=False)
                suite.check(done.returncode == 0, f"{alert.name}: no command {' '.join(name)}")
                helps[name] = done.stdout
            for flag in words[words.index("FILE") + 1:]:
                flag = flag.split("=")[0]
                suite.check(re.search(rf"^  {flag}\b", helps[name], re.MULTILINE),
                            f"{alert.name}: {' '.join(name)} has no {flag}")
        suite.check(alert.board in {board.uid for board in BOARDS}, f"{alert.name}: {alert.board}")
    suite.say(f"runbooks name {len(helps)} commands, with flags that they have")


def run(suite):
    done = promtool("check", "rules", RULES)
    suite.check(done.returncode == 0, done.stdout + done.stderr)
    check_commands(suite)
    check_cases(suite)


if __name__ == "__main__":
    suites.main("monitoring_rules", run)
