"""tree.py - the files of the repository as the checks see them."""

import functools
import os
import re
import subprocess

CPP_FOLDERS = ("lagcalc", "tracing", "mirror", "cli")
BINARY_EXTENSIONS = (".png", ".bin", ".jar", ".gz", ".zst", ".ico")

# Comments, strings and character literals; a digit separator (60'000) is not a character literal.
CPP_NOISE = re.compile(
    r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])"
    r'|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r"|//[^\n]*|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)


def blank(match):
    """What a piece of noise leaves behind: its line ends, and quotes that keep tokens apart."""
    text = match.group(0)
    if text == "'":
        return "_"
    if text[0] in "\"'R":
        return '""' + "\n" * text.count("\n")
    return " " + "\n" * text.count("\n")


class File:
    def __init__(self, root, path):
        self.path = path
        self.absolute = os.path.join(root, path)
        self.size = os.path.getsize(self.absolute)

    @functools.cached_property
    def text(self):
        if self.path.endswith(BINARY_EXTENSIONS) or self.path.startswith("tests/fixtures/"):
            return ""
        with open(self.absolute, encoding="utf-8", errors="surrogateescape", newline="") as f:
            return f.read()

    @property
    def lines(self):
        return self.text.split("\n")[: -1 if self.text.endswith("\n") else None]

    @functools.cached_property
    def language(self):
        name = os.path.basename(self.path)
        if name.endswith((".h", ".cc")):
            return "cpp"
        if name.endswith(".cmake") or name == "CMakeLists.txt":
            return "cmake"
        if name.endswith(".py") or re.match(r"#!.*python", self.text):
            return "python"
        if name.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", self.text):
            return "bash"
        if name.endswith((".js", ".mjs", ".css", ".html")):
            return "web"
        return "other"

    @functools.cached_property
    def code(self):
        """C++ with the content of comments and literals gone and every line where it was."""
        return CPP_NOISE.sub(blank, self.text)

    @property
    def includes(self):
        """(line number, `<a/b.h>` or `"a/b.h"`) for each #include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(<[^>]+>|"[^"]+")', line)
            if match:
                yield number, match.group(1)

    @property
    def folder(self):
        return self.path.split("/")[0]


def list_paths(root):
    """What git tracks or would track; every file when there is no git (an unpacked archive)."""
    command = ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"]
    if os.path.exists(os.path.join(root, ".git")):
        out = subprocess.run(command, check=True, capture_output=True).stdout.decode()
        return sorted(p for p in set(out.split("\0")) if p)
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".") and f != "build"]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


class Tree:
    def __init__(self, root):
        paths = list_paths(root)
        self.files = [File(root, p) for p in paths if os.path.isfile(os.path.join(root, p))]
        self.by_path = {f.path: f for f in self.files}

    def of(self, *languages):
        return [f for f in self.files if f.language in languages]
