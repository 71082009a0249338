"""What the checker says of a reader and a writer."""

from __future__ import annotations

from dataclasses import dataclass, field

from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.words import in_words
from hangarstack.contracts.schema import Schema, to_json


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incompatibility:
    """One place where the reader cannot take what the writer writes.

    Args:
        type: why.
        path: JSON pointer into the reader's schema, as Avro gives it: ``/`` is the whole of it.
        message: Avro's own message.
        reader: the part of the reader's schema.
        writer: the part of the writer's schema.
    """

    type: IncompatibilityType
    path: str
    message: str
    reader: Schema = field(repr=False)
    writer: Schema = field(repr=False)

    @property
    def sentence(self) -> str:
        """What is wrong, in plain words."""
        return in_words(self.type, self.reader, self.writer, self.message)[0]

    @property
    def fix(self) -> str:
        """What to do instead."""
        return in_words(self.type, self.reader, self.writer, self.message)[1]

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
