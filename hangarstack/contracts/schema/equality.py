"""When a type that is defined twice is the same type, as Avro Java sees it."""

from __future__ import annotations

from typing import Any

from hangarstack.contracts.schema.jsontree import same_json
from hangarstack.contracts.schema.model import (
    MISSING,
    Array,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Schema,
    Union,
)

_Pair = tuple[Schema, Schema]


def same_schema(one: Schema, other: Schema) -> bool:
    """Tell whether two schemas are equal; documentation, aliases and enum defaults do not count."""
    seen: set[tuple[int, int]] = set()
    pairs: list[_Pair] = [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if a is b:
            continue
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        inner = _compare(a, b)
        if inner is None:
            return False
        pairs.extend(inner)
    return True


def _compare(a: Any, b: Any) -> list[_Pair] | None:
    """Return the pairs that must be the same too, or ``None`` when these two differ already."""
    if type(a) is not type(b):
        return None
    if isinstance(a, Union):
        same = len(a.branches) == len(b.branches)
        return list(zip(a.branches, b.branches, strict=True)) if same else None
    if not same_json(dict(a.props), dict(b.props)):
        return None
    if isinstance(a, Primitive):
        return [] if a.type == b.type else None
    if isinstance(a, Array):
        return [(a.items, b.items)]
    if isinstance(a, Map):
        return [(a.values, b.values)]
    if a.name != b.name:
        return None
    if isinstance(a, Enum):
        return [] if a.symbols == b.symbols else None
    if isinstance(a, Fixed):
        return [] if a.size == b.size else None
    return _compare_fields(a, b)


def _compare_fields(a: Record, b: Record) -> list[_Pair] | None:
    if len(a.fields) != len(b.fields):
        return None
    for mine, theirs in zip(a.fields, b.fields, strict=True):
        if mine.name != theirs.name or mine.order != theirs.order:
            return None
        if (mine.default is MISSING) != (theirs.default is MISSING):
            return None
        if not same_json(mine.default, theirs.default) or not same_json(dict(mine.props), dict(theirs.props)):
            return None
    return [(mine.type, theirs.type) for mine, theirs in zip(a.fields, b.fields, strict=True)]
