"""text.py - what a file may look like: sizes, lines, names, words."""

import os
import re

from functions import functions

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
FILE_BYTES_MAX = 600 * 1024
CODE = ("cpp", "cmake", "bash", "python")
LINES = (*CODE, "web")

# Put together from pieces so that this file does not find itself.
WORDS = [
    (re.compile("FIX" + "ME"), "no FIX" + "ME: mend it, or TO" + "DO(#issue)"),
    (re.compile(r"\bTO" + r"DO\b(?!\(#\d+\))"), "TO" + "DO needs its issue: TO" + "DO(#12)"),
    (re.compile("/wo" + "rk/|shared/" + r"(design|style|facts|fixtures)\b"),
     "a path of one machine: the project stands alone"),
]
SOURCE_TARGET = re.compile(r"\b(src|dst)(_\w*)?\b|\b\w+_(src|dst)_?\b")
EMPTY_NOUN = re.compile(r"\b(?:class|struct)\s+(\w*(?:Manager|Handler|Helper|Utils?|Impl))\b")


def file_size(tree):
    for file in tree.files:
        if file.size > FILE_BYTES_MAX:
            yield file, 1, f"{file.size} bytes, limit {FILE_BYTES_MAX}"
    for file in tree.of(*LINES):
        if len(file.lines) > FILE_LINES_MAX:
            yield file, FILE_LINES_MAX + 1, f"{len(file.lines)} lines, limit {FILE_LINES_MAX}"


def function_size(tree):
    for file in tree.of(*CODE):
        for first, last in functions(file):
            length = last - first + 1
            if length > FUNCTION_LINES_MAX:
                yield file, first, f"function of {length} lines, limit {FUNCTION_LINES_MAX}"


def line_length(tree):
    for file in tree.of(*LINES):
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS_MAX:
                yield file, number, f"{len(line)} columns, limit {COLUMNS_MAX}"


def whitespace(tree):
    for file in tree.of(*LINES):
        if file.text and not file.text.endswith("\n"):
            yield file, len(file.lines), "no line end at the end of the file"
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip():
                yield file, number, "white space at the end of the line"
            elif "\t" in line:
                yield file, number, "tab"


def words(tree):
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            for pattern, message in WORDS:
                if pattern.search(line):
                    yield file, number, message


def names(tree):
    for file in tree.of("cpp"):
        if not re.fullmatch(r"[a-z][a-z0-9_]*\.(h|cc)", os.path.basename(file.path)):
            yield file, 1, "file names are snake_case.h or .cc"
        for number, line in enumerate(file.code.split("\n"), 1):
            match = SOURCE_TARGET.search(line)
            if match:
                yield file, number, f"`{match.group(0)}`: say source or target"
            match = EMPTY_NOUN.search(line)
            if match:
                yield file, number, f"`{match.group(1)}`: say the noun it is"


def header_opening(tree):
    """A header begins with its own path and what it is, and has #pragma once."""
    for file in tree.of("cpp"):
        if not file.path.endswith(".h"):
            continue
        if not file.text.startswith(f"// {file.path} - "):
            yield file, 1, f"must begin with `// {file.path} - what it is`"
        if not re.search(r"^#pragma once$", file.text, re.MULTILINE):
            yield file, 1, "no #pragma once"


CHECKS = [file_size, function_size, line_length, whitespace, words, names, header_opening]
