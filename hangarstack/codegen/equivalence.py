"""When a union of the writer's and one of the reader's are the same, branch by branch, as Avro Java judges it."""

from __future__ import annotations

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union


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
        if writer.name.rpartition(".")[2] != reader.name.rpartition(".")[2]:
            return False
        return _same_named(writer, reader, seen)
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
