"""How deep and how large a schema is: what it costs to try it."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

DEEPEST: Final = 64
"""Types within types that are tried; fastavro calls itself for each."""
_BYTES: Final = 50
"""Of a fixed, as much work as a field."""
_SYMBOLS: Final = 100
"""Of an enum, as much work as a field: fastavro looks for each among all before it."""


def too_deep(schema: Schema) -> bool:
    """Tell whether types are nested more than ``DEEPEST`` levels deep."""
    level: list[Schema] = [schema]
    seen: set[int] = set()
    for _ in range(DEEPEST):
        inner: list[Schema] = []
        for each in level:
            if not isinstance(each, Primitive) and id(each) not in seen:
                seen.add(id(each))
                inner.extend(_within(each))
        level = inner
    return bool(level)


def size(schema: Schema) -> int:
    """Return how many fields, branches and containers there are, each named type counted once; at least 1.

    A fixed counts by its bytes as well, an enum by its symbols, a default by its values as written.
    """
    count, seen = 1, {id(schema)}
    rest = [schema]
    while rest:
        each = rest.pop()
        inner = _within(each)
        count += len(inner) + weight(each) + _symbols(each) + _default_size(each)
        # A primitive holds nothing and weighs nothing; most of what a schema holds are such.
        new = {id(each): each for each in inner if not isinstance(each, Primitive) and id(each) not in seen}
        seen.update(new)
        rest.extend(new.values())
    return count


def weight(schema: Schema) -> int:
    """Return how many fields' work a value without parts makes besides its own; more than none only for a fixed."""
    return schema.size // _BYTES if isinstance(schema, Fixed) else 0


def _default_size(schema: Schema) -> int:
    """Return how many JSON values the defaults of a record's own fields have as written; of no record none."""
    count, rest = 0, [field.default for field in schema.fields] if isinstance(schema, Record) else []
    while rest:
        value = rest.pop()
        if isinstance(value, dict | list):
            count += len(value)
            rest.extend(value.values() if isinstance(value, dict) else value)
    return count


def _symbols(schema: Schema) -> int:
    return len(schema.symbols) // _SYMBOLS if isinstance(schema, Enum) else 0


def _within(schema: Schema) -> tuple[Schema, ...]:
    if isinstance(schema, Record):
        return tuple(field.type for field in schema.fields)
    if isinstance(schema, Array):
        return (schema.items,)
    if isinstance(schema, Map):
        return (schema.values,)
    return schema.branches if isinstance(schema, Union) else ()
