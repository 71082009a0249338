"""The one text of a schema. The expected texts of canonical.json are what Avro Java 1.12.2 wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.schema import parse_schema
from hangarstack.registry.embedded.canonical import canonical, named_types

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "canonical.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_the_text_is_the_one_that_avro_java_writes(case: dict[str, Any]) -> None:
    schema = parse_schema(case["schema"])
    assert canonical(schema) == case["text"]
    assert canonical(parse_schema(json.loads(case["text"]))) == case["text"]
    # Normalising twice changes nothing more.
    once = canonical(schema, ordered=True)
    assert canonical(parse_schema(json.loads(once)), ordered=True) == once


def test_normalising_sorts_what_has_no_order_and_keeps_what_has() -> None:
    schema = {
        "type": "record",
        "name": "n.R",
        "doc": "",
        "z": {"b": 1, "a": [{"d": 1, "c": 2}]},
        "aliases": ["Q", "m.Q", "A"],
        "fields": [
            {"name": "z", "type": {"type": "array", "items": "int", "q": 1, "b": 2}, "default": [], "k": 1, "a": 2},
            {"name": "y", "type": {"type": "fixed", "name": "F", "size": 2, "a": 1, "scale": 1, "precision": 2,
                                   "logicalType": "decimal"}, "aliases": ["z2", "b"], "doc": ""},
            {"name": "x", "type": {"type": "map", "values": {"type": "string", "b": 1, "a": 1}},
             "default": {"b": "1", "a": "2"}},
        ],
    }  # fmt: skip
    assert canonical(parse_schema(schema), ordered=True) == (
        '{"type":"record","name":"R","namespace":"n","fields":['
        '{"name":"z","type":{"type":"array","items":"int","b":2,"q":1},"default":[],"a":2,"k":1},'
        '{"name":"y","type":{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":2,"scale":1,"a":1},'
        '"doc":"","aliases":["b","z2"]},'
        '{"name":"x","type":{"type":"map","values":{"type":"string","a":1,"b":1}},"default":{"a":"2","b":"1"}}'
        '],"z":{"a":[{"c":2,"d":1}],"b":1},"aliases":["m.Q","A","Q"]}'
    )


def test_types_that_are_defined_elsewhere_are_only_named() -> None:
    inner = {"type": "record", "name": "m.A", "fields": [{"name": "k", "type": {"type": "enum", "name": "n.K",
             "symbols": ["S"]}}]}  # fmt: skip
    outer = {"type": "record", "name": "n.R", "fields": [{"name": "x", "type": "m.A"}, {"name": "y", "type": "K"}]}
    known = named_types(parse_schema(inner))
    assert known == {"m.A", "n.K"}
    text = canonical(parse_schema(outer, known=[inner]), known=known)
    assert json.loads(text)["fields"] == outer["fields"]


def test_a_schema_may_nest_as_deep_as_avro_allows() -> None:
    schema: Any = "int"
    for _ in range(900):
        schema = {"type": "array", "items": schema}
    assert canonical(parse_schema(schema), ordered=True).count("array") == 900
