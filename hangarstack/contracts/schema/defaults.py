"""Whether a field's default fits its type, judged as Avro Java judges it."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from hangarstack.contracts.schema.jsontree import LONG_MAX, LONG_MIN
from hangarstack.contracts.schema.model import (
    MISSING,
    Array,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Schema,
    Union,
)
from hangarstack.contracts.schema.trampoline import Step, run

_JAVA_DOUBLE: Final = re.compile(
    r"[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
    r"|0[xX]([0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?)",
    re.ASCII,
)
_INT_MIN: Final = -(2**31)
_INT_MAX: Final = 2**31 - 1


class UnfinishedRecordError(Exception):
    """A default needs the fields of a record that is still being defined; Avro Java cannot judge it."""


class Defaults:
    """Judges defaults; remembers its answers, because records without a value take their own defaults in turn.

    Args:
        unfinished: records whose fields are not known yet.
    """

    def __init__(self, unfinished: Container[Record] = frozenset()) -> None:
        self._unfinished = unfinished
        self._answers: dict[tuple[int, int], bool] = {}

    def fits(self, schema: Schema, value: object) -> bool:
        """Tell whether a JSON value may be the default of a field of that type.

        Raises:
            UnfinishedRecordError: see there.
        """
        if isinstance(schema, Primitive):
            return fits_primitive(schema.type, value)
        # Nearly every union's default is of its first branch, as null is.
        first = schema.branches[0] if isinstance(schema, Union) and schema.branches else None
        if isinstance(first, Primitive) and fits_primitive(first.type, value):
            return True
        return run(self._fits(schema, value))

    def _fits(self, schema: Schema, value: object) -> Step[bool]:
        if isinstance(schema, Primitive):
            return fits_primitive(schema.type, value)
        if isinstance(schema, Enum | Fixed):
            return isinstance(value, str)
        key = (id(schema), id(value))
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = yield self._fits_container(schema, value)
        return known

    def _fits_container(self, schema: Array | Map | Record | Union, value: object) -> Step[bool]:
        if isinstance(schema, Union):
            for branch in schema.branches:
                if (yield self._fits(branch, value)):
                    return True
            return False
        if isinstance(schema, Record):
            fits: bool = yield self._fits_record(schema, value)
            return fits
        if isinstance(schema, Array):
            inner, children = schema.items, value if isinstance(value, list) else None
        else:
            inner, children = schema.values, list(value.values()) if isinstance(value, dict) else None
        if children is None:
            return False
        for child in children:
            if not (yield self._fits(inner, child)):
                return False
        return True

    def _fits_record(self, schema: Record, value: object) -> Step[bool]:
        if not isinstance(value, dict):
            return False
        if schema in self._unfinished:
            raise UnfinishedRecordError
        for field in schema.fields:
            part = value.get(field.name, field.default)
            if part is MISSING or not (yield self._fits(field.type, part)):
                return False
        return True


def fits_primitive(kind: str, value: object) -> bool:
    """Tell whether a JSON value stands for a value of a primitive type."""
    if kind == "string" or kind == "bytes":
        return isinstance(value, str)
    if kind == "int":
        return type(value) is int and _INT_MIN <= value <= _INT_MAX
    if kind == "long":
        return type(value) is int and LONG_MIN <= value <= LONG_MAX
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "null":
        return value is None
    return type(value) is int or isinstance(value, float)


def number_in_text(text: str) -> float | None:
    """Return the number that Java's ``Double.parseDouble`` reads in a text, or ``None`` when it refuses it.

    Avro Java accepts the default of a float or a double as text, too.
    """
    text = text.strip(_JAVA_BLANK)
    if not _JAVA_DOUBLE.fullmatch(text):
        return None
    if "x" in text.lower():
        return _hexadecimal(text.rstrip("fFdD") if "p" in text.lower() else text)
    return float(text if text.endswith(("NaN", "Infinity")) else text.rstrip("fFdD"))


_JAVA_BLANK: Final = "".join(map(chr, range(0x21)))


def _hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("-inf" if text.startswith("-") else "inf")
