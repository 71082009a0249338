"""Whether a reader can use a default that its schema's parser let pass, and whether fastavro takes it for its value."""

from __future__ import annotations

from typing import Any, Final

from hangarstack.contracts.compatibility.words import describe
from hangarstack.contracts.resolution.javadefaults import DEEPEST, Chosen, Items, Leaf, Pick, branch_for
from hangarstack.contracts.runtime_verdict.meaning import MeaninglessError, meaning
from hangarstack.contracts.schema import MISSING, Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.contracts.schema.defaults import fits_primitive
from hangarstack.contracts.schema.excerpt import excerpt

_EXACT: Final = 2**53
"""Up to here a whole number is meant digit by digit; a larger one, as 1e30, is not."""


def default_problem(schema: Schema, default: object, depth: int = 0) -> str | None:
    """Return why a default does not stand for a value of the schema, or ``None`` when it does.

    Args:
        schema: of the field.
        default: JSON value that the parser accepted.
        depth: levels around it.
    """
    if depth > DEEPEST:
        return "it holds itself without end"
    if isinstance(schema, Union):
        index = branch_for(schema, default)
        return _not(schema, default) if index is None else default_problem(schema.branches[index], default, depth + 1)
    if isinstance(schema, Record):
        return _record(schema, default, depth)
    if isinstance(schema, Array):
        if not isinstance(default, list):
            return _not(schema, default)
        return _first(schema.items, default, depth)
    if isinstance(schema, Map):
        if not isinstance(default, dict):
            return _not(schema, default)
        return _first(schema.values, list(default.values()), depth)
    if isinstance(schema, Enum):
        return None if default in schema.symbols else f"{excerpt(default)} is no symbol of {schema.name}"
    if isinstance(schema, Fixed):
        fits = isinstance(default, str) and len(default) == schema.size and _are_bytes(default)
        return _meaningless(schema, default) if fits else f"{excerpt(default)} is not {schema.size} bytes"
    if not fits_primitive(schema.type, default):
        return _not(schema, default)
    if schema.type == "bytes" and not _are_bytes(str(default)):
        return f"{excerpt(default)} is more than bytes"
    return _inexact(schema, default) if schema.type in {"float", "double"} else _meaningless(schema, default)


def is_meant(chosen: Chosen, raw: Any) -> bool:
    """Tell whether a default as fastavro hands it out, taken from the JSON as it is, is the value that it stands for.

    Args:
        chosen: the value.
        raw: what a reader gets.
    """
    if isinstance(chosen, Pick):
        return is_meant(chosen.value, raw)
    if isinstance(chosen, Leaf):
        if isinstance(chosen.value, int | float) and not isinstance(chosen.value, bool):
            return isinstance(raw, int | float)  # to what digits a float holds it is asked elsewhere
        return type(raw) is type(chosen.value) and bool(raw == chosen.value)
    if isinstance(chosen, Items):
        alike = isinstance(raw, list) and len(raw) == len(chosen.values)
        return alike and all(map(is_meant, chosen.values, raw))
    return (
        isinstance(raw, dict)
        and raw.keys() == chosen.values.keys()
        and all(is_meant(value, raw[key]) for key, value in chosen.values.items())
    )


def plain(chosen: Chosen) -> Any:
    """Return the value that a default stands for, logical types aside."""
    if isinstance(chosen, Pick):
        return plain(chosen.value)
    if isinstance(chosen, Leaf):
        return chosen.value
    if isinstance(chosen, Items):
        return [plain(value) for value in chosen.values]
    return {key: plain(value) for key, value in chosen.values.items()}


def _meaningless(schema: Primitive | Fixed, default: object) -> str | None:
    if schema.logical is None:
        return None
    textual = isinstance(schema, Fixed) or schema.type == "bytes"
    try:
        meaning(schema, str(default).encode("latin-1") if textual else default)
    except MeaninglessError as error:
        return f"{excerpt(default)} is no {schema.logical.name}: {error}"
    return None


def _inexact(schema: Primitive, default: object) -> str | None:
    """Whole numbers must come out exactly, and none as infinite; of 0.1 nobody expects more digits than fit."""
    if not isinstance(default, int | float) or default != default:
        return None
    try:
        got: Any = meaning(schema, float(default))
    except OverflowError:
        got = float("inf") if default > 0 else float("-inf")
    whole = isinstance(default, int) or (abs(default) <= _EXACT and default.is_integer())
    if abs(got) != float("inf") and (got == default or not whole):
        return None
    return f"{excerpt(default)} becomes {got} as a {schema.type}"


def _record(schema: Record, default: object, depth: int) -> str | None:
    if not isinstance(default, dict):
        return _not(schema, default)
    for field in schema.fields:
        value = default.get(field.name, field.default)
        if value is MISSING:
            return f"it lacks the field {field.name} of {schema.name}"
        problem = default_problem(field.type, value, depth + 1)
        if problem is not None:
            return problem
    return None


def _first(schema: Schema, values: list[object], depth: int) -> str | None:
    problems = (default_problem(schema, value, depth + 1) for value in values)
    return next((problem for problem in problems if problem is not None), None)


def _not(schema: Schema, default: object) -> str:
    return f"{excerpt(default)} cannot stand for {describe(schema)}"


def _are_bytes(text: str) -> bool:
    return all(char <= "\xff" for char in text)
