"""The registry verdict: whether Avro Java says that a reader can read a writer's data.

It follows Avro Java step by step, its memory included: a pair of types that has been judged once keeps the answer,
and the place, of the first time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Final, TypeAlias

from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.places import Place, first_uses, place_of
from hangarstack.contracts.compatibility.verdict import Incompatibility, Verdict
from hangarstack.contracts.schema import (
    MISSING,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Schema,
    Union,
    parse_schema,
)
from hangarstack.contracts.schema.matching import PROMOTIONS, same_kind, short_name
from hangarstack.contracts.schema.pointer import Path, pointer
from hangarstack.contracts.schema.trampoline import Step, run
from hangarstack.errors import InvalidSchemaError, SchemaTooLargeError

_Result: TypeAlias = tuple[Incompatibility, ...]

_MOST_FINDINGS: Final = 10_000
"""A type used twice in a type used twice … is reported once for each way to it, so without bound."""

_MOST_WORK: Final = 5_000_000
"""In units of about a microsecond. Avro Java takes time that grows with the square of a union as well."""
_PAIR: Final = 10
_BRANCH: Final = 5
_FIELD: Final = 5

_HUGE_UNION: Final = 64
"""Branches; up to here a union is judged branch by branch as Avro Java does."""


def check_reader_writer(reader: object, writer: object) -> Verdict:
    """Judge whether a reader can read whatever a writer writes.

    Args:
        reader: the reader's schema, parsed JSON.
        writer: the writer's schema, parsed JSON.

    Raises:
        InvalidSchemaError: one of them is no schema, or a field of the reader matches two of the writer's;
            ``where`` begins with ``reader`` or ``writer`` and holds a JSON pointer.
        SchemaTooLargeError: more than some 300,000 pairs of types would have to be compared, as in two unions of
            800 records of one short name, or a million of enums and fixeds; to refuse takes a few seconds.
    """
    return check(parse_schema(reader, side="reader"), parse_schema(writer, side="writer"))


def check(reader: Schema, writer: Schema) -> Verdict:
    """Judge two parsed schemas; see ``check_reader_writer``."""
    found = run(_Checker().judge(reader, writer))
    return Verdict(incompatibilities=_placed(found, reader))


def leaves_fit(reader: Schema, writer: Schema) -> bool:
    """Tell whether a reader reads a writer when neither holds other schemas, or the two are of different kinds."""
    if isinstance(reader, Primitive) and isinstance(writer, Primitive):
        return _reads(reader, writer)
    if isinstance(reader, Fixed) and isinstance(writer, Fixed):
        return reader.size == writer.size and _named(reader, writer)
    if isinstance(reader, Enum) and isinstance(writer, Enum):
        return _named(reader, writer) and not _missing_symbols(reader, writer)
    return False


def names_fit(reader: Record, writer: Record) -> bool:
    """Tell whether a reader takes a writer's record for its own."""
    return _named(reader, writer)


class _Checker:
    def __init__(self) -> None:
        self._work = 0
        self._known: dict[tuple[int, int], _Result] = {}
        self._tried: dict[int, list[tuple[Union, Schema | None]]] = defaultdict(list)
        self._indexes: dict[int, dict[str, list[Schema]]] = {}
        self._bases: list[Schema] = []

    def judge(self, reader: Schema, writer: Schema) -> Step[_Result]:
        """Compare the two from their roots."""
        result: _Result = yield self._compare(reader, writer, None)
        return result

    def _compare(self, reader: Schema, writer: Schema, path: Path | None) -> _Result | Step[_Result]:
        if isinstance(writer, Primitive):
            if isinstance(reader, Primitive):
                return () if _reads(reader, writer) else _leaves(reader, writer, path)
            if isinstance(reader, Union):
                self._spend(len(reader.branches) // 8)
                primitives = (branch for branch in reader.branches if isinstance(branch, Primitive))
                fit = next((branch for branch in primitives if _reads(branch, writer)), None)
                self._tried[id(writer)].append((reader, fit))
                return () if fit is not None else (_missing_branch(reader, writer, writer, path),)
        known = self._known.get((id(reader), id(writer)))
        if known is not None:
            return known
        return self._remembered(reader, writer, None if self._was_tried(reader, writer) else path)

    def _was_tried(self, reader: Schema, writer: Schema) -> bool:
        """Tell whether a union has tried a pair as one of its branches: Avro Java remembers it without a path."""
        for union, fit in self._tried.get(id(writer), ()):
            self._spend(1 + len(union.branches) // 8)
            for branch in union.branches:
                if branch is reader:
                    return True
                if branch is fit:
                    break
        return False

    def _remembered(self, reader: Schema, writer: Schema, path: Path | None) -> Step[_Result]:
        self._spend(_PAIR)
        pair = (id(reader), id(writer))
        # A pair that comes up again while it is being judged is compatible unless proven otherwise.
        self._known[pair] = ()
        if path is None:
            self._bases.append(reader)
        found: _Result = yield self._judge(reader, writer, path)
        # What is remembered may be told elsewhere; its path still begins here.
        result = tuple(each if each.base else replace(each, base=self._bases[-1]) for each in found)
        if path is None:
            self._bases.pop()
        self._known[pair] = result
        return result

    def _judge(self, reader: Schema, writer: Schema, path: Path | None) -> _Result | Step[_Result]:
        if isinstance(writer, Union):
            return self._any_branch(reader, writer, path)
        if isinstance(reader, Union):
            if isinstance(writer, Enum | Fixed):
                return self._leaf_branch(reader, writer, path)
            return self._some_branch(reader, writer, path)
        if isinstance(reader, Record) and isinstance(writer, Record):
            return self._records(reader, writer, path)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return self._compare(reader.items, writer.items, (path, "items"))
        if isinstance(reader, Map) and isinstance(writer, Map):
            return self._compare(reader.values, writer.values, (path, "values"))
        if isinstance(reader, Enum) and isinstance(writer, Enum):
            self._spend((len(reader.symbols) + len(writer.symbols)) // 8)
        return _leaves(reader, writer, path)

    def _any_branch(self, reader: Schema, writer: Union, path: Path | None) -> Step[_Result]:
        found: list[Incompatibility] = []
        for index, branch in enumerate(writer.branches):
            at = (path, index)
            if not isinstance(reader, Union):
                found.extend((yield self._compare(reader, branch, at)))
                continue
            result = self._compare(reader, branch, None)
            if not isinstance(result, tuple):
                result = yield result
            if result:
                found.append(_missing_branch(reader, writer, branch, at, cause=result[0].cause))
        return tuple(found[:_MOST_FINDINGS])

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise SchemaTooLargeError(
                "the schemas are too large to judge: too many pairs of types would have to be compared",
                where="reader",
                remedy="Give the types of large unions short names of their own; those of one are all compared",
            )

    def _some_branch(self, reader: Union, writer: Schema, path: Path | None) -> Step[_Result]:
        similar: tuple[Schema, Incompatibility] | None = None
        for branch in self._candidates(reader, writer):
            result = yield self._compare(branch, writer, None)
            if not result:
                return ()
            if same_kind(branch, writer) and short_name(branch) == short_name(writer):
                similar = branch, result[0]
        cause = None if similar is None else _within(*similar)
        return (_missing_branch(reader, writer, writer, path, cause=cause),)

    def _leaf_branch(self, reader: Union, writer: Enum | Fixed, path: Path | None) -> Step[_Result]:
        """Judge as ``_some_branch``, but find out what is wrong with a branch only when that is to be told."""
        similar: Schema | None = None
        for branch in self._candidates(reader, writer):
            self._spend(_BRANCH)
            if isinstance(branch, Enum) and isinstance(writer, Enum):
                self._spend((len(branch.symbols) + len(writer.symbols)) // 8)
            if leaves_fit(branch, writer):
                self._tried[id(writer)].append((reader, branch))
                return ()
            if same_kind(branch, writer) and short_name(branch) == short_name(writer):
                similar = branch
        self._tried[id(writer)].append((reader, None))
        cause = None
        if similar is not None:
            result = yield self._compare(similar, writer, None)
            cause = _within(similar, result[0])
        return (_missing_branch(reader, writer, writer, path, cause=cause),)

    def _candidates(self, reader: Union, writer: Schema) -> Iterable[Schema]:
        """Return the branches to try: of a huge union only those whose name fits."""
        if len(reader.branches) <= _HUGE_UNION or not isinstance(writer, Record | Enum | Fixed):
            return reader.branches
        index = self._indexes.get(id(reader))
        if index is None:
            index = self._indexes[id(reader)] = defaultdict(list)
            for branch in reader.branches:
                if isinstance(branch, Record | Enum | Fixed):
                    for name in {f"*.{_last(branch.name)}", *_java_aliases(branch)}:
                        index[name].append(branch)
        return chain(index.get(f"*.{_last(writer.name)}", ()), index.get(writer.name, ()))

    def _records(self, reader: Record, writer: Record, path: Path | None) -> Step[_Result]:
        self._spend(_FIELD * len(reader.fields) + len(writer.fields))
        found = [*_names(reader, writer, path)]
        written = {field.name: field for field in writer.fields}
        for index, field in enumerate(reader.fields):
            at = ((path, "fields"), index)
            source = _source(field, written, at)
            if source is not None:
                result = self._compare(field.type, source.type, (at, "type"))
                found.extend(result if isinstance(result, tuple) else (yield result))
            elif field.default is MISSING:
                if isinstance(field.type, Enum) and field.type.default is not None:
                    # Avro Java compares the enum with the writer's whole record here.
                    found.extend((yield self._compare(field.type, writer, (at, "type"))))
                else:
                    kind = "READER_FIELD_MISSING_DEFAULT_VALUE"
                    found.append(_finding(kind, reader, writer, field.name, at))
        return tuple(found[:_MOST_FINDINGS])


def _leaves(reader: Schema, writer: Schema, path: Path | None) -> _Result:
    if isinstance(reader, Enum) and isinstance(writer, Enum):
        return (*_names(reader, writer, path), *_symbols(reader, writer, path))
    if isinstance(reader, Fixed) and isinstance(writer, Fixed):
        return (*_names(reader, writer, path), *_sizes(reader, writer, path))
    message = f"reader type: {_java_type(reader)} not compatible with writer type: {_java_type(writer)}"
    return (_finding("TYPE_MISMATCH", reader, writer, message, path),)


def _reads(reader: Primitive, writer: Primitive) -> bool:
    return reader.type == writer.type or writer.type in PROMOTIONS.get(reader.type, ())


def _missing_branch(
    reader: Union, writer: Schema, branch: Schema, path: Path | None, *, cause: Incompatibility | None = None
) -> Incompatibility:
    message = f"reader union lacking writer type: {_java_type(branch)}"
    found = _finding("MISSING_UNION_BRANCH", reader, writer, message, path)
    return replace(found, branch=branch, cause=cause)


def _named(reader: Record | Enum | Fixed, writer: Record | Enum | Fixed) -> bool:
    return _last(reader.name) == _last(writer.name) or writer.name in _java_aliases(reader)


def _names(reader: Record | Enum | Fixed, writer: Record | Enum | Fixed, path: Path | None) -> _Result:
    if _named(reader, writer):
        return ()
    return (_finding("NAME_MISMATCH", reader, writer, f"expected: {writer.name}", (path, "name")),)


def _missing_symbols(reader: Enum, writer: Enum) -> set[str]:
    return set() if reader.default is not None else set(writer.symbols).difference(reader.symbols)


def _symbols(reader: Enum, writer: Enum, path: Path | None) -> _Result:
    missing = sorted(_missing_symbols(reader, writer))
    if not missing:
        return ()
    message = f"[{', '.join(missing)}]"
    return (_finding("MISSING_ENUM_SYMBOLS", reader, writer, message, (path, "symbols")),)


def _sizes(reader: Fixed, writer: Fixed, path: Path | None) -> _Result:
    if reader.size == writer.size:
        return ()
    message = f"expected: {writer.size}, found: {reader.size}"
    return (_finding("FIXED_SIZE_MISMATCH", reader, writer, message, (path, "size")),)


def _source(field: Field, written: dict[str, Field], at: Path) -> Field | None:
    """Return the writer's field that a reader's field takes its value from, if there is one."""
    matches = [written[name] for name in (field.name, *field.aliases) if name in written]
    if len(matches) > 1:
        names = ", ".join(match.name for match in matches)
        raise InvalidSchemaError(
            f"the reader's field {field.name} matches several fields of the writer: {names}",
            where=f"reader#{pointer(at)}",
            remedy="Take the alias away, or the field that has its name",
        )
    return matches[0] if matches else None


def _finding(kind: str, reader: Schema, writer: Schema, message: str, path: Path | None) -> Incompatibility:
    return Incompatibility(
        type=IncompatibilityType(kind),
        path=pointer(path) or "/",
        message=message,
        reader=reader,
        writer=writer,
    )


def _within(branch: Schema, cause: Incompatibility) -> Incompatibility:
    # Where a type was judged first, elsewhere, says nothing of the place in this branch.
    return replace(cause, place=place_of(cause.path, branch) if cause.base is branch else Place())


def _placed(found: _Result, reader: Schema) -> _Result:
    elsewhere = any(each.base is not None and each.base is not reader for each in found)
    outer = first_uses(reader) if elsewhere else {id(reader): Place()}
    return tuple(
        replace(each, place=place_of(each.path, base).within(outer[id(base)]))
        for each in found
        for base in (each.base or reader,)
    )


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _java_aliases(schema: Record | Enum | Fixed) -> set[str]:
    """Return the aliases as Avro Java compares them: one without namespace never matches from within one."""
    if "." not in schema.name:
        return set(schema.aliases)
    return {alias for alias in schema.aliases if "." in alias}


def _java_type(schema: Schema) -> str:
    return (schema.type if isinstance(schema, Primitive) else type(schema).__name__).upper()
