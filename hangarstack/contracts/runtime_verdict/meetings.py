"""Where types of a writer's meet types of its reader's, and a record that leads to each meeting.

The records that are made by number need not lead everywhere: a writer's list may be read by a reader whose schema
spells out its first links one by one, and records that hold each other meet more of the reader's types than they are.
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
class Meeting:
    """Two types of which the reader's is read where the writer's was written.

    Args:
        writer: the writer's type.
        reader: the reader's type.
        path: to them in a record of the writer's.
    """

    writer: Schema
    reader: Schema
    path: Steps = ()

    def inner(self, step: str | int, writer: Schema, reader: Schema) -> Meeting:
        """Return the meeting of parts of theirs, a step further on."""
        return Meeting(writer=writer, reader=reader, path=(*self.path, step))


def meetings(reader: Schema, writer: Schema, records: Records, branches: Branches) -> Iterator[Meeting]:
    """Yield where types meet, the nearest first; each pair of types that hold others once.

    Args:
        reader: its schema.
        writer: its schema.
        records: of the writer.
        branches: finds the branches of unions.

    Raises:
        TooManyPairsError: see there.
    """
    seen: set[tuple[int, int]] = set()
    rest = deque([Meeting(writer=writer, reader=reader)])
    while rest:
        meeting = rest.popleft()
        if isinstance(meeting.writer, Record | Array | Map | Union):
            pair = id(meeting.writer), id(meeting.reader)
            if pair in seen:
                continue
            seen.add(pair)
            if len(seen) > _MOST_PAIRS:
                raise TooManyPairsError
        yield meeting
        rest.extend(_within(meeting, records, branches))


def _within(meeting: Meeting, records: Records, branches: Branches) -> Iterator[Meeting]:
    writer, reader = meeting.writer, meeting.reader
    if isinstance(writer, Union):
        for branch in filter(records.has_value, writer.branches):
            yield meeting.inner(branch_name(branch), branch, reader)
    elif isinstance(reader, Union):
        meant = branches.meant(writer, reader)
        if len(meant) == 1:  # of several the wrong one may be taken, and then it is wrong from here on
            yield from _within(replace(meeting, reader=meant[0]), records, branches)
    elif isinstance(writer, Record) and isinstance(reader, Record):
        sources = {field.name: field for field in writer.fields}
        for field in reader.fields:
            source = next((sources[name] for name in (field.name, *field.aliases) if name in sources), None)
            if source is not None:
                yield meeting.inner(source.name, source.type, field.type)
    elif isinstance(writer, Array) and isinstance(reader, Array) and records.has_value(writer.items):
        yield meeting.inner(0, writer.items, reader.items)
    elif isinstance(writer, Map) and isinstance(reader, Map) and records.has_value(writer.values):
        yield meeting.inner(MAP_KEY, writer.values, reader.values)
