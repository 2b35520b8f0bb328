#!/usr/bin/env python3
"""panels.py - each panel's query returns data of a real run, by a real Prometheus, in both forms.

real_run.py mirrors; a Prometheus with classic buckets and one with native histograms scrape it.
Then each query of each dashboard in dashboards/ is asked as Grafana would ask it, and the rules
are evaluated. What is rare has a counter that starts at 0, so that no panel needs it to happen.

LONGSPAN_PICTURES=1 lets the run take two minutes, and draws dashboards/pictures/ from it.
"""

import contextlib
import glob
import json
import math
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "dashboards")
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import fetched  # noqa: E402
import process  # noqa: E402
import suite as suites  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from real_run import RealRun  # noqa: E402

MATPLOTLIB = "matplotlib==3.10.8"
NATIVE = ("native-histograms", "exemplar-storage")
STEP_S = 1
RATE_INTERVAL = "10s"
DRAW_TIMEOUT_S = 120


def scenario(run, is_long):
    """(seconds, what begins then); the long one is worth a picture."""
    pause = ("pause", run.file, "--topic", f"{run.prefix}.payments", "--reason", "planned work")
    resume = ("resume", run.file, "--topic", f"{run.prefix}.payments")
    steps = [(5, lambda: run.let_read(False)), (4, lambda: run.let_read(True)),
             (1, lambda: run.command(*pause)), (4, lambda: run.command(*resume)), (8, None)]
    if is_long:
        steps = [(25, lambda: run.write(1500)), (20, lambda: run.write(300)),
                 (10, lambda: run.let_read(False)), (20, lambda: run.let_read(True)),
                 (15, lambda: run.command(*pause)), (15, lambda: run.command(*resume)), (25, None)]
    return steps


def live(run, is_long):
    for seconds, what in scenario(run, is_long):
        until = time.monotonic() + seconds
        process.wait_until("time to pass", seconds + 5, lambda at=until: time.monotonic() > at,
                           run.watched())
        if what:
            what()


def asked(expr, flow):
    """What Grafana makes of an expression: a choice of all, and of one flow its name."""
    for name, value in (("flow", flow), ("__rate_interval", RATE_INTERVAL)):
        expr = expr.replace(f"${name}", value)
    for name, all_of_them in (("job", ".+"), ("instance", ".+"), ("topic", ".+"),
                              ("group", ".*")):
        expr = expr.replace(f'"${name}"', f'"{all_of_them}"')
    assert "$" not in expr, expr
    return expr


def has_data(series):
    return any(math.isfinite(value) for unused, points in series for unused, value in points)


def is_odd(panel, series):
    """Only times may be below zero, where clocks differ; a part of one is at most that."""
    unit = panel["fieldConfig"]["defaults"]["unit"]
    values = [value for unused, points in series for unused, value in points
              if math.isfinite(value)]
    return (unit != "s" and min(values, default=0) < 0) or (
        unit == "percentunit" and max(values, default=0) > 1)


def check_panels(suite, prometheus, folder, run, span):
    """{uid: {panel's id: [series of each target]}}."""
    out, empty, count = {}, [], 0
    for path in sorted(glob.glob(os.path.join(DASHBOARDS, folder, "*.json"))):
        with open(path, encoding="utf-8") as file:
            board = json.load(file)
        told = out.setdefault(board["uid"], {})
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                series = prometheus.query_range(asked(target["expr"], run.flow), *span, STEP_S)
                told.setdefault(panel["id"], []).append(series)
                count += 1
                if not has_data(series) or is_odd(panel, series):
                    empty.append(f"{board['uid']}: {panel['title']}: {target['expr']}")
    suite.check(count > 0, f"no queries in {folder}")
    suite.check(not empty, "no data, or what cannot be, of\n  " + "\n  ".join(empty))
    suite.say(f"{folder}: {count} queries, each has data")
    return out


def check_rules(suite, prometheus):
    """Each is evaluated without an error, and what is recorded has data."""
    rules = prometheus.rules()
    recorded = [rule["name"] for rule in rules if rule["type"] == "recording"]
    suite.check(recorded, "nothing is recorded")
    for rule in rules:
        suite.check(rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError')}")
    for name in recorded:
        suite.check(prometheus.query(name), f"{name} has no data")
    suite.say(f"{len(rules)} rules are evaluated, {len(recorded)} recorded ones have data")


def hasty_rules(suite):
    """The same, but each second."""
    path = os.path.join(suite.folder, "rules.yml")
    with open(os.path.join(DASHBOARDS, "prometheus", "longspan.rules.yml"),
              encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("interval: 30s", "interval: 1s"))
    return path


def draw(suite, told, span):
    """In a Python of its own, which has matplotlib."""
    python = fetched.python_with(suite, MATPLOTLIB)
    order = {"data": told, "span": span, "folder": os.path.join(DASHBOARDS, "pictures")}
    with open(os.path.join(suite.folder, "drawn.json"), "w", encoding="utf-8") as file:
        json.dump(order, file)  # kept with what else a failure leaves
    done = subprocess.run([python, "-B", os.path.join(HERE, "draw.py")], input=json.dumps(order),
                          capture_output=True, text=True, timeout=DRAW_TIMEOUT_S, check=False)
    suite.check(done.returncode == 0, done.stderr)
    suite.say(done.stdout.strip())


def run(suite):
    is_long = os.environ.get("LONGSPAN_PICTURES") == "1"
    with contextlib.ExitStack() as stack:
        real = stack.enter_context(RealRun(suite))
        target = {"run": real.page}
        plain = Prometheus(suite, "plain", target, rules=[hasty_rules(suite)])
        stack.callback(plain.stop)
        native = Prometheus(suite, "native", target, NATIVE)
        stack.callback(native.stop)
        plain.wait_for("a scrape", 'longspan_ready{job="run"}')
        suite.say(f"two Prometheus scrape {real.flow}")
        began = time.time()
        live(real, is_long)
        span = (began, time.time())
        told = check_panels(suite, plain, "grafana", real, span)
        check_panels(suite, native, "grafana/native", real, span)
        check_rules(suite, plain)
        if is_long:
            draw(suite, told, span)


if __name__ == "__main__":
    suites.main("monitoring_panels", run)
