"""architecture.py - who may include what.

Adding a row is a decision: say why in ARCHITECTURE.md.
"""

import os
import re

from tree import CPP_FOLDERS

MAY_INCLUDE = {
    "lagcalc": {"lagcalc"},
    "tracing": {"tracing", "lagcalc"},
    "mirror": {"mirror", "tracing", "lagcalc"},
    "cli": {"cli", "mirror", "tracing", "lagcalc"},
    "tests": {"tests", "cli", "mirror", "tracing", "lagcalc"},
}
# Library -> the only folders that may include it.
FENCES = {
    "<librdkafka/": ("mirror/kafka/", "tests/"),
    "<boost/": ("cli/", "tests/unit/cli/"),
    "<prometheus/": ("tracing/",),
    "<curl/": ("mirror/schemas/",),
    "<zlib.h>": ("mirror/schemas/", "cli/telemetry/gzip.cc", "tests/unit/cli/telemetry/"),
    "<libpq-fe.h>": ("mirror/clocks/postgres_clock.cc",),
}
# Headers that cost every includer a second of compile time.
HEAVY = re.compile(r"<(nlohmann/json\.hpp|httplib\.h|spdlog/.*)>")
PURE_INCLUDE = re.compile(r"<(?!(thread|mutex|shared_mutex|condition_variable|future|stop_token|"
                          r"semaphore|latch|barrier|fstream|iostream|filesystem|ctime|csignal|"
                          r"random|cstdio)>)[a-z_0-9]+>")
STAMPS_JSON = ("lagcalc/stamps/", "<nlohmann/json.hpp>")  # change events are JSON, schemas too
IMPURE_CALL = re.compile(r"::now\s*\(|\b(std::)?time\s*\(\s*(nullptr|NULL|0|&)|\bgetenv\s*\(|"
                         r"\b(f|v)?printf\s*\(|std::(cout|cerr|clog|thread|jthread|mutex)\b|"
                         r"\bsleep_(for|until)\s*\(|\bclock_gettime\s*\(")


def include_direction(tree):
    for file in tree.of("cpp"):
        allowed = MAY_INCLUDE.get(file.folder)
        if allowed is None:
            yield file, 1, f"C++ outside {', '.join(MAY_INCLUDE)}"
            continue
        for number, target in file.includes:
            if target[0] != '"':
                continue
            path = target.strip('"')
            if path.split("/")[0] not in allowed:
                yield file, number, f"{file.folder}/ must not include {target}"
            elif path not in tree.by_path:
                yield file, number, f"{target} does not exist (includes start at the root)"


def library_fences(tree):
    for file in tree.of("cpp"):
        for number, target in file.includes:
            for library, folders in FENCES.items():
                if target.startswith(library) and not file.path.startswith(folders):
                    yield file, number, f"{target} only in {' and '.join(folders)}"


def one_prometheus_file(tree):
    users = [(f, n) for f in tree.of("cpp") for n, t in f.includes if t.startswith("<prometheus/")]
    for file, number in users:
        if file.path.endswith(".h") or len({f.path for f, _ in users}) > 1:
            yield file, number, "prometheus-cpp belongs into one .cc of tracing/"


def heavy_headers(tree):
    for file in tree.of("cpp"):
        for number, target in file.includes:
            header = file.path.endswith(".h") and file.folder != "tests"
            if header and HEAVY.fullmatch(target):
                yield file, number, f"{target} only in .cc files (compile time)"


def pure_lagcalc(tree):
    for file in tree.of("cpp"):
        if file.folder != "lagcalc" or file.path == "lagcalc/assert.h":
            continue
        for number, target in file.includes:
            if file.path.startswith(STAMPS_JSON[0]) and target == STAMPS_JSON[1]:
                continue
            if target[0] == "<" and not PURE_INCLUDE.fullmatch(target):
                yield file, number, f"lagcalc/ is pure and std only: no {target}"
        for number, line in enumerate(file.code.split("\n"), 1):
            match = IMPURE_CALL.search(line)
            if match:
                yield file, number, f"lagcalc/ is pure: no {match.group(0).strip(' (')}"


def dead_files(tree):
    """A source that no CMakeLists.txt lists, or a header that nobody includes."""
    included = {t.strip('"') for f in tree.of("cpp") for _, t in f.includes}
    for file in tree.of("cpp"):
        if file.path.endswith(".h"):
            if file.path not in included:
                yield file, 1, "dead header: nobody includes it"
        elif not _listed(tree, file.path):
            yield file, 1, "dead file: no CMakeLists.txt above it lists it"


def _listed(tree, path):
    folder = os.path.dirname(path)
    while True:
        cmake = tree.by_path.get(os.path.join(folder, "CMakeLists.txt"))
        name = re.escape(os.path.relpath(path, folder or "."))
        if cmake and re.search(rf"(?<![\w./-]){name}(?![\w.])", cmake.text):
            return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def readmes(tree):
    """Each folder says in at most 30 lines what belongs there; the root's README in 80."""
    wanted = {"": 80}
    for file in tree.of("cpp"):
        parts = os.path.dirname(file.path).split("/")
        depth = len(parts) if parts[0] in CPP_FOLDERS else 2
        wanted["/".join(parts[:depth]) + "/"] = 30
    for folder, limit in sorted(wanted.items()):
        readme = tree.by_path.get(folder + "README.md")
        if readme is None:
            yield folder + "README.md", 1, "missing: what belongs here, what does not, start where"
        elif len(readme.lines) > limit:
            yield readme, limit + 1, f"{len(readme.lines)} lines, limit {limit}"


CHECKS = [include_direction, library_fences, one_prometheus_file, heavy_headers, pure_lagcalc,
          dead_files, readmes]
