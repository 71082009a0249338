"""What a parsed Avro schema is made of.

A named type is one object however often it is referred to, so a recursive record is a cycle of objects.
Therefore everything that holds another schema compares by identity; only leaves compare by value.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

PrimitiveType: TypeAlias = Literal["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
Order: TypeAlias = Literal["ascending", "descending", "ignore"]
Props: TypeAlias = Mapping[str, object]

NO_PROPS: Final[Props] = MappingProxyType({})


def _no_props() -> Props:
    return NO_PROPS


class Missing(enum.Enum):
    """The type of ``MISSING``."""

    MISSING = "MISSING"


MISSING: Final = Missing.MISSING
"""A field's default when it has none: JSON ``null`` is a default like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """A logical type that is valid where it stands; Avro ignores an invalid one, and so does the parser.

    Args:
        name: ``timestamp-micros``, ``decimal`` …
        precision: digits of a decimal, at least 1; 0 for any other type.
        scale: digits after the point of a decimal, 0 to precision.
    """

    name: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """One of the eight primitive types."""

    type: PrimitiveType
    logical: Logical | None = None
    props: Props = field(default_factory=_no_props, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """An enumeration.

    Args:
        name: full name.
        symbols: in the order of their index on the wire.
        default: the symbol that a reader takes for one it does not know.
        aliases: full names.
        short_aliases: those of them that were written without a namespace, as they were written.
        doc: what it means.
    """

    name: str
    symbols: tuple[str, ...]
    default: str | None = None
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    props: Props = field(default_factory=_no_props, compare=False)
    short_aliases: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """So many bytes.

    Args:
        name: full name.
        size: bytes, 0 or more.
        aliases: full names.
        short_aliases: those of them that were written without a namespace, as they were written.
    """

    name: str
    size: int
    aliases: tuple[str, ...] = ()
    logical: Logical | None = None
    doc: str | None = None
    props: Props = field(default_factory=_no_props, compare=False)
    short_aliases: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Array:
    """A sequence of items of one schema."""

    items: Schema
    props: Props = field(default_factory=_no_props, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Map:
    """Values of one schema by string keys."""

    values: Schema
    props: Props = field(default_factory=_no_props, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Union:
    """One of several schemas; the branch's index is on the wire."""

    branches: tuple[Schema, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """A field of a record.

    Args:
        name: as on no wire: fields are written in order.
        type: its schema.
        default: JSON value that a reader takes when the writer has no such field, or ``MISSING``.
        aliases: names that a writer may have used for it.
        order: how it takes part in sorting.
        props: other attributes, such as ``confluent:tags``.
        written_default: text that Avro Java takes for the number that is the default; ``None`` where it is no text.
    """

    name: str
    type: Schema
    default: object = MISSING
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    order: Order = "ascending"
    props: Props = field(default_factory=_no_props, repr=False)
    written_default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """A record, or an error (a record by another name in protocols).

    ``fields`` may be set once after construction, because a field may refer to the record itself.

    Args:
        name: full name.
        aliases: full names.
        short_aliases: those of them that were written without a namespace, as they were written.
    """

    name: str
    fields: tuple[Field, ...] = ()
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    is_error: bool = False
    props: Props = field(default_factory=_no_props, repr=False)
    short_aliases: tuple[str, ...] = ()

    def complete(self, fields: tuple[Field, ...]) -> None:
        """Set the fields of a record that was made before them; the parser calls it once."""
        object.__setattr__(self, "fields", fields)


Schema: TypeAlias = Primitive | Record | Enum | Fixed | Array | Map | Union
Named: TypeAlias = Record | Enum | Fixed
