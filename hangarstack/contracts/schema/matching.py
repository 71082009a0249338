"""When a type of the writer's matches one of the reader's, in the rules by which Avro Java resolves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hangarstack.contracts.schema.model import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

PROMOTIONS: Final[Mapping[str, frozenset[str]]] = {
    "long": frozenset({"int"}),
    "float": frozenset({"int", "long"}),
    "double": frozenset({"int", "long", "float"}),
    "bytes": frozenset({"string"}),
    "string": frozenset({"bytes"}),
}
"""By the reader's primitive, the others that it reads."""


def short_name(schema: Schema) -> str:
    """Return a name without its namespace; empty where the schema has none."""
    return schema.name.rpartition(".")[2] if isinstance(schema, Record | Enum | Fixed) else ""


def same_kind(one: Schema, other: Schema) -> bool:
    """Tell whether both are of one Avro type."""
    if isinstance(one, Primitive) and isinstance(other, Primitive):
        return one.type == other.type
    return type(one) is type(other)


def promotes(writer: Schema, reader: Schema) -> bool:
    """Tell whether a primitive is read as another."""
    if not isinstance(writer, Primitive) or not isinstance(reader, Primitive):
        return False
    return writer.type in PROMOTIONS.get(reader.type, ())


def same_union(writer: Union, reader: Union) -> bool:
    """Tell whether each branch of the writer's is the reader's branch at that index, with nothing to resolve.

    Named types are compared by short name.
    """
    return _same(writer, reader, {})


def _same(writer: Schema, reader: Schema, seen: dict[tuple[int, int], bool]) -> bool:
    if isinstance(writer, Primitive) and isinstance(reader, Primitive):
        return writer.type == reader.type
    if isinstance(writer, Array) and isinstance(reader, Array):
        return _same(writer.items, reader.items, seen)
    if isinstance(writer, Map) and isinstance(reader, Map):
        return _same(writer.values, reader.values, seen)
    if isinstance(writer, Union) and isinstance(reader, Union):
        if len(writer.branches) != len(reader.branches):
            return False
        return all(_same(one, other, seen) for one, other in zip(writer.branches, reader.branches, strict=True))
    if isinstance(writer, Record | Enum | Fixed) and isinstance(reader, Record | Enum | Fixed):
        return short_name(writer) == short_name(reader) and _same_named(writer, reader, seen)
    return False


def _same_named(
    writer: Record | Enum | Fixed, reader: Record | Enum | Fixed, seen: dict[tuple[int, int], bool]
) -> bool:
    if isinstance(writer, Fixed) and isinstance(reader, Fixed):
        return writer.size == reader.size
    if isinstance(writer, Enum) and isinstance(reader, Enum):
        return writer.symbols == reader.symbols
    if isinstance(writer, Record) and isinstance(reader, Record):
        pair = (id(writer), id(reader))
        if pair not in seen:
            seen[pair] = True  # a record that leads back to itself is the same unless proven otherwise
            seen[pair] = _same_fields(writer, reader, seen)
        return seen[pair]
    return False


def _same_fields(writer: Record, reader: Record, seen: dict[tuple[int, int], bool]) -> bool:
    return len(writer.fields) == len(reader.fields) and all(
        mine.name == theirs.name and _same(mine.type, theirs.type, seen)
        for mine, theirs in zip(writer.fields, reader.fields, strict=True)
    )
