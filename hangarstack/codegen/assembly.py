"""A generated module put together."""

from __future__ import annotations

from collections.abc import Iterable

from hangarstack.codegen.namespace import Namespace
from hangarstack.codegen.schematexts import HEADER, UNLINTED
from hangarstack.codegen.source import Source


def assembled(docstring: str, names: Namespace, parts: Iterable[Source]) -> str:
    """Return the source of a module: its head, its imports, and those parts that have a line."""
    source = Source()
    source.line(HEADER)
    source.line(UNLINTED)
    source.docstring(docstring)
    source.line()
    source.line("from __future__ import annotations")
    source.line()
    for line in names.imports():
        source.line(line)
    for part in parts:
        if part.lines:
            source.line()
            source.line()
            source.take(part)
    return source.text()
