"""What the checker says of a reader and a writer."""

from __future__ import annotations

from dataclasses import dataclass, field

from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.places import Place
from hangarstack.contracts.compatibility.words import Words, describe, in_words
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
        branch: of the writer's union, or the writer itself, where it is a branch that the reader lacks.
        cause: why the reader's branch that is most like that one does not do.
        base: the part of the reader's schema in which the path begins.
        place: in the reader's schema, for people; of a cause in the reader's branch.
    """

    type: IncompatibilityType
    path: str
    message: str
    reader: Schema = field(repr=False)
    writer: Schema = field(repr=False)
    branch: Schema | None = field(default=None, repr=False)
    cause: Incompatibility | None = field(default=None, repr=False)
    base: Schema | None = field(default=None, repr=False)
    place: Place = field(default_factory=Place)

    @property
    def sentence(self) -> str:
        """What is wrong, in plain words, which name the field."""
        root, place = self._root
        words = root.in_words(place).wrong
        if root is self or self.branch is None:
            return words
        return _after(self.place.field, f"the reader's branch for {describe(self.branch)} does not do: {words}")

    @property
    def fix(self) -> str:
        """What to do instead where the reader is what changes."""
        root, place = self._root
        return root.in_words(place).fix

    @property
    def fix_in_writer(self) -> str:
        """What to do instead where the reader stays as it is, for it is released already."""
        root, place = self._root
        return root.in_words(place).fix_in_writer

    @property
    def _root(self) -> tuple[Incompatibility, Place]:
        """The innermost cause, and its place in the branch that does not do, or in the whole schema."""
        if self.cause is None:
            return self, self.place
        root, place = self.cause, self.cause.place
        while root.cause is not None:
            root = root.cause
            place = root.place.within(place)
        return root, place

    def in_words(self, place: Place) -> Words:
        """Say what is wrong at a place, whatever caused it, and what to do instead."""
        names_field = self.type is IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE
        message = (names_field and place.field) or self.message
        part = self.branch or self.writer
        words = in_words(self.type, self.reader, part, message, of_union=self._of_union)
        return words if names_field else words._replace(wrong=_after(place.field, words.wrong))

    @property
    def _of_union(self) -> bool:
        """Whether the writer's part is a branch of a union: then Avro's path ends with its number, or with its name."""
        return self.path.removesuffix("/name").rpartition("/")[2].isdecimal()

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


def _after(field_name: str, sentence: str) -> str:
    return f"{field_name}: {sentence}" if field_name else sentence
