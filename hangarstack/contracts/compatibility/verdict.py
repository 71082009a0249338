"""What the checker says of a reader and a writer."""

from __future__ import annotations

from dataclasses import dataclass, field

from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.words import describe, in_words
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
    """

    type: IncompatibilityType
    path: str
    message: str
    reader: Schema = field(repr=False)
    writer: Schema = field(repr=False)
    branch: Schema | None = field(default=None, repr=False)
    cause: Incompatibility | None = field(default=None, repr=False)

    @property
    def sentence(self) -> str:
        """What is wrong, in plain words."""
        root, path = self._root
        if root is self or self.branch is None:
            return self._words[0]
        place = f"at {path} of it, " if path else ""
        return f"the reader's branch for {describe(self.branch)} does not do: {place}{root.sentence}"

    @property
    def fix(self) -> str:
        """What to do instead."""
        root, _ = self._root
        return self._words[1] if root is self else root.fix

    @property
    def _root(self) -> tuple[Incompatibility, str]:
        """The innermost cause, and the way to it from the branch that does not do."""
        root, path = self, ""
        while root.cause is not None:
            root = root.cause
            path += "" if root.path == "/" else root.path
        return root, path

    @property
    def _words(self) -> tuple[str, str]:
        return in_words(self.type, self.reader, self.branch or self.writer, self.message)

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
