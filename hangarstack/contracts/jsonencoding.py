"""Whether a JSON value is a record in Avro's JSON encoding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.contracts.schema.defaults import fits_primitive
from hangarstack.contracts.schema.excerpt import excerpt

_DEEPEST: Final = 200
"""Values within each other: what writes records, and reads them, does so level by level."""
_Part: TypeAlias = tuple[str, Schema, object]


def problems(schema: Schema, value: object) -> Iterator[str]:
    """Yield what is wrong with a value, each with the path to it; nothing when it is fine.

    A value of more than 200 values within each other is wrong, too: nobody could write it.
    """
    rest: list[tuple[int, _Part]] = [(0, ("", schema, value))]
    while rest:
        depth, (path, expected, found) = rest.pop()
        if depth > _DEEPEST:
            yield f"the record is nested more than {_DEEPEST} values deep"
            return
        inside = _inside(path, expected, found)
        if isinstance(inside, str):
            yield f"{path or 'the record'}: {inside}"
        else:
            rest.extend((depth + 1, part) for part in reversed(inside))


def _inside(path: str, schema: Schema, value: object) -> list[_Part] | str:
    """Return what is to be looked at inside a value, or what is wrong with it."""
    if isinstance(schema, Union):
        return _branch(path, schema, value)
    if isinstance(schema, Record) and isinstance(value, dict):
        return _fields(path, schema, value)
    if isinstance(schema, Array) and isinstance(value, list):
        return [(f"{path}[{index}]", schema.items, item) for index, item in enumerate(value)]
    if isinstance(schema, Map) and isinstance(value, dict):
        return [(f"{path}[{excerpt(key)}]", schema.values, item) for key, item in value.items()]
    if isinstance(schema, Primitive) and fits_primitive(schema.type, value):
        return [] if schema.type != "bytes" or _are_bytes(value) else "bytes are code points up to 255"
    if isinstance(schema, Enum) and value in schema.symbols:
        return []
    if isinstance(schema, Fixed) and _are_bytes(value) and len(str(value)) == schema.size:
        return []
    return f"{excerpt(value)} is no {_branch_name(schema)}"


def _fields(path: str, record: Record, value: dict[str, object]) -> list[_Part] | str:
    names = [field.name for field in record.fields]
    if value.keys() != set(names):
        differ = sorted(value.keys() ^ set(names))
        return f"the fields are not those of {record.name}; look at {', '.join(differ)}"
    prefix = f"{path}." if path else ""
    return [(prefix + field.name, field.type, value[field.name]) for field in record.fields]


def _branch(path: str, union: Union, value: object) -> list[_Part] | str:
    names = {_branch_name(branch): branch for branch in union.branches}
    if value is None:
        return [] if "null" in names else "null is no branch of the union"
    if not isinstance(value, dict) or len(value) != 1:
        return 'a value of a union is written {"branch": value}'
    (name, inner), *_ = value.items()
    if name == "null" or name not in names:
        return f"{excerpt(name)} is no branch of the union: {', '.join(names)}"
    return [(path, names[name], inner)]


def _branch_name(schema: Schema) -> str:
    if isinstance(schema, Primitive):
        return schema.type
    return schema.name if isinstance(schema, Record | Enum | Fixed) else type(schema).__name__.lower()


def _are_bytes(value: object) -> bool:
    return isinstance(value, str) and all(char <= "\xff" for char in value)
