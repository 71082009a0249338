"""The value that a default stands for, chosen as Avro Java's ``ResolvingGrammarGenerator.encode`` chooses it.

A default that is valid may still not be usable there, or mean something else than it seems to: of a union Java takes
the first branch that could hold that kind of JSON, not the first that the value fits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.schema import MISSING, Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.errors import SchemaTooLargeError

Raw: TypeAlias = bool | int | float | str | bytes | None

_FLOAT: Final = struct.Struct("<f")
DEEPEST: Final = 150
"""Levels of a default; a record that takes its own default for itself would go on for ever."""
MOST_VALUES: Final = 100_000
"""Values that the defaults of a schema stand for, all together: a few seconds' work for whoever writes them out."""

_TEXTUAL: Final = frozenset({"string", "bytes"})
_NUMERIC: Final = frozenset({"int", "long", "float", "double"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaf:
    """A value without parts: of a primitive, an enum (the symbol), a fixed (bytes, as many as the default has)."""

    schema: Primitive | Fixed | Enum
    value: Raw


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """The value of an array."""

    schema: Array
    values: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """The value of a map."""

    schema: Map
    values: dict[str, Chosen]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """The value of a record, by field name."""

    schema: Record
    values: dict[str, Chosen]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pick:
    """The value of a union."""

    schema: Union
    index: int
    value: Chosen


Chosen: TypeAlias = Leaf | Items | Entries | Parts | Pick


class Chooser:
    """Chooses the values of defaults.

    A record takes the defaults of its own fields for those that a default leaves out. Where records nest, each with two
    such fields, a few lines of schema stand for millions of values.

    Args:
        most: how many values, all that it chooses together.
    """

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._most = most
        self._left = most

    def choose(self, schema: Schema, default: object) -> Chosen:
        """Return the value of a default.

        Args:
            schema: of the field.
            default: JSON value that the parser accepted.

        Raises:
            UnresolvableError: Avro Java fails on it.
            SchemaTooLargeError: with this one there are too many values.
        """
        return self._choose(schema, default, 0)

    def _choose(self, schema: Schema, default: object, depth: int) -> Chosen:
        self._spend()
        if depth > DEEPEST:
            raise UnresolvableError("it holds itself without end")
        if isinstance(schema, Primitive):
            return Leaf(schema=schema, value=_primitive(schema.type, default))
        if isinstance(schema, Union):
            index = branch_for(schema, default)
            if index is None:
                raise UnresolvableError("no branch of the union could hold it")
            return Pick(schema=schema, index=index, value=self._choose(schema.branches[index], default, depth + 1))
        if isinstance(schema, Record):
            return self._parts(schema, default, depth + 1)
        if isinstance(schema, Array):
            items = tuple(self._choose(schema.items, item, depth + 1) for item in _elements(default))
            return Items(schema=schema, values=items)
        if isinstance(schema, Map):
            return self._entries(schema, default, depth + 1)
        if isinstance(schema, Enum):
            if not isinstance(default, str) or default not in schema.symbols:
                raise UnresolvableError(f"{schema.name} has no such symbol")
            return Leaf(schema=schema, value=default)
        return Leaf(schema=schema, value=_bytes(default))

    def _entries(self, schema: Map, default: object, depth: int) -> Entries:
        if isinstance(default, list) and default:
            raise UnresolvableError("an array where a map is expected")
        given = default if isinstance(default, dict) else {}
        values = {_utf8(key): self._choose(schema.values, given[key], depth) for key in given}
        return Entries(schema=schema, values=values)

    def _parts(self, schema: Record, default: object, depth: int) -> Parts:
        given = default if isinstance(default, dict) else {}
        values: dict[str, Chosen] = {}
        for field in schema.fields:
            value = given.get(field.name, field.default)
            if value is MISSING:
                raise UnresolvableError(f"{schema.name} needs a value for {field.name}")
            values[field.name] = self._choose(field.type, value, depth)
        return Parts(schema=schema, values=values)

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SchemaTooLargeError(
                f"the defaults of its fields stand for more than {self._most} values",
                where="reader",
                remedy="Give fewer records a default that leaves out the fields of the records within it",
            )


def excess(records: Iterable[Record], most: int = MOST_VALUES) -> str | None:
    """Return the field with which the defaults of records stand for more than so many values; ``None`` for no more."""
    chooser = Chooser(most)
    for record in records:
        for field in record.fields:
            try:
                if field.default is not MISSING:
                    chooser.choose(field.type, field.default)
            except UnresolvableError:
                continue  # nobody comes further with it
            except SchemaTooLargeError:
                return f"{record.name}.{field.name}"
    return None


def branch_for(union: Union, default: object) -> int | None:
    """Return the index of the first branch that could hold that kind of JSON, fitting or not; ``None`` if none could.

    Args:
        union: of the field.
        default: JSON value.
    """
    return next((index for index, branch in enumerate(union.branches) if _could_hold(branch, default)), None)


def _elements(default: object) -> list[object]:
    if isinstance(default, list):
        return default
    return list(default.values()) if isinstance(default, dict) else []


def _could_hold(branch: Schema, default: object) -> bool:
    if isinstance(branch, Fixed):
        return isinstance(default, str)
    if not isinstance(branch, Primitive):
        return True
    if branch.type in _TEXTUAL:
        return isinstance(default, str)
    if branch.type in _NUMERIC:
        return _is_number(default)
    return default is None if branch.type == "null" else isinstance(default, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _primitive(kind: str, default: object) -> Raw:
    if kind == "string" and isinstance(default, str):
        return _utf8(default)
    if kind == "bytes":
        return _bytes(default)
    if kind == "boolean" and isinstance(default, bool):
        return default
    if kind == "null" and default is None:
        return None
    if kind in _NUMERIC and isinstance(default, int | float) and not isinstance(default, bool):
        return _number(kind, default)
    raise UnresolvableError(f"it is not of type {kind}")


def _number(kind: str, default: int | float) -> int | float:
    if kind == "int":
        return _narrowed(default, 32)
    if kind == "long":
        return _narrowed(default, 64)
    try:
        number = float(default)
    except OverflowError:
        number = float("inf") if default > 0 else float("-inf")
    if kind == "double":
        return number
    try:
        nearest: float = _FLOAT.unpack(_FLOAT.pack(number))[0]
    except OverflowError:
        nearest = float("inf") if number > 0 else float("-inf")
    return nearest


def _narrowed(number: int | float, bits: int) -> int:
    """Narrow as Java casts: a float is cut off at the ends of the range, an integer loses its upper bits."""
    half = 1 << bits - 1
    if isinstance(number, int):
        return (number + half) % (2 * half) - half
    if number != number:
        return 0
    return int(max(-half, min(half - 1, number)))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _bytes(default: object) -> bytes:
    if not isinstance(default, str):
        raise UnresolvableError("it is not text")
    return default.encode("latin-1", "replace")
