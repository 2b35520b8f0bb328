#!/usr/bin/env python3
"""conformance.py - what schema registries answer, by the tables beside this file.

`longspan registry` must answer every row as Confluent's does, and with each --fault as the registry
that it stands for. Apicurio must answer otherwise exactly where its file says so;
UPDATE_GOLDEN=1 rewrites that file.
"""

import difflib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import confluent  # noqa: E402
import confluent_rules  # noqa: E402
import faults  # noqa: E402
from registries import Apicurio, LongspanRegistry  # noqa: E402
from registry_api import call  # noqa: E402
from rows import differences  # noqa: E402
from suite import Failed, main  # noqa: E402

CASES = {**confluent.CASES, **confluent_rules.CASES}
KNOWN = os.path.join(HERE, "apicurio_3.0.9.txt")
ROWS = sum(map(len, CASES.values()))


def check_longspan(suite):
    registry = LongspanRegistry(suite, "registry")
    try:
        found = differences(registry.url, CASES)
    finally:
        registry.kill()
    if found:
        raise Failed("longspan registry answers otherwise:\n  " + "\n  ".join(found))
    suite.say(f"longspan registry answers all {ROWS} rows of {len(CASES)} cases")


def check_faults(suite):
    found = []
    for word, rows in faults.CASES.items():
        case = word.partition("=")[0]
        registry = LongspanRegistry(suite, f"registry-{case}", faults=[word])
        try:
            found += differences(registry.url, {case: rows})
        finally:
            registry.kill()
    if found:
        raise Failed("longspan registry --fault answers otherwise:\n  " + "\n  ".join(found))
    suite.say(f"each of {len(faults.CASES)} faults answers as it is meant to")


def check_that_every_fault_has_rows(suite):
    """The registry names all its faults where one is not known."""
    registry = LongspanRegistry(suite, "registry-fault-list")
    try:
        answer = call(registry.url, "PUT", "/longspan/faults", {"no_such_fault": 1})
    finally:
        registry.kill()
    known = set(answer.body["message"].partition(" is not one of ")[2].split(", "))
    told = {word.partition("=")[0] for word in faults.CASES}
    suite.check(known == told, f"faults without rows, or rows without a fault: {known ^ told}")


def check_apicurio(suite):
    registry = Apicurio(suite)
    suite.say("Apicurio runs")
    try:
        found = differences(registry.url, CASES)
        stands_for = {faults.OF_APICURIO: faults.CASES[faults.OF_APICURIO]}
        unlike = differences(registry.url, stands_for)
    finally:
        registry.kill()
    if unlike:
        raise Failed("the fault that stands for Apicurio answers otherwise than Apicurio:\n  "
                     + "\n  ".join(unlike))
    compare_with_known(suite, found)


def compare_with_known(suite, found):
    if os.environ.get("UPDATE_GOLDEN") == "1":
        with open(KNOWN, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in found)
    with open(KNOWN, encoding="utf-8") as file:
        known = file.read().splitlines()
    if found != known:
        changes = difflib.unified_diff(known, found, KNOWN, "seen", lineterm="", n=0)
        raise Failed("Apicurio's differences are others than those listed:\n"
                     + "\n".join(changes))
    suite.say(f"Apicurio answers {ROWS - len(found)} of {ROWS} rows, and the others as listed")


def run(suite):
    check_longspan(suite)
    check_that_every_fault_has_rows(suite)
    check_faults(suite)
    check_apicurio(suite)


if __name__ == "__main__":
    main("conformance_registries", run)
