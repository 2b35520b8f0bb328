#!/usr/bin/env python3
"""generate.py - writes what is made from the tables here: python3 -B dashboards/source/generate.py

--check writes nothing; it names what is not as the tables would make it, and exits 1.
"""

import argparse
import json
import os
import sys

import datadog
import grafana
import prometheus_rules
from boards_flows import FLEET, FLOW
from boards_inside import INSIDE, SINKS
from query import Form

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BOARDS = (FLEET, FLOW, SINKS, INSIDE)


def as_json(value):
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def made():
    """{path below dashboards/: text}."""
    out = {"prometheus/longspan.rules.yml": prometheus_rules.rules_yaml()}
    for board in BOARDS:
        for form, folder in ((Form.CLASSIC, "grafana"), (Form.NATIVE, "grafana/native")):
            out[f"{folder}/{board.uid}.json"] = as_json(grafana.board_json(board, form))
        out[f"datadog/{board.uid}.json"] = as_json(datadog.board_json(board))
    out["datadog/monitors.json"] = as_json(datadog.monitors())
    out["datadog/slos.json"] = as_json(datadog.slos())
    return out


def differing(files):
    for path, text in files.items():
        full = os.path.join(FOLDER, path)
        if not os.path.exists(full):
            yield f"dashboards/{path} is missing"
            continue
        with open(full, encoding="utf-8") as file:
            if file.read() != text:
                yield f"dashboards/{path} is not what dashboards/source makes"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    files = made()
    if parser.parse_args().check:
        found = list(differing(files))
        print("\n".join([*found, f"{len(files)} files, {len(found)} differ"]))
        return 1 if found else 0
    for path, text in files.items():
        full = os.path.join(FOLDER, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
