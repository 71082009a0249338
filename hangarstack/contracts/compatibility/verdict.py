"""What the checker says of a reader and a writer."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from hangarstack.contracts.schema import Schema, to_json


class IncompatibilityType(enum.StrEnum):
    """Why data cannot be read; the names are Avro's."""

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incompatibility:
    """One place where the reader cannot take what the writer writes.

    Args:
        type: why.
        path: JSON pointer into the reader's schema, as Avro gives it: ``/`` is the whole of it.
        message: Avro's own message.
        reader: the part of the reader's schema.
        writer: the part of the writer's schema.
        sentence: what is wrong, in plain words.
        fix: what to do instead.
    """

    type: IncompatibilityType
    path: str
    message: str
    reader: Schema = field(repr=False)
    writer: Schema = field(repr=False)
    sentence: str
    fix: str

    @property
    def reader_fragment(self) -> object:
        """The part of the reader's schema, as JSON."""
        return to_json(self.reader)

    @property
    def writer_fragment(self) -> object:
        """The part of the writer's schema, as JSON."""
        return to_json(self.writer)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """Whether a reader can read whatever a writer writes."""

    incompatibilities: tuple[Incompatibility, ...]

    @property
    def compatible(self) -> bool:
        """Whether nothing is in the way."""
        return not self.incompatibilities
