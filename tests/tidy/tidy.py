#!/usr/bin/env python3
"""tidy.py - the house rules that can be checked: tidy.py ROOT prints `path:line: error: ...`."""

import sys

import architecture
import text
from tree import Tree

CHECKS = architecture.CHECKS + text.CHECKS


def problems(tree):
    for check in CHECKS:
        for file, number, message in check(tree):
            path = file if isinstance(file, str) else file.path
            yield path, number, message, check.__name__


def main():
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = sorted(set(problems(tree)))
    for path, number, message, check in found:
        print(f"{path}:{number}: error: {message} [{check}]")
    print(f"tidy: {len(tree.files)} files, {len(CHECKS)} checks, {len(found)} problems")
    if len(tree.of("cpp")) < 10:
        print("tidy: fewer than 10 C++ files: this is not the tree of longspan")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
