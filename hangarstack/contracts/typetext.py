"""A type in a few words, as a table of fields shows it."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.schema import Array, Enum, Fixed, Logical, Map, Primitive, Record, Schema
from hangarstack.contracts.schema.matching import short_name

_DEEPEST: Final = 20
"""Types within types that are shown."""
CUT: Final = "…"
"""Stands for what is deeper."""


def type_text(schema: Schema) -> str:
    """Return ``null | long``, ``array<Device>``, ``timestamp-micros``, ``decimal(9, 2)`` …; names are short.

    What is within more than 20 types is ``CUT`` off.
    """
    return _text(schema, _DEEPEST)


def _text(schema: Schema, depth: int) -> str:
    if not depth:
        return CUT
    if isinstance(schema, Primitive):
        return _logical(schema.logical) or schema.type
    if isinstance(schema, Array):
        return f"array<{_text(schema.items, depth - 1)}>"
    if isinstance(schema, Map):
        return f"map<{_text(schema.values, depth - 1)}>"
    if isinstance(schema, Fixed):
        return f"{short_name(schema)}: {_logical(schema.logical) or f'{schema.size} bytes'}"
    if isinstance(schema, Record | Enum):
        return short_name(schema)
    return " | ".join(_text(branch, depth - 1) for branch in schema.branches)


def _logical(logical: Logical | None) -> str:
    if logical is None:
        return ""
    return f"decimal({logical.precision}, {logical.scale})" if logical.name == "decimal" else logical.name
