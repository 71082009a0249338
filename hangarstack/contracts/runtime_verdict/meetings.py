"""Where types meet that only a record opened within itself, again and again, brings together.

A writer's list may be read by a reader whose schema spells out its first links one by one. The pairs of types are
then more than the writer's types, and each needs a record that leads there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from hangarstack.contracts.runtime_verdict.branches import Branches
from hangarstack.contracts.runtime_verdict.records import MAP_KEY, Records, branch_name
from hangarstack.contracts.schema import Array, Map, Record, Schema, Union

Steps: TypeAlias = tuple[str | int, ...]

_MOST_PAIRS: Final = 20_000


class TooManyPairsError(Exception):
    """More pairs of types meet than are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """A pair of types, the way to it, and the types of the writer's on the way."""

    writer: Schema
    reader: Schema
    path: Steps = ()
    around: frozenset[int] = frozenset()
    repeated: bool = False


def repeated(reader: Schema, writer: Schema, records: Records, branches: Branches) -> Iterator[tuple[Steps, Schema]]:
    """Yield the way to each pair of types that meets within a repeated type of the writer's, and the writer's type.

    Args:
        reader: its schema.
        writer: its schema.
        records: of the writer.
        branches: finds the branches of unions.

    Raises:
        TooManyPairsError: see there.
    """
    seen: set[tuple[int, int]] = set()
    rest = deque([_Place(writer=writer, reader=reader)])
    while rest:
        place = rest.popleft()
        if isinstance(place.writer, Record | Array | Map | Union):
            pair = id(place.writer), id(place.reader)
            if pair in seen:
                continue
            seen.add(pair)
            if len(seen) > _MOST_PAIRS:
                raise TooManyPairsError
        if place.repeated and not isinstance(place.writer, Union):
            yield place.path, place.writer
        rest.extend(_within(place, records, branches))


def _within(place: _Place, records: Records, branches: Branches) -> Iterator[_Place]:
    writer, reader = place.writer, place.reader
    if isinstance(writer, Union):
        for branch in filter(records.has_value, writer.branches):
            yield _inner(place, branch, reader, branch_name(branch))
    elif isinstance(reader, Union):
        meant = branches.meant(writer, reader)
        if len(meant) == 1:  # of several the wrong one may be taken, and then it is wrong from here on
            yield replace(place, reader=meant[0])
    elif isinstance(writer, Record) and isinstance(reader, Record):
        sources = {field.name: field for field in writer.fields}
        for field in reader.fields:
            source = next((sources[name] for name in (field.name, *field.aliases) if name in sources), None)
            if source is not None:
                yield _inner(place, source.type, field.type, source.name)
    elif isinstance(writer, Array) and isinstance(reader, Array) and records.has_value(writer.items):
        yield _inner(place, writer.items, reader.items, 0)
    elif isinstance(writer, Map) and isinstance(reader, Map) and records.has_value(writer.values):
        yield _inner(place, writer.values, reader.values, MAP_KEY)


def _inner(place: _Place, writer: Schema, reader: Schema, step: str | int) -> _Place:
    around = place.around | {id(place.writer)}
    return _Place(
        writer=writer,
        reader=reader,
        path=(*place.path, step),
        around=around,
        repeated=place.repeated or id(writer) in around,
    )
