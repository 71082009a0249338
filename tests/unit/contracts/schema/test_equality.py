from __future__ import annotations

from typing import Any

import pytest

from hangarstack.contracts.schema import parse_schema
from hangarstack.contracts.schema.equality import same_schema

Json = dict[str, Any]


def _record(**changes: object) -> Json:
    field = {"name": "a", "type": ["null", {"type": "map", "values": {"type": "array", "items": "int"}}]}
    return {"type": "record", "name": "R", "fields": [field | changes]}


FIXED = {"type": "fixed", "name": "F", "size": 2}
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int", {"type": "int"}),
        (_record(), _record()),
        (_record(doc="x", aliases=["b"]), _record()),
        (_record(order="ascending"), _record()),
        (ENUM | {"default": "A"}, ENUM | {"doc": "x", "aliases": ["G"]}),
        (FIXED, FIXED | {"doc": "x"}),
    ],
)
def test_what_says_the_same_is_the_same_type(one: object, other: object) -> None:
    assert same_schema(parse_schema(one), parse_schema(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int", "long"),
        ("int", {"type": "int", "logicalType": "date"}),
        (["int"], ["int", "null"]),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}),
        ({"type": "map", "values": "int"}, {"type": "array", "items": "int"}),
        (ENUM, ENUM | {"symbols": ["B", "A"]}),
        (ENUM, ENUM | {"name": "G"}),
        (FIXED, FIXED | {"size": 3}),
        (_record(), _record(name="b")),
        (_record(), _record(order="ignore")),
        (_record(), _record(default=None)),
        (_record(type="double", default=1), _record(type="double", default=1.0)),
        (_record(), _record(p=1)),
        (_record(), {"type": "record", "name": "R", "fields": []}),
    ],
)
def test_what_differs_in_meaning_is_another_type(one: object, other: object) -> None:
    assert not same_schema(parse_schema(one), parse_schema(other))


def test_recursive_types_can_be_compared() -> None:
    tree = {"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array", "items": "R"}}]}
    assert same_schema(parse_schema(tree), parse_schema(tree))
