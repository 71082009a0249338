"""Hypothesis strategies: any JSON, JSON that looks like a schema, and schemas that are valid."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_WORDS = st.sampled_from(
    [
        "null",
        "int",
        "long",
        "string",
        "bytes",
        "record",
        "enum",
        "fixed",
        "array",
        "map",
        "error",
        "R",
        "x.E",
        "",
        "a-b",
    ]
)
_KEYS = st.sampled_from(
    ["type", "name", "namespace", "fields", "symbols", "size", "items", "values", "default", "aliases", "order"]
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _WORDS


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON, often with a schema's keys and words in it."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS | st.text(max_size=3), inner, max_size=5),
        max_leaves=20,
    )


def valid_schemas() -> st.SearchStrategy[Any]:
    """Schemas that the specification allows: every type, nested, with defaults where they are easy to give."""
    return st.builds(_numbered, _shapes())


def _shapes() -> st.SearchStrategy[Any]:
    primitive = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
    logical = st.sampled_from(
        [
            {"type": "string", "logicalType": "uuid"},
            {"type": "long", "logicalType": "timestamp-micros"},
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        ]
    )
    named = st.sampled_from(
        [
            {"type": "enum", "name": "*", "symbols": ["A", "B"], "default": "A"},
            {"type": "fixed", "name": "*", "size": 4},
        ]
    )
    return st.recursive(
        primitive | logical | named,
        lambda inner: (
            st.builds(lambda items: {"type": "array", "items": items}, inner)
            | st.builds(lambda values: {"type": "map", "values": values}, inner)
            | st.builds(_optional, inner)
            | st.builds(_record, st.lists(inner, max_size=3))
        ),
        max_leaves=12,
    )


def _optional(inner: Any) -> Any:
    return inner if isinstance(inner, list) or inner == "null" else ["null", inner]


def _record(types: list[Any]) -> dict[str, Any]:
    fields = [
        {"name": f"f{number}", "type": type_, **({"default": None} if isinstance(type_, list) else {})}
        for number, type_ in enumerate(types)
    ]
    return {"type": "record", "name": "*", "namespace": "n.s", "fields": fields}


def _numbered(schema: Any) -> Any:
    """Give every named type a name of its own; shared parts of the drawn value are copied on the way."""
    return _rename(schema, itertools.count())


def _rename(node: Any, numbers: Iterator[int]) -> Any:
    if isinstance(node, list):
        return [_rename(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _rename(item, numbers) for key, item in node.items()}
    return copy | {"name": f"T{next(numbers)}"} if copy.get("name") == "*" else copy
