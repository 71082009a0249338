from __future__ import annotations

import time
from typing import Any

import pytest

from hangarstack.contracts.diff import diff
from hangarstack.contracts.schema import Record, parse_schema

Json = dict[str, Any]


def _field(type_: object, **more: object) -> Json:
    return {"name": "f", "type": type_, **more}


def _record(*fields: Json, **more: object) -> Json:
    return {"type": "record", "name": "n.R", "fields": list(fields), **more}


def _enum(*symbols: str, **more: object) -> Json:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def _inner(*fields: Json) -> Json:
    return _field(["null", {"type": "array", "items": {"type": "record", "name": "I", "fields": list(fields)}}])


def _lines(old: Json, new: Json) -> list[str]:
    before, after = parse_schema(old), parse_schema(new)
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    return [f"{each.mark} {each.path} {each.sentence}" for each in diff(before, after)]


G = {"name": "g", "type": "long"}
PII = {"confluent:tags": ["PII"]}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
CASES: dict[str, tuple[Json, Json, list[str]]] = {
    "a field added": (
        _record(),
        _record(_field(["null", "int"], default=None, doc="Number.")),
        ["+ f null | int, default null: Number."],
    ),
    "a field removed": (_record(G, _field(DECIMAL)), _record(G), ["- f decimal(9, 2) is gone"]),
    "a field renamed": (_record(G), _record(_field("long", aliases=["g"])), ["~ f was called g"]),
    "another type": (
        _record(_field("int")),
        _record(_field({"type": "map", "values": "int"})),
        ["~ f is map<int>, not int"],
    ),
    "another logical type": (
        _record(_field("long")),
        _record(_field({"type": "long", "logicalType": "timestamp-micros"})),
        ["~ f is timestamp-micros, not long"],
    ),
    "a default given": (
        _record(_field("int")),
        _record(_field("int", default=1)),
        ["~ f has the default 1, and had none"],
    ),
    "a default taken away": (
        _record(_field("int", default=1)),
        _record(_field("int")),
        ["~ f has no default, and had 1"],
    ),
    "a tag": (_record(_field("int")), _record(_field("int", **PII)), ["~ f is tagged PII, not nothing"]),
    "a meaning": (_record(_field("int", doc="A.")), _record(_field("int", doc="B.")), ["~ f means now: B."]),
    "the meaning of the record": (_record(), _record(doc="B."), ["~ n.R means now: B."]),
    "the name of the record": (_record(), _record() | {"name": "n.S"}, ["~ n.S is a record called n.S, not n.R"]),
    "an order": (_record(G, _field("int")), _record(_field("int"), G), ["~ n.R has its fields in another order"]),
    "symbols": (
        _record(_field(_enum("A", "B"))),
        _record(_field(_enum("B", "C", default="B"))),
        ["+ n.E symbol C", "- n.E symbol A", "~ n.E takes B for an unknown symbol, not nothing"],
    ),
    "symbols in another order": (
        _record(_field(_enum("A", "B", "C"))),
        _record(_field(_enum("C", "D", "A"))),
        ["+ n.E symbol D", "- n.E symbol B", "~ n.E has its symbols in another order"],
    ),
    "another kind of type under one name": (
        _record(_field(_enum("A"))),
        _record(_field({"type": "record", "name": "E", "fields": [G]})),
        ["~ n.E is a record, not an enum", "+ f.g long"],
    ),
    "an alias of a field": (
        _record(_field("int", aliases=["a", "b"])),
        _record(_field("int", aliases=["b", "c"])),
        ["~ f is read from c, too", "~ f is not read from a any more"],
    ),
    "an alias of a type": (
        _record(_field(_enum("A", aliases=["D"]))),
        _record(_field(_enum("A"))),
        ["~ n.E is not read from n.D any more"],
    ),
    "the meaning of an enum": (
        _record(_field(_enum("A"))),
        _record(_field(_enum("A", doc="B."))),
        ["~ n.E means now: B."],
    ),
    "how a field is sorted": (
        _record(_field("int")),
        _record(_field("int", order="descending")),
        ["~ f counts downwards when records are sorted, not upwards"],
    ),
    "tags of types": (
        _record(_field(_enum("A", **PII))),
        _record(_field(_enum("A")), **PII),
        ["~ n.R is tagged PII, not nothing", "~ n.E is tagged nothing, not PII"],
    ),
    "another namespace": (
        _record(_field(_enum("A", namespace="x"))),
        _record(_field(_enum("A", namespace="y"))),
        ["~ y.E is an enum called y.E, not x.E"],
    ),
    "another namespace of a record": (
        _record(_field({"type": "record", "name": "x.I", "fields": [G]})),
        _record(_field({"type": "record", "name": "y.I", "fields": [G]})),
        ["~ f is a record called y.I, not x.I"],
    ),
    "an error": (_record(), _record() | {"type": "error"}, ["~ n.R is an error, not a record"]),
    "an attribute of a type": (
        _record(_field({"type": "array", "items": "string"})),
        _record(_field({"type": "array", "items": {"type": "string", "avro.java.string": "String"}})),
        ["~ f is array<string> with other attributes"],
    ),
    "another scale": (
        _record(_field(DECIMAL | {"type": "fixed", "name": "D", "size": 8})),
        _record(_field(DECIMAL | {"type": "fixed", "name": "D", "size": 8, "scale": 3})),
        ["~ f is D: decimal(9, 3), not D: decimal(9, 2)"],
    ),
    "an attribute of ours": (
        _record(_field("int", unit="m", kept=1)),
        _record(_field("int", unit="ft", new=True)),
        ['~ f has the unit "ft", and had "m"', "~ f has no kept, and had 1", "~ f has the new true, and had none"],
    ),
    "a size": (
        _record(_field({"type": "fixed", "name": "F", "size": 1})),
        _record(_field({"type": "fixed", "name": "F", "size": 2})),
        ["~ f is F: 2 bytes, not F: 1 bytes", "~ n.F holds 2 bytes, not 1"],
    ),
    "within another record": (
        _record(_inner(G)),
        _record(_inner(_field("int", default=0))),
        ["+ f.f int, default 0", "- f.g long is gone"],
    ),
    "a record within": (_record(), _record(_inner(G)), ["+ f null | array<I>", "+ f.g long"]),
    "nothing but the order of keys": (
        _record(_field("int", doc="A.")),
        _record({"doc": "A.", "type": "int", "name": "f"}),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_put_into_words(name: str) -> None:
    old, new, expected = CASES[name]
    assert _lines(old, new) == expected
    assert _lines(new, new) == []


def _deep(leaf: str) -> Json:
    deep: object = leaf
    for _ in range(470):
        deep = ["null", {"type": "array", "items": deep}]
    return _record(_field(deep))


def test_what_differs_beneath_what_can_be_shown_is_told_too() -> None:
    assert _lines(_deep("int"), _deep("int")) == []
    assert _lines(_deep("int"), _deep("long")) == ["~ f is of another type deep within"]


def test_tens_of_thousands_of_aliases_are_compared_before_anyone_waits() -> None:
    aliases = [f"a{n}" for n in range(60_000)]
    began = time.process_time()
    assert _lines(_record(aliases=aliases), _record(aliases=aliases[1:])) == ["~ n.R is not read from n.a0 any more"]
    assert time.process_time() - began < 10


def test_tens_of_thousands_of_fields_are_compared_before_anyone_waits() -> None:
    def wide(last: str) -> Json:
        fields = ({"name": f"f{n}", "type": ["null", "int"], "default": None, "doc": "Doc."} for n in range(20_000))
        return _record(*fields, _field(last))

    began = time.process_time()
    assert _lines(wide("int"), wide("long")) == ["~ f is long, not int"]
    assert time.process_time() - began < 10
