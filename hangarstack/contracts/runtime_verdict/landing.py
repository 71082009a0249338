"""Where generated code and Avro Java put what the writer wrote, against where it belongs.

Both rename the writer's types and fields by the reader's aliases before they resolve, whatever was meant by them, and
look for the branches of unions in ways of their own; fastavro does neither.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from hangarstack.contracts.compatibility.words import describe
from hangarstack.contracts.resolution.actions import (
    Action,
    Container,
    Fields,
    ReaderUnion,
    Refuse,
    UnresolvableError,
    WriterUnion,
)
from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.resolution.resolver import renamed, resolve
from hangarstack.contracts.runtime_verdict.branches import Branches
from hangarstack.contracts.runtime_verdict.comparing import Difference, Kind, Steps
from hangarstack.contracts.runtime_verdict.records import MAP_KEY, Records, branch_name, part
from hangarstack.contracts.schema import Array, Enum, Field, Fixed, Map, Record, Schema, Union

_BOTH: Final = "generated code and Avro Java"
_TRIED: Final = (1, 0)
"""Values of a field, of which one is not what is read for it; the first is the liveliest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Something that lands where it does not belong.

    Args:
        difference: what, where and why.
        record: the writer's, of which it is true.
    """

    difference: Difference
    record: Any


def misplaced(reader: Schema, writer: Schema, records: Records, branches: Branches) -> Iterator[Landing]:
    """Yield what of a writer's generated code and Avro Java refuse, or take for something else.

    Args:
        reader: its schema.
        writer: its schema.
        records: of the writer.
        branches: finds the branches of unions that are meant.

    Raises:
        SchemaTooLargeError: the schemas are too large to be resolved.
        TooLargeError: a record that shows it would be.
    """
    try:
        theirs = renamed(writer, reader)
    except UnresolvableError as error:
        yield _nothing(Kind.ALIAS, str(error), records)
        return
    try:
        action = resolve(theirs, reader)
    except UnresolvableError as error:
        yield _nothing(Kind.UNREADABLE if theirs is writer else Kind.ALIAS, str(error), records)
        return
    found = list(_Walk(records, branches).landings(_Place(writer=writer, renamed=theirs, reader=reader, action=action)))
    why = Refusals(action).of(action)
    if why is None:
        yield from found
        return
    kinds = [each.difference.kind for each in found]
    yield _nothing(kinds[0] if kinds else Kind.UNREADABLE, why, records)


def _nothing(kind: Kind, why: str, records: Records) -> Landing:
    sentence = f"{_BOTH} refuse every record: {why}"
    difference = Difference(kind=kind, path=(), sentence=sentence, written="any record", read="an error")
    return Landing(difference=difference, record=records.make(0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """Types that meet, and the way to them.

    Args:
        writer: the writer's type.
        renamed: the same in the reader's names.
        reader: the reader's type that is meant.
        action: what becomes of it.
        path: in the writer's record.
    """

    writer: Schema
    renamed: Schema
    reader: Schema
    action: Action | None
    path: Steps = ()

    def inner(self, step: str | int, writer: Schema, renamed: Schema, reader: Schema, action: Action | None) -> _Place:
        return _Place(writer=writer, renamed=renamed, reader=reader, action=action, path=(*self.path, step))


class _Walk:
    def __init__(self, records: Records, branches: Branches) -> None:
        self._records = records
        self._branches = branches
        self._rest: deque[_Place] = deque()

    def landings(self, root: _Place) -> Iterator[Landing]:
        seen: set[tuple[int, int, int]] = set()
        self._rest.append(root)
        while self._rest:
            place = self._rest.popleft()
            key = id(place.writer), id(place.reader), id(place.action)
            if key not in seen:
                seen.add(key)
                yield from self._at(place)

    def _at(self, place: _Place) -> Iterator[Landing]:
        writer, theirs, action = place.writer, place.renamed, place.action
        if isinstance(action, WriterUnion) and isinstance(writer, Union) and isinstance(theirs, Union):
            for branch, other, inner in zip(writer.branches, theirs.branches, action.branches, strict=True):
                if self._records.has_value(branch):
                    self._rest.append(place.inner(branch_name(branch), branch, other, place.reader, inner))
        elif isinstance(action, ReaderUnion):
            yield from self._branch(place, action)
        elif isinstance(action, Container):
            self._elements(place, action)
        elif isinstance(action, Fields) and isinstance(writer, Record) and isinstance(theirs, Record):
            yield from self._fields(place, writer, theirs, action)
        elif isinstance(action, Refuse):
            sentence = f"{_BOTH} refuse it: {action.why}"
            yield self._landing(place, sentence, describe(writer), "an error")

    def _branch(self, place: _Place, action: ReaderUnion) -> Iterator[Landing]:
        taken = action.reader.branches[action.index]
        if any(taken is meant for meant in self._branches.meant(place.writer, action.reader)):
            self._rest.append(replace(place, reader=taken, action=action.action))
        else:
            mine = describe(place.writer)
            yield self._landing(place, f"{_BOTH} take {mine} for {describe(taken)}", mine, describe(taken))

    def _elements(self, place: _Place, action: Container) -> None:
        mine, theirs, reader = _element(place.writer), _element(place.renamed), _element(place.reader)
        if mine is not None and theirs is not None and reader is not None and self._records.has_value(mine):
            step = 0 if isinstance(place.writer, Array) else MAP_KEY
            self._rest.append(place.inner(step, mine, theirs, reader, action.element))

    def _fields(self, place: _Place, writer: Record, theirs: Record, action: Fields) -> Iterator[Landing]:
        by_name = {field.name: index for index, field in enumerate(writer.fields)}
        landed = {field.name: index for index, field in enumerate(theirs.fields)}
        for field in action.reader.fields:
            meant = next((by_name[name] for name in (field.name, *field.aliases) if name in by_name), None)
            got = landed.get(field.name)
            if meant != got:
                yield from self._astray(place, field, _at(writer, meant), _at(writer, got))
            elif meant is not None:
                mine, step = writer.fields[meant], action.steps[meant]
                self._rest.append(place.inner(mine.name, mine.type, theirs.fields[meant].type, field.type, step))

    def _astray(self, place: _Place, field: Field, meant: Field | None, got: Field | None) -> Iterator[Landing]:
        """Yield that a field of the reader's gets another value than the one that is meant for it."""
        lively = (meant or got or field).name
        for number in _TRIED:
            record = self._records.along((*place.path, lively), number)
            values = part(record, place.path)
            mine, theirs = _value(values, meant, field), _value(values, got, field)
            if mine != theirs:
                read = _said(theirs, got)
                difference = Difference(
                    kind=Kind.ALIAS,
                    path=(*place.path, meant.name if meant else field.name),
                    sentence=f"by the reader's aliases {_BOTH} take {read} for {field.name}",
                    written=_said(mine, meant),
                    read=read,
                )
                yield Landing(difference=difference, record=record)
                return

    def _landing(self, place: _Place, sentence: str, written: str, read: str) -> Landing:
        # Records that meet are refused for a field that nothing but an alias leads to.
        by_alias = isinstance(place.reader, Record) or _name(place.writer) != _name(place.renamed)
        kind = Kind.ALIAS if by_alias else Kind.REFUSED_BRANCH
        difference = Difference(kind=kind, path=place.path, sentence=sentence, written=written, read=read)
        return Landing(difference=difference, record=self._records.along(place.path, 0))


def _at(record: Record, index: int | None) -> Field | None:
    return None if index is None else record.fields[index]


def _element(schema: Schema) -> Schema | None:
    if isinstance(schema, Array):
        return schema.items
    return schema.values if isinstance(schema, Map) else None


def _name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Record | Enum | Fixed) else ""


def _value(values: Any, source: Field | None, field: Field) -> Any:
    return field.default if source is None else _plain(values[source.name])


def _said(value: Any, source: Field | None) -> str:
    return f"the default {value!r}" if source is None else f"{value!r} of {source.name}"


def _plain(value: Any) -> Any:
    """Return a value as a default would say it."""
    if isinstance(value, tuple):
        return _plain(value[1])
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.decode("latin-1") if isinstance(value, bytes) else value
