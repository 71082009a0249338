"""Defaults as Python expressions."""

from __future__ import annotations

import math
from typing import Final

from hangarstack.codegen.leaves import Symbol, builtin, leaf_of, runtime
from hangarstack.codegen.pythontypes import BRANCH, PythonTypes, plan
from hangarstack.codegen.source import Call, Expression, Named, quoted, quoted_bytes
from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.resolution.javadefaults import Chosen, Entries, Items, Leaf, Parts, Pick, Raw
from hangarstack.contracts.schema import Enum, Fixed, Primitive

EMPTY: Final = runtime("frozen", "EMPTY")
FROZEN_MAP: Final = runtime("frozen", "FrozenMap")

_RANGES: Final = {
    "date": (-719_162, 2_932_896),
    "time-millis": (0, 86_399_999),
    "time-micros": (0, 86_399_999_999),
    "timestamp-millis": (-62_135_596_800_000, 253_402_300_799_999),
    "timestamp-micros": (-62_135_596_800_000_000, 253_402_300_799_999_999),
    "local-timestamp-millis": (-62_135_596_800_000, 253_402_300_799_999),
    "local-timestamp-micros": (-62_135_596_800_000_000, 253_402_300_799_999_999),
}
"""What Python's dates and times hold."""

_MOST_DECIMAL_BYTES: Final = 1_000


def literal(types: PythonTypes, value: Chosen) -> Expression:
    """Return the expression of a default.

    Raises:
        UnresolvableError: its Python type does not hold it.
    """
    if isinstance(value, Leaf):
        return _leaf(types, value)
    if isinstance(value, Pick):
        inner = literal(types, value.value)
        tag = plan(value.schema)[value.index].tag
        return inner if tag is None else Call(f"{types.names.use(BRANCH)}(", (quoted(tag), inner))
    if isinstance(value, Items):
        return Call("(", tuple(literal(types, item) for item in value.values)) if value.values else "()"
    if isinstance(value, Entries):
        return _entries(types, value)
    return _parts(types, value)


def is_composite(value: Chosen) -> bool:
    """Tell whether a default is built of parts, so that it is worth a constant."""
    if isinstance(value, Pick):
        return is_composite(value.value)
    return isinstance(value, Parts) or (isinstance(value, Items | Entries) and bool(value.values))


def _entries(types: PythonTypes, value: Entries) -> Expression:
    if not value.values:
        return types.names.use(EMPTY)
    entries = tuple(Named(f"{quoted(key)}: ", literal(types, item)) for key, item in value.values.items())
    return Call(f"{types.names.use(FROZEN_MAP)}(", (Call("{", entries, "}"),))


def _parts(types: PythonTypes, value: Parts) -> Expression:
    parts = tuple(
        Named(f"{types.attribute(value.schema, name)}=", literal(types, part)) for name, part in value.values.items()
    )
    return Call(f"{types.class_of(value.schema)}(", parts)


def _leaf(types: PythonTypes, value: Leaf) -> Expression:
    schema, raw = value.schema, value.value
    if isinstance(schema, Enum):
        return types.member(schema, str(raw))
    if raw is None:
        return "None"
    if isinstance(schema, Fixed) and isinstance(raw, bytes):
        raw = raw[: schema.size].ljust(schema.size, b"\0")
    plain = _plain(types, raw)
    leaf = leaf_of(schema)
    if leaf.convert is None:
        return plain
    _check_range(schema, raw)
    args = tuple(str(arg) for arg in leaf.args)
    return Call(f"{types.names.use(leaf.convert)}(", (plain, *args))


def _plain(types: PythonTypes, raw: Raw) -> str:
    if isinstance(raw, str):
        return quoted(raw)
    if isinstance(raw, bytes):
        return quoted_bytes(raw)
    if isinstance(raw, float) and not math.isfinite(raw):
        return f'{types.names.use(_FLOAT)}("{raw}")'
    return repr(raw).replace("e+", "e")


_FLOAT: Final[Symbol] = builtin("float")


def _check_range(schema: Primitive | Fixed, raw: Raw) -> None:
    name = "" if schema.logical is None else schema.logical.name
    low, high = _RANGES.get(name, (None, None))
    if low is not None and high is not None and isinstance(raw, int) and not low <= raw <= high:
        raise UnresolvableError(f"no {name} of Python's is so far away")
    if isinstance(raw, bytes) and len(raw) > _MOST_DECIMAL_BYTES:
        raise UnresolvableError(f"a decimal of {len(raw)} bytes")
