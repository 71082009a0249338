"""Whether a reader can use a default that its schema's parser let pass."""

from __future__ import annotations

from hangarstack.contracts.compatibility.words import describe
from hangarstack.contracts.schema import MISSING, Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.contracts.schema.defaults import fits_primitive
from hangarstack.contracts.schema.excerpt import excerpt

_TEXTUAL = frozenset({"string", "bytes"})
_NUMERIC = frozenset({"int", "long", "float", "double"})


def default_problem(schema: Schema, default: object) -> str | None:
    """Return why a default does not stand for a value of the schema, or ``None`` when it does."""
    if isinstance(schema, Union):
        # Readers take the first branch that could hold that kind of JSON, fitting or not.
        branch = next((branch for branch in schema.branches if _could_hold(branch, default)), None)
        return _not(schema, default) if branch is None else default_problem(branch, default)
    if isinstance(schema, Record):
        return _record(schema, default)
    if isinstance(schema, Array):
        if not isinstance(default, list):
            return _not(schema, default)
        return _first(schema.items, default)
    if isinstance(schema, Map):
        if not isinstance(default, dict):
            return _not(schema, default)
        return _first(schema.values, list(default.values()))
    if isinstance(schema, Enum):
        return None if default in schema.symbols else f"{excerpt(default)} is no symbol of {schema.name}"
    if isinstance(schema, Fixed):
        fits = isinstance(default, str) and len(default) == schema.size and _are_bytes(default)
        return None if fits else f"{excerpt(default)} is not {schema.size} bytes"
    if not fits_primitive(schema.type, default):
        return _not(schema, default)
    return None if schema.type != "bytes" or _are_bytes(str(default)) else f"{excerpt(default)} is more than bytes"


def _record(schema: Record, default: object) -> str | None:
    if not isinstance(default, dict):
        return _not(schema, default)
    for field in schema.fields:
        value = default.get(field.name, field.default)
        if value is MISSING:
            return f"it lacks the field {field.name} of {schema.name}"
        problem = default_problem(field.type, value)
        if problem is not None:
            return problem
    return None


def _first(schema: Schema, values: list[object]) -> str | None:
    return next((problem for value in values if (problem := default_problem(schema, value)) is not None), None)


def _could_hold(branch: Schema, default: object) -> bool:
    if isinstance(branch, Fixed):
        return isinstance(default, str)
    if not isinstance(branch, Primitive):
        return True
    if branch.type in _TEXTUAL:
        return isinstance(default, str)
    if branch.type in _NUMERIC:
        return isinstance(default, int | float) and not isinstance(default, bool)
    return default is None if branch.type == "null" else isinstance(default, bool)


def _not(schema: Schema, default: object) -> str:
    return f"{excerpt(default)} cannot stand for {describe(schema)}"


def _are_bytes(text: str) -> bool:
    return all(char <= "\xff" for char in text)
