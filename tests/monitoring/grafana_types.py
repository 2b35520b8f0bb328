#!/usr/bin/env python3
"""grafana_types.py - the dashboards are what Grafana's own types say: @grafana/schema, by tsc.

Each dashboard becomes a constant of type Dashboard, each panel's options and its fields' settings
constants of the types of that kind of panel. npm comes from PyPI where there is none; skipped,
loudly, where that or npm's registry cannot be reached.
"""

import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "dashboards")
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import npm as npms  # noqa: E402
import suite as suites  # noqa: E402

PACKAGES = ("@grafana/schema@13.2.3", "typescript@5.9.3")
CHECK_TIMEOUT_S = 120
KINDS = {"timeseries": "TimeSeries", "state-timeline": "StateTimeline", "stat": "Stat",
         "table": "Table", "heatmap": "Heatmap"}
# Enums of strings are plain strings in JSON; what has a default may be left out.
PLAIN = """\
type Plain<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T :
  T extends Array<infer U> ? Plain<U>[] : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;
"""
# To be refused: a name that is not there, a value that is none of an enum's, a text for a number.
BAD = ('const bad: Plain<Dashboard> = {"schemaVersion": 39, "editble": false};',
       'const bad: Plain<Dashboard> = {"schemaVersion": "39"};',
       'const bad: Plain<Timeseries.FieldConfig> = {"drawStyle": "lines"};')


def head():
    lines = ['import type {Dashboard} from "@grafana/schema";']
    for kind in KINDS.values():
        path = f"@grafana/schema/dist/esm/raw/composable/{kind.lower()}/panelcfg/x/" \
               f"{kind}PanelCfg_types.gen"
        lines.append(f'import type * as {kind.capitalize()} from "{path}";')
    return "\n".join(lines) + "\n" + PLAIN


def constants(board):
    """TypeScript reads JSON as it is. What a panel's kind defines is not in Panel."""
    lines = [f"const board: Plain<Dashboard> = {json.dumps(board)};"]
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        kind = KINDS[panel["type"]].capitalize()
        lines.append(f"const options{panel['id']}: Partial<Plain<{kind}.Options>> = "
                     f"{json.dumps(panel['options'])};")
        custom = panel["fieldConfig"]["defaults"]["custom"]
        if custom:
            lines.append(f"const fields{panel['id']}: Partial<Plain<{kind}.FieldConfig>> = "
                         f"{json.dumps(custom)};")
    return "\n".join(lines)


def compiled(node, folder, name, text):
    """What tsc says; empty: nothing."""
    path = os.path.join(folder, f"{name}.ts")
    with open(path, "w", encoding="utf-8") as file:
        file.write(head() + text + "\nexport {};\n")
    done = subprocess.run([node, os.path.join(folder, "node_modules", ".bin", "tsc"), "--noEmit",
                           "--strict", "--skipLibCheck", "--module", "esnext",
                           "--moduleResolution", "bundler", "--target", "es2022", path],
                          capture_output=True, text=True, timeout=CHECK_TIMEOUT_S, check=False,
                          cwd=folder)
    return done.stdout + done.stderr


def run(suite):
    node, npm = npms.node_and_npm(suite)
    folder = npms.packages(suite, npm, "grafana-schema", *PACKAGES)
    for number, text in enumerate(BAD):
        suite.check("error TS2" in compiled(node, folder, f"bad-{number}", text),
                    f"tsc takes {text}")
    paths = [path for where in ("grafana", "grafana/native")
             for path in sorted(glob.glob(os.path.join(DASHBOARDS, where, "*.json")))]
    suite.check(paths, "no dashboards")
    for number, path in enumerate(paths):
        with open(path, encoding="utf-8") as file:
            said = compiled(node, folder, f"board-{number}", constants(json.load(file)))
        suite.check(not said, f"{os.path.relpath(path, DASHBOARDS)}: {said}")
    suite.say(f"{len(paths)} dashboards are of Grafana's types")


if __name__ == "__main__":
    suites.main("monitoring_grafana_types", run)
