"""When a type of the writer's matches one of the reader's, in the rules by which Avro Java resolves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from hangarstack.contracts.schema.model import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

_Pair: TypeAlias = tuple[int, int]

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
        self._known: dict[_Pair, bool] = {}

    def same(self, writer: Union, reader: Union) -> bool:
        """Tell whether each branch of the writer's is the reader's branch at that index."""
        # Each pair of records that was met, with the one that it was met in: that one needs it.
        met: dict[_Pair, _Pair | None] = {}
        todo: list[tuple[Schema, Schema, _Pair | None]] = [(writer, reader, None)]
        while todo:
            mine, theirs, outer = todo.pop()
            here, known = outer, None
            if isinstance(mine, Record) and isinstance(theirs, Record):
                here = (id(mine), id(theirs))
                known = self._known.get(here)
                # A record that leads back to itself is the same unless proven otherwise.
                if known or here in met:
                    continue
                met[here] = outer
                self._spend(1 + len(mine.fields) if known is None else 0)
            inner = _inside(mine, theirs) if known is None else None
            if inner is None:
                self._differ(here, met)
                return False
            todo.extend((one, other, here) for one, other in reversed(inner))
        self._known.update(dict.fromkeys(met, True))
        return True

    def _differ(self, pair: _Pair | None, met: Mapping[_Pair, _Pair | None]) -> None:
        """Remember that a pair differs, and so all around it; of what else was met nothing is known."""
        while pair is not None:
            self._known[pair] = False
            pair = met[pair]


def _inside(writer: Schema, reader: Schema) -> Sequence[tuple[Schema, Schema]] | None:
    """Return the pairs that must be the same, too, or ``None`` when these two differ already."""
    if isinstance(writer, Primitive) and isinstance(reader, Primitive):
        return () if writer.type == reader.type else None
    if isinstance(writer, Array) and isinstance(reader, Array):
        return ((writer.items, reader.items),)
    if isinstance(writer, Map) and isinstance(reader, Map):
        return ((writer.values, reader.values),)
    if isinstance(writer, Union) and isinstance(reader, Union):
        same = len(writer.branches) == len(reader.branches)
        return list(zip(writer.branches, reader.branches, strict=True)) if same else None
    if short_name(writer) != short_name(reader):
        return None
    if isinstance(writer, Fixed) and isinstance(reader, Fixed):
        return () if writer.size == reader.size else None
    if isinstance(writer, Enum) and isinstance(reader, Enum):
        return () if writer.symbols == reader.symbols else None
    if isinstance(writer, Record) and isinstance(reader, Record):
        same = [field.name for field in writer.fields] == [field.name for field in reader.fields]
        types = ([field.type for field in each.fields] for each in (writer, reader))
        return list(zip(*types, strict=True)) if same else None
    return None
