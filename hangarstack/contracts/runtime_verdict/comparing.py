"""What a reader got against what the writer wrote, part by part."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from hangarstack.contracts.compatibility.words import describe
from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.resolution.javadefaults import Chooser, Chosen
from hangarstack.contracts.runtime_verdict.branches import Branches
from hangarstack.contracts.runtime_verdict.defaults import default_problem, is_meant, plain
from hangarstack.contracts.runtime_verdict.meaning import MeaninglessError, meaning, shown
from hangarstack.contracts.runtime_verdict.running import MARK, comes_raw, said
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Logical, Map, Primitive, Record, Schema
from hangarstack.contracts.schema import Union as UnionSchema
from hangarstack.contracts.schema.matching import same_kind

Steps: TypeAlias = tuple[str | int, ...]

_MOST_SYMBOLS: Final = 5
"""Lost symbols that a sentence names."""


class Kind(enum.StrEnum):
    """How a reader goes wrong."""

    UNREADABLE = "unreadable"
    NOT_TRIED = "not-tried"
    REFUSED_SCHEMA = "refused-schema"
    WRONG_BRANCH = "wrong-branch"
    REFUSED_BRANCH = "refused-branch"
    ALIAS = "alias"
    DEFAULT = "default"
    RAW_DEFAULT = "raw-default"
    SYMBOL = "symbol"
    LOST_SYMBOL = "lost-symbol"
    SCALE = "scale"
    UNIT = "unit"
    LOGICAL_TYPE = "logical-type"
    PRECISION = "precision"
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One part that the reader gets wrong.

    Args:
        kind: how.
        path: of the part in the writer's value.
        sentence: why, in plain words.
        written: the value, as the writer means it.
        read: the value, as the reader takes it.
    """

    kind: Kind
    path: Steps
    sentence: str
    written: str
    read: str


class Comparison:
    """Compares what was written with what was read.

    Args:
        branches: finds the branches of unions.
        resolved: whether two schemas met; without that every branch of a union is read as it was written.
    """

    def __init__(self, branches: Branches, *, resolved: bool) -> None:
        self._branches = branches
        self._resolved = resolved
        self._symbols: dict[int, frozenset[str]] = {}
        self._defaults: dict[int, _Default] = {}
        self._chooser = Chooser()
        self._lost: dict[tuple[int, int], str] = {}
        self._met: set[tuple[int, int, Any]] = set()

    def has_met(self, writer: Schema, reader: Schema, value: Any) -> bool:
        """Tell whether a part was compared; of parts that hold others the value does not count.

        Args:
            writer: its schema.
            reader: its schema, or the union that it is a branch of.
            value: as it was written.
        """
        return _meeting(writer, reader, value) in self._met

    def differences(
        self, writer: Schema, reader: Schema, written: Any, read: Any, path: Steps = ()
    ) -> Iterator[Difference]:
        """Yield what is wrong with a value that was read.

        Args:
            writer: its schema.
            reader: its schema.
            written: as ``Records`` makes it.
            read: as ``Run`` gives it.
            path: of the value within the whole.
        """
        self._met.add(_meeting(writer, reader, written))
        if isinstance(writer, UnionSchema):
            name, inner = written
            yield from self.differences(self._branches.named(writer, name), reader, inner, read, (*path, name))
        elif isinstance(reader, UnionSchema):
            yield from self._union(writer, reader, written, read, path)
        elif isinstance(writer, Record) and isinstance(reader, Record):
            yield from self._record(writer, reader, written, read, path)
        elif isinstance(writer, Array) and isinstance(reader, Array):
            for index, (mine, theirs) in enumerate(zip(written, read, strict=True)):
                yield from self.differences(writer.items, reader.items, mine, theirs, (*path, index))
        elif isinstance(writer, Map) and isinstance(reader, Map):
            for key, mine in written.items():
                yield from self.differences(writer.values, reader.values, mine, read[key], (*path, key))
        elif isinstance(writer, Primitive | Enum | Fixed) and isinstance(reader, Primitive | Enum | Fixed):
            if isinstance(reader, Enum):
                yield from self._symbol(writer, reader, written, read, path)
            else:
                yield from _leaf(writer, reader, written, read, path)

    def _union(self, writer: Schema, reader: UnionSchema, written: Any, read: Any, path: Steps) -> Iterator[Difference]:
        right = self._branches.meant(writer, reader)
        taken = self._taken(writer, reader, read, right)
        if taken is None or taken not in right or len(right) > 1:
            yield Difference(
                kind=Kind.WRONG_BRANCH,
                path=path,
                sentence=f"{describe(writer)} is read as another type of the same short name",
                written=describe(writer),
                read=describe(taken) if taken is not None else "an error",
            )
        elif same_kind(writer, taken) or isinstance(writer, Primitive):
            yield from self.differences(writer, taken, written, read, path)

    def _taken(self, writer: Schema, reader: UnionSchema, read: Any, right: Sequence[Schema]) -> Schema | None:
        if self._resolved and isinstance(read, dict) and MARK in read:
            records = (each for each in reader.branches if isinstance(each, Record))
            return next((each for each in records if each.name == read[MARK]), None)
        if self._resolved and isinstance(writer, Enum | Fixed):
            return self._branches.taken_by_fastavro(writer, reader)
        return right[0] if right else None

    def _record(self, writer: Record, reader: Record, written: Any, read: Any, path: Steps) -> Iterator[Difference]:
        sources = {field.name: field for field in writer.fields}
        for field in reader.fields:
            source = next((sources[name] for name in (field.name, *field.aliases) if name in sources), None)
            if source is None:
                yield from self._default(field, read[field.name], path)
                continue
            mine, theirs = written[source.name], read[field.name]
            yield from self.differences(source.type, field.type, mine, theirs, (*path, source.name))

    def _default(self, field: Field, read: Any, path: Steps) -> Iterator[Difference]:
        if id(field) not in self._defaults:
            self._defaults[id(field)] = _Default(field, self._chooser)
        default = self._defaults[id(field)]
        at, why = (*path, field.name), "the writer has no such field, and "
        if default.problem is not None:
            sentence = f"{why}its default cannot be used: {default.problem}"
            yield _wrong(Kind.DEFAULT, at, sentence, "nothing", repr(read))
        elif default.chosen is not None and not is_meant(default.chosen, read):
            sentence = f"{why}fastavro, unlike generated code, hands out its default as it stands in the schema"
            yield _wrong(Kind.RAW_DEFAULT, at, sentence, default.means, repr(read))

    def _symbol(self, writer: Schema, reader: Enum, written: Any, read: Any, path: Steps) -> Iterator[Difference]:
        known = self._symbols.get(id(reader))
        if known is None:
            known = self._symbols[id(reader)] = frozenset(reader.symbols)
        expected = written if written in known else reader.default
        if read != expected or read not in known:
            yield _wrong(Kind.SYMBOL, path, "the symbol is read as another", repr(written), repr(read))
        elif read != written:
            pair = id(writer), id(reader)
            if pair not in self._lost:
                self._lost[pair] = _lost(writer, known, written)
            sentence = f"{self._lost[pair]} read as {read}, the default of the reader's enum"
            yield _wrong(Kind.LOST_SYMBOL, path, sentence, repr(written), repr(read))


class _Default:
    """What a field's default is good for: why it cannot be used, or else the value that it stands for."""

    def __init__(self, field: Field, chooser: Chooser) -> None:
        self.chosen: Chosen | None = None
        if field.default is MISSING:
            self.problem: str | None = "there is none"
            return
        self.problem = default_problem(field.type, field.default)
        if self.problem is None:
            with contextlib.suppress(UnresolvableError):  # where it is needed, every record is refused
                self.chosen = chooser.choose(field.type, field.default)

    @cached_property
    def means(self) -> str:
        """What a writer without the field means, in words: not made anew for every record, for it may be long."""
        return "nothing" if self.chosen is None else f"nothing, which means {plain(self.chosen)!r}"


def _meeting(writer: Schema, reader: Schema, value: Any) -> tuple[int, int, Any]:
    return id(writer), id(reader), value if isinstance(writer, Primitive | Enum | Fixed) else None


def _leaf(
    writer: Primitive | Enum | Fixed, reader: Primitive | Fixed, written: Any, read: Any, path: Steps
) -> Iterator[Difference]:
    if comes_raw(writer):
        try:
            read = _converted(read, reader)
        except UnicodeDecodeError as error:
            yield _wrong(Kind.UNREADABLE, path, "the reader cannot read it", repr(written), said(error))
            return
    elif same_kind(writer, reader) and isinstance(read, str | bytes) and type(read) is not type(written):
        yield _wrong(Kind.VALUE, path, _another_branch(writer), shown(writer, written), repr(read))
        return
    yield from _meanings(writer, reader, written, read, path)


def _meanings(
    writer: Primitive | Enum | Fixed, reader: Primitive | Fixed, written: Any, read: Any, path: Steps
) -> Iterator[Difference]:
    kind = _kind(writer, reader)
    try:
        got = meaning(reader, read)
    except MeaninglessError as error:
        why = f"the writer may write what is no {_logical(reader)} of the reader's"
        yield _wrong(kind, path, why, shown(writer, written), f"{read!r}: {error}")
        return
    if _logical(reader) and not _logical(writer):
        if written and isinstance(written, str) and isinstance(read, bytes):
            sentence = f"the bytes of the writer's text are read as a {_logical(reader)}"
            yield _wrong(kind, path, sentence, shown(writer, written), shown(reader, read))
            return
        got = read  # a bare number means nothing yet
    try:
        mine = meaning(writer, written) if _logical(reader) else written
    except MeaninglessError:
        return  # out of the range that Python shows, for the writer too
    expected = _promoted(mine, reader)
    if got == expected or (got != got and expected != expected):
        return
    yield _wrong(kind, path, _why(kind, writer, reader), shown(writer, written), shown(reader, read))


def _lost(writer: Schema, known: frozenset[str], written: str) -> str:
    """Name the symbols that the reader takes for its default, and say that it does."""
    lost = [symbol for symbol in writer.symbols if symbol not in known] if isinstance(writer, Enum) else [written]
    shown = ", ".join(lost[:_MOST_SYMBOLS]) + (f" and {len(lost) - _MOST_SYMBOLS} more" * (len(lost) > _MOST_SYMBOLS))
    return f"{shown} {'is' if len(lost) == 1 else 'are'}"


def _promoted(written: Any, reader: Primitive | Fixed) -> Any:
    if isinstance(reader, Primitive) and reader.type == "bytes" and isinstance(written, str):
        return written.encode()
    if isinstance(reader, Primitive) and reader.type == "string" and isinstance(written, bytes):
        return written.decode()
    return written


def _converted(raw: Any, reader: Primitive | Fixed) -> Any:
    """Return what a value becomes as the reader's type; bytes that are no text raise ``UnicodeDecodeError``."""
    is_number = isinstance(reader, Primitive) and reader.type in {"float", "double"}
    return float(raw) if is_number else _promoted(raw, reader)


def _wrong(kind: Kind, path: Steps, sentence: str, written: str, read: str) -> Difference:
    return Difference(kind=kind, path=path, sentence=sentence, written=written, read=read)


def _kind(writer: Primitive | Enum | Fixed, reader: Primitive | Enum | Fixed) -> Kind:
    mine, theirs = _logical(writer), _logical(reader)
    if mine and theirs and not _alike(writer, reader):
        if mine == theirs == "decimal":
            return Kind.SCALE
        return Kind.UNIT if mine.rpartition("-")[0] == theirs.rpartition("-")[0] != "" else Kind.LOGICAL_TYPE
    if theirs and not mine:
        return Kind.LOGICAL_TYPE
    numbers = isinstance(reader, Primitive) and reader.type in {"float", "double"}
    return Kind.PRECISION if numbers else Kind.VALUE


def _why(kind: Kind, writer: Primitive | Enum | Fixed, reader: Primitive | Enum | Fixed) -> str:
    if kind is Kind.SCALE:
        return (
            f"a decimal of scale {_scale(writer)} is read with scale {_scale(reader)}: the digits stay, the point moves"
        )
    if kind is Kind.UNIT or kind is Kind.LOGICAL_TYPE:
        return f"a {_logical(writer)} is read as a {_logical(reader)}: the number stays, its meaning changes"
    if kind is Kind.PRECISION:
        return f"{describe(reader)} does not hold every digit of {describe(writer)}"
    if same_kind(writer, reader):
        return _another_branch(writer)
    return f"{describe(writer)} is read as {describe(reader)}, and means something else"


def _alike(writer: Primitive | Enum | Fixed, reader: Primitive | Enum | Fixed) -> bool:
    """Tell whether one value means the same to both; where it does not, it came by another branch of a union."""
    same = _logical(writer), _scale(writer)
    return same_kind(writer, reader) and same == (_logical(reader), _scale(reader))


def _another_branch(writer: Schema) -> str:
    return f"another branch of the reader's union takes {describe(writer)}"


def _logical(schema: Primitive | Enum | Fixed) -> str:
    logical: Logical | None = None if isinstance(schema, Enum) else schema.logical
    return "" if logical is None else logical.name


def _scale(schema: Primitive | Enum | Fixed) -> int:
    return 0 if isinstance(schema, Enum) or schema.logical is None else schema.logical.scale
