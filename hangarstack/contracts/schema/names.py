"""Names: which are allowed, and what a short one stands for."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

from hangarstack.contracts.schema.model import Enum, Fixed, Primitive, PrimitiveType, Record, Schema

NameRule: TypeAlias = Literal["unicode", "ascii", "any"]
"""``unicode``: as Avro Java does by default; ``ascii``: as the specification says; ``any``: not looked at."""

PRIMITIVES: Final[frozenset[str]] = frozenset(get_args(PrimitiveType))
_ASCII: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LAST_BASIC: Final = "\uffff"


def is_name(text: str, rule: NameRule = "unicode") -> bool:
    """Tell whether a text without dots is a name.

    Java sees UTF-16 units, so a letter outside the basic plane is two units that are not letters.
    """
    if rule == "any" or _ASCII.fullmatch(text):
        return True
    if rule == "ascii" or not text:
        return False
    return all(
        char <= _LAST_BASIC and (char == "_" or char.isalpha() or (index > 0 and char.isdecimal()))
        for index, char in enumerate(text)
    )


def full_name(name: str, space: str | None) -> str:
    """Return the full name: a name with a dot is one already, a short one takes the namespace if there is one."""
    before, dot, last = name.rpartition(".")
    if not dot:
        return f"{space}.{name}" if space else name
    return name if before else last


def namespace(full: str) -> str | None:
    """Return the namespace of a full name, or ``None``."""
    return full.rpartition(".")[0] or None


def invalid_part(full: str, rule: NameRule) -> str | None:
    """Return the first part of a full name that is no name, or ``None`` when all are."""
    return next((part for part in full.split(".") if not is_name(part, rule)), None)


def type_name(schema: Schema) -> str:
    """Return the name by which a union tells its branches apart."""
    if isinstance(schema, Primitive):
        return schema.type
    if isinstance(schema, Record | Enum | Fixed):
        return schema.name
    return type(schema).__name__.lower()
