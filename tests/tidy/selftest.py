#!/usr/bin/env python3
"""selftest.py - every check of tidy.py finds what it is for, and nothing in a clean tree.

A row is (check, path, content, line of the problem). Each check must have a row: one that cannot
fail would be worth nothing.
"""

import os
import subprocess
import sys
import tempfile

import tidy
from tree import Tree

HEADER = "// {path} - a thing.\n#pragma once\n"
CLEAN = {
    "README.md": "# longspan\n",
    "lagcalc/README.md": "Arithmetic.\n",
    "lagcalc/CMakeLists.txt": "longspan_module(lagcalc SOURCES\n  lag.cc)\n",
    "lagcalc/lag.h": HEADER.format(path="lagcalc/lag.h") + "#include <optional>\n",
    "lagcalc/lag.cc": '#include "lagcalc/lag.h"\n// src_offset, std::cout and time(nullptr)\n'
                      "const char* k = \"time(nullptr) src_\"; int n = 60'000, m = 'a';\n"
                      "int f(int a) {\n  return a + n;\n}\n",
    "lagcalc/stamps/README.md": "Times of changes.\n",
    "lagcalc/stamps/CMakeLists.txt": "longspan_module(stamps SOURCES\n  json.cc)\n",
    "lagcalc/stamps/json.cc": "#include <nlohmann/json.hpp>\n",
}


def body(lines, head="int g() {"):
    return head + "\n" + "  n += 1;\n" * (lines - 2) + "}\n"


TOO_LONG = "// " + "x" * 98 + "\n"
BAD = [
    ("include_direction", "lagcalc/a.cc", '#include "mirror/shard.h"\n', 1),
    ("include_direction", "lagcalc/a.cc", '\n#include "lagcalc/absent.h"\n', 2),
    ("include_direction", "mirror/a.cc", '#include "cli/main.h"\n', 1),
    ("include_direction", "tracing/a.cc", '#include "mirror/shard.h"\n', 1),
    ("include_direction", "cli/a.cc", '#include "tests/fakes/clock.h"\n', 1),
    ("include_direction", "dashboards/a.cc", "int x;\n", 1),
    ("library_fences", "mirror/shard.cc", "#include <librdkafka/rdkafka.h>\n", 1),
    ("library_fences", "mirror/shard.cc", "#include <boost/program_options.hpp>\n", 1),
    ("library_fences", "mirror/shard.cc", "#include <prometheus/registry.h>\n", 1),
    ("library_fences", "mirror/shard.cc", "#include <curl/curl.h>\n", 1),
    ("one_prometheus_file", "tracing/a.h", "#include <prometheus/registry.h>\n", 1),
    ("heavy_headers", "mirror/a.h", "#include <nlohmann/json.hpp>\n", 1),
    ("heavy_headers", "mirror/a.h", "#include <spdlog/spdlog.h>\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "#include <thread>\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "#include <fmt/core.h>\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "#include <nlohmann/json.hpp>\n", 1),
    ("pure_lagcalc", "lagcalc/stamps/a.cc", "#include <spdlog/spdlog.h>\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "#include <unistd.h>\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "auto t = std::chrono::steady_clock::now();\n", 1),
    ("pure_lagcalc", "lagcalc/a.cc", "\nauto t = time(nullptr);\n", 2),
    ("pure_lagcalc", "lagcalc/a.cc", "void f() { std::cerr << 1; }\n", 1),
    ("dead_files", "lagcalc/unlisted.cc", "int x;\n", 1),
    ("dead_files", "lagcalc/unused.h", HEADER.format(path="lagcalc/unused.h"), 1),
    ("readmes", "mirror/topics/a.cc", "int x;\n", 1),
    ("readmes", "README.md", "line\n" * 81, 81),
    ("readmes", "lagcalc/README.md", "line\n" * 31, 31),
    ("file_size", "lagcalc/a.cc", "int x;\n" * 501, 501),
    ("file_size", "tests/fixtures/big.bin", "x" * (600 * 1024 + 1), 1),
    ("function_size", "lagcalc/a.cc", "\n" + body(71), 2),
    ("function_size", "lagcalc/a.cc", body(71, "Foo::Foo(int a) : a_{a}, b_{a} {"), 1),
    ("function_size", "lagcalc/a.cc", "class A {\n" + body(71, "int g() const {") + "};\n", 2),
    ("function_size", "lagcalc/a.cc", body(71, "TEST(Lag, IsKnown) {"), 1),
    ("function_size", "tests/x.sh", "#!/bin/bash\n" + body(71, "f() {"), 2),
    ("function_size", "tests/x.py", "def f():\n" + "    f()\n" * 70, 1),
    ("line_length", "lagcalc/a.cc", TOO_LONG, 1),
    ("line_length", "tests/run", "#!/usr/bin/env bash\n#" + TOO_LONG, 2),
    ("line_length", "cmake/x.cmake", "#" + TOO_LONG, 1),
    ("line_length", "cli/http/page/x.js", TOO_LONG, 1),
    ("whitespace", "lagcalc/a.cc", "int x; \n", 1),
    ("whitespace", "lagcalc/a.cc", "\n\tint x;\n", 2),
    ("whitespace", "lagcalc/a.cc", "int x;", 1),
    ("whitespace", "lagcalc/a.cc", "int x;\r\n", 1),
    ("words", "lagcalc/a.cc", "// FIX" + "ME later\n", 1),
    ("words", "lagcalc/a.cc", "// TO" + "DO later\n", 1),
    ("words", "lagcalc/a.cc", "// TO" + "DO(someone) later\n", 1),
    ("words", "ARCHITECTURE.md", "see /wo" + "rk/x\n", 1),
    ("words", "ARCHITECTURE.md", "see ../shared/" + "design.md\n", 1),
    ("names", "lagcalc/Lag.cc", "int x;\n", 1),
    ("names", "lagcalc/a.cc", "int src_offset = 0;\n", 1),
    ("names", "lagcalc/a.cc", "int* dst;\n", 1),
    ("names", "lagcalc/a.cc", "class SlotManager {};\n", 1),
    ("header_opening", "lagcalc/a.h", "// lagcalc/b.h - other.\n#pragma once\n", 1),
    ("header_opening", "lagcalc/a.h", "// lagcalc/a.h - no pragma.\nint x;\n", 1),
]


def found_in(content):
    with tempfile.TemporaryDirectory() as root:
        for path, text in content.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as f:
                f.write(text)
        return set(tidy.problems(Tree(root)))


def git_listing_works():
    """Untracked files count, ignored ones do not."""
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        for name, text in {".gitignore": "*.o\n", "a.o": "", "b.txt": ""}.items():
            with open(os.path.join(root, name), "w", encoding="utf-8") as f:
                f.write(text)
        return [f.path for f in Tree(root).files] == [".gitignore", "b.txt"]


def main():
    failures = [f"clean tree: {p}" for p in sorted(found_in(CLEAN))]
    for check, path, text, line in BAD:
        everything = found_in({**CLEAN, path: text})
        here = os.path.dirname(path)
        found = {(c, n) for p, n, _, c in everything if os.path.dirname(p) == here}
        if (check, line) not in found:
            failures.append(f"{check} misses line {line} of {path}: {text[:60]!r}; found {found}")
    unproved = {c.__name__ for c in tidy.CHECKS} - {check for check, *_ in BAD}
    failures += [f"no bad example for {name}" for name in sorted(unproved)]
    if not git_listing_works():
        failures.append("the git listing is wrong")
    print("\n".join(failures + [f"selftest: {len(BAD)} bad examples, {len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
