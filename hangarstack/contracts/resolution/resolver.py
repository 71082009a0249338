"""Avro Java's ``org.apache.avro.Resolver`` 1.12.2, step by step, its memory included.

Where it departs from the specification (a union's branch found by structure, fixed and enum compared by short name)
this does too: what a consumer in Java reads, ours reads.
"""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.compatibility.words import describe
from hangarstack.contracts.resolution.actions import (
    Action,
    Container,
    Fields,
    Promote,
    ReaderUnion,
    Refuse,
    Same,
    Skip,
    Symbols,
    UnresolvableError,
    WriterUnion,
)
from hangarstack.contracts.resolution.aliases import apply_aliases
from hangarstack.contracts.resolution.javadefaults import Chooser
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.contracts.schema.matching import SameUnions, promotes, same_kind, short_name
from hangarstack.contracts.schema.trampoline import Step, run
from hangarstack.errors import SchemaTooLargeError

_MOST_WORK: Final = 2_000_000
"""In units of some microseconds: a few seconds. Avro Java takes its time over unions of records in the same way."""
_RECORDS: Final = 4
"""A pair of records that meets, and a field of either."""
_BRANCH: Final = 1
"""A branch that a record is held against before it is met in earnest."""


def renamed(writer: Schema, reader: Schema) -> Schema:
    """Return the writer's schema in the names that the reader's aliases give it.

    Raises:
        UnresolvableError: the new names clash.
    """
    # Avro Java's default reader applies the aliases twice, so an alias of an alias counts.
    return apply_aliases(apply_aliases(writer, reader), reader)


def resolve(writer: Schema, reader: Schema) -> Action:
    """Return what a reader does with what a writer wrote.

    Args:
        writer: its schema, as ``renamed`` returns it.
        reader: its schema.

    Raises:
        UnresolvableError: Avro Java fails before it reads the first record.
        SchemaTooLargeError: too many pairs of records would have to be compared, as in two unions of a thousand, or
            the reader's defaults stand for too many values.
    """
    root = run(_Resolver().whole(writer, reader))
    _check_complete(root)
    return root


class _Resolver:
    def __init__(self) -> None:
        self._records: dict[tuple[int, int], Fields | Refuse] = {}
        self._usable: set[int] = set()
        self._chooser = Chooser()
        self._work = 0
        self._unions = SameUnions(lambda fields: self._spend(_RECORDS * fields))

    def whole(self, writer: Schema, reader: Schema) -> Step[Action]:
        action: Action = yield self.resolve(writer, reader)
        return action

    def resolve(self, writer: Schema, reader: Schema) -> Action | Step[Action]:
        if isinstance(writer, Union):
            return self._writer_union(writer, reader)
        if isinstance(reader, Union):
            return self._reader_union(writer, reader)
        if isinstance(writer, Primitive) and isinstance(reader, Primitive):
            if writer.type == reader.type:
                return Same(reader=reader)
            if promotes(writer, reader):
                return Promote(writer=writer, reader=reader)
            return _mismatch(writer, reader)
        if isinstance(writer, Fixed) and isinstance(reader, Fixed):
            same = short_name(writer) == short_name(reader) and writer.size == reader.size
            return Same(reader=reader) if same else _mismatch(writer, reader)
        if isinstance(writer, Array) and isinstance(reader, Array):
            return self._container(writer, reader, writer.items, reader.items)
        if isinstance(writer, Map) and isinstance(reader, Map):
            return self._container(writer, reader, writer.values, reader.values)
        if isinstance(writer, Enum) and isinstance(reader, Enum):
            return _symbols(writer, reader)
        if isinstance(writer, Record) and isinstance(reader, Record):
            return self._record(writer, reader)
        return _mismatch(writer, reader)

    def _container(self, writer: Array | Map, reader: Array | Map, written: Schema, wanted: Schema) -> Step[Container]:
        element: Action = yield self.resolve(written, wanted)
        return Container(writer=writer, reader=reader, element=element)

    def _record(self, writer: Record, reader: Record) -> Step[Fields | Refuse]:
        pair = (id(writer), id(reader))
        known = self._records.get(pair)
        if known is not None:
            return known
        self._spend(_RECORDS * (1 + len(writer.fields) + len(reader.fields)))
        wanted = {field.name: field for field in reader.fields}
        result = Fields(writer=writer, reader=reader, targets=[wanted.get(field.name) for field in writer.fields])
        result.steps = [None] * len(writer.fields)
        self._records[pair] = result  # before its fields, which may lead back to it
        for index, (field, target) in enumerate(zip(writer.fields, result.targets, strict=True)):
            if target is None:
                result.steps[index] = Skip(writer=field.type)
            else:
                result.steps[index] = yield self.resolve(field.type, target.type)
        written = {field.name for field in writer.fields}
        for field in reader.fields:
            if field.name in written:
                continue
            if field.default is MISSING:
                result.complete = False
                refusal = Refuse(
                    why=f"the writer's record {writer.name} has no field {field.name}, which has no default"
                )
                self._records[pair] = refusal
                return refusal
            if id(field) not in self._usable:  # a default may be long, and a record the reader of many
                self._check_default(field)
                self._usable.add(id(field))
            result.defaults.append(field)
        return result

    def _check_default(self, field: Field) -> None:
        try:
            self._chooser.choose(field.type, field.default)
        except UnresolvableError as error:
            raise UnresolvableError(f"the default of the field {field.name} cannot be used: {error}") from None

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise SchemaTooLargeError(
                "the schemas are too large to resolve: too many pairs of records would have to be compared",
                where="reader",
                remedy="Split the large unions of records",
            )

    def _writer_union(self, writer: Union, reader: Schema) -> Step[WriterUnion]:
        branches: list[Action] = []
        same = reader if isinstance(reader, Union) and self._unions.same(writer, reader) else None
        for index, branch in enumerate(writer.branches):
            branches.append((yield self._branch(branch, same, index) if same else self.resolve(branch, reader)))
        return WriterUnion(writer=writer, reader=reader, branches=tuple(branches))

    def _branch(self, writer: Schema, reader: Union, index: int) -> Step[ReaderUnion]:
        action: Action = yield self.resolve(writer, reader.branches[index])
        return ReaderUnion(reader=reader, index=index, action=action)

    def _reader_union(self, writer: Schema, reader: Union) -> Step[Action]:
        index: int | None = yield self._matching_branch(writer, reader)
        if index is None:
            return _mismatch(writer, reader)
        found: Action = yield self._branch(writer, reader, index)
        return found

    def _matching_branch(self, writer: Schema, reader: Union) -> Step[int | None]:
        similar: int | None = None
        for index, branch in enumerate(reader.branches):
            if not same_kind(writer, branch):
                continue
            if not isinstance(writer, Record | Enum | Fixed) or not isinstance(branch, Record | Enum | Fixed):
                return index
            if writer.name == branch.name:
                return index
            if not isinstance(writer, Record) or not isinstance(branch, Record):
                continue
            self._spend(_BRANCH)
            if not (yield self._reads(writer, branch)):
                continue
            if similar is None or short_name(writer) == short_name(branch):
                similar = index
        if similar is not None:
            return similar
        return next((index for index, branch in enumerate(reader.branches) if promotes(writer, branch)), None)

    def _reads(self, writer: Record, branch: Record) -> Step[bool]:
        """Tell whether a record looks readable as a branch of another name, judging its own fields only."""
        action: Fields | Refuse = yield self._record(writer, branch)
        return isinstance(action, Fields) and not any(isinstance(step, Refuse) for step in action.steps)


def _symbols(writer: Enum, reader: Enum) -> Action:
    if short_name(writer) != short_name(reader):
        return _mismatch(writer, reader)
    known = frozenset(reader.symbols)
    taken = tuple(symbol if symbol in known else reader.default for symbol in writer.symbols)
    return Symbols(reader=reader, taken=taken)


def _mismatch(writer: Schema, reader: Schema) -> Refuse:
    return Refuse(why=f"the writer wrote {describe(writer)} where {describe(reader)} is expected")


def _check_complete(root: Action) -> None:
    """Refuse what Avro Java trips over: a cycle that leads to a record found wanting after the cycle was made."""
    seen: set[int] = set()
    todo: list[Action | None] = [root]
    while todo:
        action = todo.pop()
        if action is None or id(action) in seen:
            continue
        seen.add(id(action))
        if isinstance(action, Fields):
            if not action.complete:
                raise UnresolvableError(f"the writer's record {action.writer.name} lacks a field that is needed")
            todo.extend(action.steps)
        elif isinstance(action, Container):
            todo.append(action.element)
        elif isinstance(action, WriterUnion):
            todo.extend(action.branches)
        elif isinstance(action, ReaderUnion):
            todo.append(action.action)
