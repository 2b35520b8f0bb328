"""functions.py - where functions begin and end: a rough brace count, enough for a limit."""

import ast
import re

TYPE_HEAD = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$")


def cpp_functions(code):
    """(first line, last line) of each outermost function body in C++ without comments."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", _newlines, code, flags=re.MULTILINE)
    stack = []  # (is a function, line of its first brace)
    head, line = "", 1
    closed = None  # the first line of the function whose brace closed last
    for char in code:
        if char == "{":
            start = line
            is_function = not any(f for f, _ in stack) and _begins_function(head)
            if closed is not None and re.fullmatch(r"\s*(,[^;]*)?", head) and not stack_has(stack):
                is_function, start = True, closed  # `: a_{a}, b_{b} {` is one function
            stack.append((is_function, start))
            head, closed = "", None
        elif char == "}":
            is_function, start = stack.pop() if stack else (False, line)
            closed = start if is_function else None
            if is_function:
                yield start, line
            head = ""
        elif char == ";":
            head, closed = "", None
        else:
            head += char
            line += char == "\n"


def stack_has(stack):
    return any(is_function for is_function, _ in stack)


def _begins_function(head):
    return ")" in head and not TYPE_HEAD.search(head)


def _newlines(match):
    return "\n" * match.group(0).count("\n")


def bash_functions(text):
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"(function )?\w+ ?\(\) *\{", line) and not line.rstrip().endswith("}"):
            start = number
        elif line.startswith("}") and start:
            yield start, number
            start = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno


def functions(file):
    if file.language == "cpp":
        return cpp_functions(file.code)
    if file.language == "bash":
        return bash_functions(file.text)
    return python_functions(file.text) if file.language == "python" else ()
