"""The line of a file that a problem is about."""

from __future__ import annotations

import re
from typing import Final

from hangarstack.contracts.problem import Problem

_TABLE: Final = re.compile(r"\s*\[([^\[\]]+)\]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def line_of(problem: Problem) -> int:
    """Return the line, 1 or more; 1 when it is not known or the file is gone."""
    if problem.line or not problem.place_in_file:
        return problem.line or 1
    try:
        text = problem.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return 1
    find = line_of_key if problem.file.suffix == ".toml" else line_at
    return find(text, problem.place_in_file)


def line_of_key(text: str, path: str) -> int:
    """Return the line of TOML text on which a key stands, 1 when it is not written as ``key =`` under its table.

    Args:
        text: a TOML document.
        path: a JSON pointer to the value, such as ``/topic/name``.
    """
    *tables, key = path.split("/")[1:]
    here: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _TABLE.match(line):
            here = [part.strip() for part in header[1].split(".")]
        elif here == tables and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return 1


def line_at(text: str, path: str) -> int:
    """Return the line of JSON text on which the value begins that a JSON pointer names, or what is nearest to it.

    Args:
        text: a JSON document; takes time linear in its length.
        path: a JSON pointer; what it names last need not exist.
    """
    wanted = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    best, best_depth = 0, 0
    # The steps from the root to the token: a key, or an index into an array.
    steps: list[str | int] = []
    key: str | None = None
    for token in _TOKEN.finditer(text):
        symbol = token[0]
        if symbol in "]}":
            if steps:
                steps.pop()
        elif symbol == ",":
            if steps and isinstance(steps[-1], int):
                steps[-1] += 1
        elif symbol == ":":
            if steps and key is not None:
                steps[-1] = key
        else:
            depth = _common(steps, wanted)
            if depth > best_depth:
                best, best_depth = token.start(), depth
            if symbol in "[{":
                steps.append(0 if symbol == "[" else "")
            elif symbol[0] == '"':
                key = symbol[1:-1]
    return text.count("\n", 0, best) + 1


def _common(steps: list[str | int], wanted: list[str]) -> int:
    if len(steps) > len(wanted):
        return 0
    for depth, step in enumerate(steps):
        if str(step) != wanted[depth]:
            return depth
    return len(steps)
