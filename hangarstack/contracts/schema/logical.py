"""Logical types: which are valid where; an invalid one is ignored, as the specification asks."""

from __future__ import annotations

import math
from typing import Final, TypeGuard

from hangarstack.contracts.schema.model import Logical, Props

_ALLOWED_ON: Final = {
    "date": {"int"},
    "time-millis": {"int"},
    "time-micros": {"long"},
    "timestamp-millis": {"long"},
    "timestamp-micros": {"long"},
    "timestamp-nanos": {"long"},
    "local-timestamp-millis": {"long"},
    "local-timestamp-micros": {"long"},
    "local-timestamp-nanos": {"long"},
    "uuid": {"string", "fixed"},
    "duration": {"fixed"},
    "decimal": {"bytes", "fixed"},
    "big-decimal": {"bytes"},
}
_FIXED_SIZE: Final = {"uuid": 16, "duration": 12}
_JAVA_ONLY: Final = ("avro.java.string", "java-class", "java-key-class", "java-element-class")
"""Avro Java ignores a logical type beside one of these."""

_INT_MAX: Final = 2**31 - 1


def logical_type(props: Props, kind: str, *, size: int = 0) -> Logical | None:
    """Return the logical type that a schema's attributes name, or ``None`` if there is none or it is invalid.

    Args:
        props: the attributes.
        kind: the type beneath: a primitive's name or ``fixed``.
        size: bytes of a fixed.
    """
    name = props.get("logicalType")
    if not isinstance(name, str) or kind not in _ALLOWED_ON.get(name, ()):
        return None
    if any(isinstance(props.get(key), str) for key in _JAVA_ONLY):
        return None
    if name == "decimal":
        return _decimal(props, math.floor(math.log10(2) * (8 * size - 1)) if kind == "fixed" else _INT_MAX)
    if kind == "fixed" and size != _FIXED_SIZE[name]:
        return None
    return Logical(name=name)


def _decimal(props: Props, most: int) -> Logical | None:
    precision = props.get("precision")
    scale = props.get("scale", 0)
    if not (_is_int(precision) and _is_int(scale)):
        return None
    if not 0 < precision <= most or not 0 <= scale <= precision:
        return None
    return Logical(name="decimal", precision=precision, scale=scale)


def _is_int(value: object) -> TypeGuard[int]:
    return type(value) is int and -_INT_MAX - 1 <= value <= _INT_MAX
