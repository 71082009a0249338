"""When a type of the writer's matches one of the reader's, in the rules by which Avro Java resolves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class SameUnions:
    """Tells whether two unions are the same, with nothing to resolve; named types are compared by short name.

    Args:
        spend: told of the work, in fields of records that are compared; what it raises ends the comparison.
    """

    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._known: dict[tuple[int, int], bool] = {}
        self._tried: dict[tuple[int, int], bool] = {}

    def same(self, writer: Union, reader: Union) -> bool:
        """Tell whether each branch of the writer's is the reader's branch at that index."""
        self._tried = {}
        same = self._same(writer, reader)
        # What was taken for the same within records that turned out not to be is open still.
        self._known.update((pair, found) for pair, found in self._tried.items() if same or not found)
        return same

    def _same(self, writer: Schema, reader: Schema) -> bool:
        if isinstance(writer, Primitive) and isinstance(reader, Primitive):
            return writer.type == reader.type
        if isinstance(writer, Array) and isinstance(reader, Array):
            return self._same(writer.items, reader.items)
        if isinstance(writer, Map) and isinstance(reader, Map):
            return self._same(writer.values, reader.values)
        if isinstance(writer, Union) and isinstance(reader, Union):
            if len(writer.branches) != len(reader.branches):
                return False
            return all(self._same(one, other) for one, other in zip(writer.branches, reader.branches, strict=True))
        if isinstance(writer, Record | Enum | Fixed) and isinstance(reader, Record | Enum | Fixed):
            return short_name(writer) == short_name(reader) and self._same_named(writer, reader)
        return False

    def _same_named(self, writer: Record | Enum | Fixed, reader: Record | Enum | Fixed) -> bool:
        if isinstance(writer, Fixed) and isinstance(reader, Fixed):
            return writer.size == reader.size
        if isinstance(writer, Enum) and isinstance(reader, Enum):
            return writer.symbols == reader.symbols
        if isinstance(writer, Record) and isinstance(reader, Record):
            pair = (id(writer), id(reader))
            known = self._known.get(pair, self._tried.get(pair))
            if known is None:
                self._tried[pair] = True  # a record that leads back to itself is the same unless proven otherwise
                known = self._tried[pair] = self._same_fields(writer, reader)
            return known
        return False

    def _same_fields(self, writer: Record, reader: Record) -> bool:
        self._spend(1 + len(writer.fields))
        return len(writer.fields) == len(reader.fields) and all(
            mine.name == theirs.name and self._same(mine.type, theirs.type)
            for mine, theirs in zip(writer.fields, reader.fields, strict=True)
        )
