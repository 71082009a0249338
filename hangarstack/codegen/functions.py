"""Functions of a generated module, merged where two versions need the same one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hangarstack.codegen.source import Source


@dataclass(slots=True)
class Function:
    """A generated function.

    Args:
        name: unique in the module.
        source: with its head.
    """

    name: str
    source: Source = field(default_factory=Source)


def merged(functions: list[Function]) -> tuple[list[Function], dict[str, str]]:
    """Return the functions without those that do the same as an earlier one, and the names that replace theirs.

    Functions that call functions that are the same become the same in turn.
    """
    names: dict[str, str] = {}
    texts = {function.name: "\n".join(function.source.lines) for function in functions}
    while True:
        kept: dict[str, str] = {}
        doubles: dict[str, str] = {}
        for name, text in texts.items():
            original = kept.setdefault(renamed(text, {name: "itself"}), name)
            if original != name:
                doubles[name] = original
        if not doubles:
            break
        texts = {name: renamed(text, doubles) for name, text in texts.items() if name not in doubles}
        names = {old: doubles.get(new, new) for old, new in names.items()} | doubles
    result = []
    for name, text in texts.items():
        source = Source()
        source.lines = text.split("\n")
        result.append(Function(name, source))
    return result, names


def renamed(text: str, names: dict[str, str]) -> str:
    """Return source with some of its names replaced."""
    if not names:
        return text
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
    return pattern.sub(lambda match: names[match.group()], text)
