"""A short way to the answer "compatible", for a subject whose many versions are mostly made of the same parts.

Each part of a schema gets a number that is the same for parts that no reader can tell apart, so that a pair of
parts is judged once however many versions hold it. A schema that refers to itself, or nests deeply, has no number:
Avro Java's verdict on it depends on the order of judging, and only the checker keeps to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hangarstack.contracts.compatibility.checker import check, leaves_fit, names_fit
from hangarstack.contracts.compatibility.verdict import Verdict
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Map, Primitive, Record, Schema, Union

_DEEPEST: Final = 60
_WIDEST_UNION: Final = 64
_NO_NUMBER: Final = -1
_COMPATIBLE: Final = Verdict(incompatibilities=())


class UndecidedError(Exception):
    """Only the checker can say: it may raise where this comes up, or never get there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of a record by name.

    Args:
        by_name: the fields.
        wanted: numbers of their types; none where a field of that name and type might not do for a reader.
        written: numbers of their types.
    """

    by_name: Mapping[str, Field]
    wanted: Mapping[str, int]
    written: Mapping[str, int]


class Shortcut:
    """Judges pairs as ``check`` does, and remembers the parts of all schemas that it has seen.

    It keeps those schemas alive; use one for the versions of one subject.
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._heights: list[int] = []
        self._number_of: dict[int, int] = {}
        self._alive: list[Schema] = []
        self._verdicts: dict[tuple[int, int], bool] = {}
        self._fields: dict[int, Fields] = {}

    def check(self, reader: Schema, writer: Schema) -> Verdict:
        """Judge two parsed schemas; see ``check_reader_writer``."""
        return _COMPATIBLE if self._compatible(reader, writer) else check(reader, writer)

    def numbered(self, schema: Schema) -> bool:
        """Tell whether a schema has a number; remember it if so."""
        return self._number(schema, 0) != _NO_NUMBER

    def number_of(self, schema: Schema) -> int:
        """Return the number of a schema that is numbered, or part of what is."""
        return self._number_of[id(schema)]

    def fits(self, reader: Schema, writer: Schema) -> bool:
        """Tell whether a reader reads a writer; both must be numbered, or part of what is.

        Raises:
            UndecidedError: only the checker can say.
        """
        pair = (self._number_of[id(reader)], self._number_of[id(writer)])
        known = self._verdicts.get(pair)
        if known is None:
            known = self._verdicts[pair] = self._judge(reader, writer)
        return known

    def fields_of(self, record: Record) -> Fields:
        """Return the fields of a record that is numbered; raises as ``fits`` does."""
        number = self._number_of[id(record)]
        known = self._fields.get(number)
        if known is None:
            numbers = [(field, self._number_of[id(field.type)]) for field in record.fields]
            verdicts = self._verdicts
            known = self._fields[number] = Fields(
                by_name={field.name: field for field in record.fields},
                wanted={
                    # Looked up here first: a call for each field of each version would take a tenth of a check.
                    field.name: number
                    if not field.aliases and (verdicts.get((number, number)) or self.fits(field.type, field.type))
                    else _NO_NUMBER
                    for field, number in numbers
                },
                written={field.name: number for field, number in numbers},
            )
        return known

    def _compatible(self, reader: Schema, writer: Schema) -> bool:
        if not self.numbered(reader) or not self.numbered(writer):
            return False
        try:
            return self.fits(reader, writer)
        except UndecidedError:
            return False

    def _number(self, schema: Schema, depth: int) -> int:
        known = self._number_of.get(id(schema))
        if known is not None:
            return known
        # Within itself a schema has no number, nor has any that refers back to it.
        self._number_of[id(schema)] = _NO_NUMBER
        self._alive.append(schema)
        described = self._describe(schema, depth + 1) if depth < _DEEPEST else None
        if described is None:
            return _NO_NUMBER
        description, height = described
        number = self._number_of[id(schema)] = self._numbers.setdefault(description, len(self._numbers))
        if number == len(self._heights):
            self._heights.append(height)
        return number

    def _describe(self, schema: Schema, depth: int) -> tuple[object, int] | None:
        """Return what no reader can tell it from, and how many types stand within each other there."""
        if isinstance(schema, Primitive):
            return schema.type, 1
        if isinstance(schema, Enum):
            return ("enum", schema.name, schema.aliases, schema.symbols, schema.default), 1
        if isinstance(schema, Fixed):
            return ("fixed", schema.name, schema.aliases, schema.size), 1
        if isinstance(schema, Union) and len(schema.branches) > _WIDEST_UNION:
            return None
        known = self._number_of
        inner = [known.get(id(part)) or self._number(part, depth) for part in _inside(schema)]
        # Its parts may have been numbered before it, so that none of them was found deep.
        heights = [self._heights[each] for each in inner if each != _NO_NUMBER]
        height = 1 + max(heights, default=0)
        if len(heights) < len(inner) or height > _DEEPEST:
            return None
        if isinstance(schema, Record):
            fields = tuple((field.name, field.aliases, field.default is MISSING) for field in schema.fields)
            return ("record", schema.name, schema.aliases, fields, *inner), height
        return (type(schema), *inner), height

    def _judge(self, reader: Schema, writer: Schema) -> bool:
        if isinstance(writer, Union):
            return all(self.fits(reader, branch) for branch in writer.branches)
        if isinstance(reader, Union):
            return any(self.fits(branch, writer) for branch in reader.branches)
        if isinstance(reader, Record) and isinstance(writer, Record):
            return names_fit(reader, writer) and self._fields_fit(reader, writer)
        if isinstance(reader, Array) and isinstance(writer, Array):
            return self.fits(reader.items, writer.items)
        if isinstance(reader, Map) and isinstance(writer, Map):
            return self.fits(reader.values, writer.values)
        return leaves_fit(reader, writer)

    def _fields_fit(self, reader: Record, writer: Record) -> bool:
        wanted, written = self.fields_of(reader), self.fields_of(writer)
        # Most fields are the same in both, and those fall away here at once.
        for name, _ in wanted.wanted.items() - written.written.items():
            field = wanted.by_name[name]
            source = _source(field, written.by_name)
            if source is None:
                if field.default is MISSING:
                    return False
            elif not self.fits(field.type, source.type):
                return False
        return True


def _source(field: Field, written: Mapping[str, Field]) -> Field | None:
    found = [written[name] for name in (field.name, *field.aliases) if name in written]
    if len(found) > 1:
        raise UndecidedError
    return found[0] if found else None


def _inside(schema: Record | Array | Map | Union) -> Sequence[Schema]:
    if isinstance(schema, Record):
        return [field.type for field in schema.fields]
    if isinstance(schema, Union):
        return schema.branches
    return (schema.items,) if isinstance(schema, Array) else (schema.values,)
