"""The names of one generated module: what it imports and what it defines, so that none hides another."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from hangarstack.codegen.leaves import Symbol
from hangarstack.codegen.naming import Scope, is_builtin
from hangarstack.codegen.source import WIDTH, Call, Source

LOCALS: Final = frozenset({"at", "body", "branch", "count", "depth", "event", "fault", "out", "pos", "value"})
"""Variables that generated functions use besides those that are called as a field."""

_BUILTINS: Final = "builtins"
_OURS: Final = "hangarstack"
_NUMBER: Final = re.compile(r"(\d+)", re.ASCII)


class Namespace:
    """Names of a module.

    Args:
        attributes: of all generated classes; a class's annotations are read where its attributes hide other names.
        reserved: names that the module defines in any case.
        package: that the module is in.
    """

    def __init__(self, attributes: Iterable[str], reserved: Iterable[str], package: str) -> None:
        self._package = package
        hidden = set(attributes)
        self._scope = Scope({*hidden, *(f"{name}_" for name in hidden), *LOCALS, *keyword.kwlist, *reserved})
        self._imported: dict[Symbol, str] = {}

    def define(self, *names: str) -> str:
        """Return a free name for a class, a function or a constant: the first of these, or one made from it."""
        free = (name for name in names if name not in self._scope and not is_builtin(name))
        candidate = next(free, names[0])
        while is_builtin(candidate):
            candidate += "_"
        return self._scope.take(candidate)

    def use(self, symbol: Symbol) -> str:
        """Return what the module calls something that it imports."""
        if symbol not in self._imported:
            free_builtin = symbol.module == _BUILTINS and symbol.name not in self._scope
            self._imported[symbol] = symbol.name if free_builtin else self._scope.take(symbol.name)
        return self._imported[symbol]

    def rename(self, symbol: Symbol, name: str) -> None:
        """Import something under another name, which the caller knows to be free."""
        self._imported[symbol] = name

    def imports(self) -> list[str]:
        """Return the import statements: the standard library's, the runtime's, the package's own, each sorted."""
        groups: dict[int, dict[Symbol, str]] = {0: {}, 1: {}, 2: {}}
        for symbol, name in self._imported.items():
            if symbol.module != _BUILTINS or symbol.name != name:
                groups[self._group(symbol.module)][symbol] = name
        lines: list[str] = []
        for group in groups.values():
            statements = list(_statements(group))
            lines += ["", *statements] if lines and statements else statements
        return lines

    def _group(self, module: str) -> int:
        root = module.partition(".")[0]
        if root == _OURS:
            return 1
        return 2 if root == self._package.partition(".")[0] else 0


def _statements(names: dict[Symbol, str]) -> Iterator[str]:
    ordered = sorted(names.items(), key=lambda entry: (entry[0].module, import_order(entry[0].name)))
    for module, group in groupby(ordered, key=lambda entry: entry[0].module):
        members = list(group)
        plain = tuple(symbol.name for symbol, name in members if symbol.name == name)
        for symbol, name in members:
            if symbol.name != name:
                yield f"from {module} import {symbol.name} as {name}"
            elif symbol.name == plain[0]:
                line = f"from {module} import {', '.join(plain)}"
                source = Source()
                source.put("", line if len(line) <= WIDTH else Call(f"from {module} import (", plain))
                yield from source.lines


def import_order(name: str) -> tuple[int, list[tuple[int, str]], str]:
    """Return a key that puts constants before classes before functions, and ``E2`` before ``E10``."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = _NUMBER.split(name.lower())
    return kind, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], name
