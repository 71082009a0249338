"""Where a field that a reader looks at comes from in what a writer writes.

A path may lead through unions, whose records may all have a field of that name: it is followed into each of them. Which
branch takes what the writer wrote is found as Avro finds it: by name, by alias, by what the record can read.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final, TypeAlias

from hangarstack.contracts.fieldpaths import records_in
from hangarstack.contracts.schema import MISSING, Array, Field, Map, Record, Schema, Union
from hangarstack.contracts.schema.matching import same_kind, short_name

_MOST_NAMES: Final = 100
"""Names of one path, whose every part may be called otherwise in each branch of a union."""

_Names: TypeAlias = tuple[str, ...]


class Source(enum.Enum):
    """What a reader finds in a field."""

    WRITTEN = enum.auto()
    """What the writer wrote."""
    DEFAULTED = enum.auto()
    """The reader's default: the writer has no such field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A reader's field, in one of the records that the path leads to.

    Args:
        reader: full name of the record that has it.
        writer: full name of the writer's record that is read as that one, or of the last one on the way to it.
        source: where its value comes from.
        outer: whether the writer lacks a field on the way to it already.
    """

    reader: str
    writer: str
    source: Source
    outer: bool = False


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A reader's record, and what it is read from; ``ended`` when the writer lacks a field on the way to it."""

    reader: Record
    writer: Record
    ended: bool = False


class Paths:
    """The fields of a reader, followed into what a writer writes.

    Args:
        reader: its schema.
        writer: its schema.
    """

    def __init__(self, reader: Record, writer: Record) -> None:
        self._met: dict[_Names, tuple[_Meeting, ...]] = {(): (_Meeting(reader, writer),)}
        self._called: dict[_Names, frozenset[str]] = {}
        self._places: dict[str, tuple[Place, ...]] = {}
        self._fields = _Fields()

    def places(self, path: str) -> tuple[Place, ...]:
        """Return what a field of the reader's is in each of the records that have it; none when nothing has it.

        A record of the reader's that the writer never writes is none of them.
        """
        if path not in self._places:
            self._places[path] = tuple(dict.fromkeys(self._found(path)))
        return self._places[path]

    def holders(self, path: str) -> frozenset[str]:
        """Return the full names of the reader's records that the last part of a path is looked for in."""
        return frozenset(met.reader.name for met in self._meetings(tuple(path.split("."))[:-1]))

    def written_as(self, path: str) -> tuple[str, ...]:
        """Return what the writer calls a reader's field; the reader's name from where the writer has no such field."""
        names = tuple(path.split("."))
        self._meetings(names)
        called = [sorted(self._called[names[: index + 1]]) or [name] for index, name in enumerate(names)]
        return tuple(".".join(each) for each in islice(product(*called), _MOST_NAMES))

    def _found(self, path: str) -> Iterator[Place]:
        *outer, name = path.split(".")
        for met in self._meetings(tuple(outer)):
            field = self._fields.named(met.reader, name)
            if field is not None:
                written = not met.ended and self._fields.source(field, met.writer) is not None
                source = Source.WRITTEN if written else Source.DEFAULTED
                yield Place(reader=met.reader.name, writer=met.writer.name, source=source, outer=met.ended)

    def _meetings(self, names: _Names) -> tuple[_Meeting, ...]:
        known = next(index for index in range(len(names), -1, -1) if names[:index] in self._met)
        for index in range(known, len(names)):
            found: dict[tuple[int, int, bool], _Meeting] = {}
            called: set[str] = set()
            for met in self._met[names[:index]]:
                for inner in self._within(met, names[index], called):
                    found.setdefault((id(inner.reader), id(inner.writer), inner.ended), inner)
            self._met[names[: index + 1]] = tuple(found.values())
            self._called[names[: index + 1]] = frozenset(called)
        return self._met[names]

    def _within(self, met: _Meeting, name: str, called: set[str]) -> Iterator[_Meeting]:
        """Yield what meets within a field of two records; note what the writer calls it."""
        field = self._fields.named(met.reader, name)
        if field is None:
            return
        source = None if met.ended else self._fields.source(field, met.writer)
        if source is not None:
            called.add(source.name)
            yield from self._meet(field.type, source.type)
        else:
            yield from (_Meeting(record, met.writer, ended=True) for record in records_in(field.type))

    def _meet(self, reader: Schema, writer: Schema) -> Iterator[_Meeting]:
        if isinstance(writer, Union):
            for branch in writer.branches:
                yield from self._meet(reader, branch)
        elif isinstance(reader, Union):
            taken = self._branch(reader, writer)
            if taken is not None:
                yield from self._meet(taken, writer)
        elif isinstance(reader, Array) and isinstance(writer, Array):
            yield from self._meet(reader.items, writer.items)
        elif isinstance(reader, Map) and isinstance(writer, Map):
            yield from self._meet(reader.values, writer.values)
        elif isinstance(reader, Record) and isinstance(writer, Record):
            yield _Meeting(reader, writer)

    def _branch(self, reader: Union, writer: Schema) -> Schema | None:
        """Return the branch that takes what a writer wrote: by full name, by alias, or a record that can read it."""
        alike = [branch for branch in reader.branches if same_kind(branch, writer)]
        if not isinstance(writer, Record):
            return alike[0] if alike else None
        records = [branch for branch in alike if isinstance(branch, Record)]
        named = [branch for branch in records if branch.name == writer.name]
        named += [branch for branch in records if writer.name in branch.aliases]
        if named:
            return named[0]
        able = [branch for branch in records if self._reads(branch, writer)]
        similar = [branch for branch in able if short_name(branch) == short_name(writer)]
        return similar[-1] if similar else next(iter(able), None)

    def _reads(self, reader: Record, writer: Record) -> bool:
        return all(
            field.default is not MISSING or self._fields.source(field, writer) is not None for field in reader.fields
        )


class _Fields:
    """The fields of records by name, each record's gathered once."""

    def __init__(self) -> None:
        self._of: dict[int, dict[str, Field]] = {}

    def named(self, record: Record, name: str) -> Field | None:
        """Return a record's field of that name."""
        fields = self._of.get(id(record))
        if fields is None:
            fields = self._of[id(record)] = {field.name: field for field in record.fields}
        return fields.get(name)

    def source(self, field: Field, writer: Record) -> Field | None:
        """Return the writer's field that a reader's field takes its value from."""
        found = (self.named(writer, name) for name in (field.name, *field.aliases))
        return next((each for each in found if each is not None), None)


def called_in(path: str, new: Record) -> tuple[str, ...]:
    """Return what another version calls a field: the same, or that of which it has become an alias; nothing if neither.

    In each branch of a union it may be called otherwise.

    Args:
        path: the field.
        new: the other version.
    """
    found: dict[str, list[Schema]] = {"": [new]}
    for name in path.split("."):
        inner: dict[str, list[Schema]] = {}
        for outer, types in found.items():
            records = {id(record): record for each in types for record in records_in(each)}
            for record in records.values():
                field = _called_in(name, record)
                if field is not None:
                    inner.setdefault(f"{outer}.{field.name}", []).append(field.type)
        found = dict(islice(inner.items(), _MOST_NAMES))
    return tuple(each[1:] for each in found)


def _called_in(name: str, record: Record) -> Field | None:
    same = next((field for field in record.fields if field.name == name), None)
    return same or next((field for field in record.fields if name in field.aliases), None)


def lost(now: tuple[Place, ...], before: tuple[Place, ...], *, same_reader: bool) -> tuple[Place, ...]:
    """Return the places at which what was written before is the default now, or comes no more; these are the earlier.

    Args:
        now: where a field comes from now.
        before: where it came from before.
        same_reader: whether another writer made the difference; otherwise another reader did.
    """
    found = [place for place in now if place.source is Source.DEFAULTED and _was_written(place, before, same_reader)]
    if same_reader:
        kept = {place.reader for place in now}
        found += [place for place in before if place.source is Source.WRITTEN and place.reader not in kept]
    return tuple(found)


def _was_written(place: Place, before: tuple[Place, ...], same_reader: bool) -> bool:
    written = False
    for each in before:
        here = each.reader == place.reader if same_reader else place.outer or each.writer == place.writer
        if each.source is Source.DEFAULTED and each.writer == place.writer and (here or not same_reader):
            return False
        written |= here and each.source is Source.WRITTEN
    return written
