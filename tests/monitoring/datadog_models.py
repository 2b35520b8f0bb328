"""datadog_models.py - the files for Datadog are what its API's own models take.

Prints what is not, and "ok" at the end. Needs datadog-api-client; asks nobody.
"""

import copy
import glob
import json
import os
import sys

from datadog_api_client.configuration import Configuration
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.service_level_objective_request import (
    ServiceLevelObjectiveRequest)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "dashboards",
                      "datadog")


def taken(content, model):
    """Absent where the model takes it. What it cannot place it keeps, marked as unparsed."""
    try:
        made = validate_and_convert_types(content, (model,), ["received"], True, True,
                                          Configuration())
    except Exception as refusal:  # pylint: disable=broad-except
        return str(refusal)
    return unparsed(made)


def unparsed(value, path=""):
    """The first part that is of no known kind."""
    if getattr(value, "_unparsed", False):
        return f"{path}: of no known kind"
    children = getattr(value, "_data_store", None)
    if children is None and isinstance(value, dict):
        children = value
    pairs = children.items() if children else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        found = unparsed(child, f"{path}/{key}")
        if found:
            return found
    return None


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def mistakes(board):
    """Dashboards with one each."""
    yield dict(board, layout_type="sideways")
    for key, value in (("formulas", [{"formula": 5}]), ("response_format", "table"),
                       ("queries", [{"name": "query1", "data_source": "metric", "query": "x"}])):
        spoilt = copy.deepcopy(board)
        spoilt["widgets"][0]["definition"]["widgets"][0]["definition"]["requests"][0][key] = value
        yield spoilt


def main():
    parts = [(path, load(path), Dashboard)
             for path in sorted(glob.glob(os.path.join(FOLDER, "longspan-*.json")))]
    parts += [(each["name"], each, Monitor)
              for each in load(os.path.join(FOLDER, "monitors.json"))]
    parts += [(each["name"], each, ServiceLevelObjectiveRequest)
              for each in load(os.path.join(FOLDER, "slos.json"))]
    found = [(name, taken(content, model)) for name, content, model in parts]
    for name, problem in found:
        if problem:
            print(f"{os.path.basename(name)}: {problem}")
    for spoilt in mistakes(parts[0][1]):
        if not taken(spoilt, Dashboard):
            print("a dashboard with a mistake is taken")
            return 1
    if any(problem for unused, problem in found):
        return 1
    print(f"ok: {len(parts)} parts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
