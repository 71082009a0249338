"""Compatibility levels, and the messages in which Confluent's registry refuses a schema."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hangarstack.contracts.compatibility.checker import check
from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.verdict import Incompatibility
from hangarstack.contracts.schema import Schema
from hangarstack.errors import InvalidSchemaError

_LONGEST_SCHEMA: Final = 10 * 1024
"""Characters of an old schema that a message quotes."""


class Level(enum.StrEnum):
    """What a new schema of a subject must keep to."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def reads_old(self) -> bool:
        """Whether the new schema must read what was written with the old."""
        return self.name.startswith(("BACKWARD", "FULL"))

    @property
    def is_read_by_old(self) -> bool:
        """Whether the old schema must read what will be written with the new."""
        return self.name.startswith(("FORWARD", "FULL"))

    @property
    def transitive(self) -> bool:
        """Whether all earlier versions count, not only the latest."""
        return self.name.endswith("_TRANSITIVE")

    def asks(self, reader: int, writer: int) -> bool:
        """Tell whether one version of a contract must read another, given by their numbers."""
        near = self.transitive or abs(reader - writer) == 1
        return near and ((self.reads_old and reader > writer) or (self.is_read_by_old and reader < writer))

    def relaxes(self, other: Level) -> bool:
        """Tell whether this level does not ask for all that another asks for."""
        return (
            (other.reads_old and not self.reads_old)
            or (other.is_read_by_old and not self.is_read_by_old)
            or (other.transitive and not self.transitive)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """An earlier version of a subject.

    Args:
        schema: parsed.
        text: as the registry keeps it; quoted in messages.
        version: its number, 1 or more; ``None`` leaves it out of the messages.
    """

    schema: Schema
    text: str
    version: int | None = None


def check_level(level: Level, new: Schema, previous: Sequence[Previous]) -> list[str]:
    """Judge a new schema against a subject's earlier versions.

    Args:
        level: what it must keep to.
        new: the schema to judge.
        previous: earlier versions, oldest first. Newest are judged first; the first that fails ends it.

    Returns:
        The messages that Confluent's registry gives; none when the schema is fine.
    """
    if level is Level.NONE:
        return []
    judged = reversed(previous) if level.transitive else previous[-1:]
    for old in judged:
        found = _against(level, new, old)
        if found:
            return found
    return []


def _against(level: Level, new: Schema, old: Previous) -> list[str]:
    found: list[str] = []
    if level.is_read_by_old:
        forward = messages(old.schema, new, reader_word="old", writer_word="new")
        found += forward
        if forward and not level.reads_old:
            found += _quote(old)
    if level.reads_old:
        backward = messages(new, old.schema, reader_word="new", writer_word="old")
        found += backward
        if backward:
            found += _quote(old)
    return found


def messages(reader: Schema, writer: Schema, *, reader_word: str, writer_word: str) -> list[str]:
    """Return the registry's messages for one reader and one writer.

    Args:
        reader: parsed.
        writer: parsed.
        reader_word: what to call the reader's schema, ``new`` or ``old``.
        writer_word: what to call the writer's.
    """
    try:
        verdict = check(reader, writer)
    except InvalidSchemaError as error:
        return [f"Unexpected exception during compatibility check: {error.what}"]
    return [_message(found, reader_word, writer_word) for found in verdict.incompatibilities]


def _message(found: Incompatibility, reader: str, writer: str) -> str:
    return (
        f"{{errorType:'{found.type}', description:'{_description(found, reader, writer)}', "
        f"additionalInfo:'{found.message}'}}"
    )


def _description(found: Incompatibility, reader: str, writer: str) -> str:
    match found.type:
        case IncompatibilityType.FIXED_SIZE_MISMATCH:
            return (
                f"The size of FIXED type field at path '{found.path}' in the {reader} schema "
                f"does not match with the {writer} schema"
            )
        case IncompatibilityType.TYPE_MISMATCH:
            return (
                f"The type (path '{found.path}') of a field in the {reader} schema "
                f"does not match with the {writer} schema"
            )
        case IncompatibilityType.NAME_MISMATCH:
            return f"The name of the schema has changed (path '{found.path}')"
        case IncompatibilityType.MISSING_ENUM_SYMBOLS:
            return (
                f"The {reader} schema is missing enum symbols '{found.message}' at path '{found.path}' "
                f"in the {writer} schema"
            )
        case IncompatibilityType.MISSING_UNION_BRANCH:
            return (
                f"The {reader} schema is missing a type inside a union field at path '{found.path}' "
                f"in the {writer} schema"
            )
        case IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE:
            return (
                f"The field '{found.message}' at path '{found.path}' in the {reader} schema "
                f"has no default value and is missing in the {writer} schema"
            )


def _quote(old: Previous) -> list[str]:
    quoted = [] if old.version is None else [f"{{oldSchemaVersion: {old.version}}}"]
    if len(old.text) <= _LONGEST_SCHEMA:
        return [*quoted, f"{{oldSchema: '{old.text}'}}"]
    cut = old.text[:_LONGEST_SCHEMA]
    return [*quoted, f"{{oldSchema: <truncated to {_LONGEST_SCHEMA} characters> '{cut}'}}"]
