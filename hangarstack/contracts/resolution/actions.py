"""What a reader does with each part of a writer's schema: the tree that Avro Java's ``Resolver`` makes.

A record that holds itself is a cycle of actions, so actions compare by identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from hangarstack.contracts.schema import Array, Enum, Field, Fixed, Map, Primitive, Record, Schema, Union


class UnresolvableError(Exception):
    """Avro Java cannot even prepare to read this writer: no record of it will be read."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Same:
    """A primitive or a fixed, read as it was written."""

    reader: Primitive | Fixed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promote:
    """A primitive, read as a wider one."""

    writer: Primitive
    reader: Primitive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Container:
    """An array or a map."""

    writer: Array | Map
    reader: Array | Map
    element: Action


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbols:
    """An enum.

    Args:
        taken: for each symbol of the writer what the reader takes for it; ``None`` where it knows nothing to take.
    """

    reader: Enum
    taken: tuple[str | None, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Fields:
    """A record: filled in while its fields are resolved, because one of them may lead back to it.

    Args:
        steps: for each field of the writer its action, ``None`` while it is not known.
        targets: for each field of the writer the reader's field, or ``None`` when it is skipped.
        defaults: the reader's fields that the writer does not have.
        complete: false when the writer lacks a field that the reader needs.
    """

    writer: Record
    reader: Record
    steps: list[Action | None] = field(default_factory=list)
    targets: list[Field | None] = field(default_factory=list)
    defaults: list[Field] = field(default_factory=list)
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WriterUnion:
    """A union of the writer's: one action for each of its branches."""

    writer: Union
    reader: Schema
    branches: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReaderUnion:
    """A union of the reader's, of which one branch takes what the writer wrote."""

    reader: Union
    index: int
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skip:
    """A field that the reader does not have."""

    writer: Schema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refuse:
    """What cannot be read: an error, but only when a record really holds it."""

    why: str


Action: TypeAlias = Same | Promote | Container | Symbols | Fields | WriterUnion | ReaderUnion | Skip | Refuse
