from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from hangarstack.contracts.schema import (
    MISSING,
    REGISTRY_NEW,
    REGISTRY_STORED,
    Enum,
    Logical,
    Parser,
    Primitive,
    Record,
    Union,
    parse_schema,
)
from hangarstack.errors import InvalidSchemaError
from tests.unit.contracts.strategies import json_values

Json = dict[str, Any]


def _record(*fields: Json, name: str = "R", **more: object) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def _field(type_: object, *default: object, name: str = "a", **more: object) -> Json:
    return {"name": name, "type": type_, **({"default": default[0]} if default else {}), **more}


def _parsed(value: object) -> Record:
    schema = parse_schema(value)
    assert isinstance(schema, Record)
    return schema


def _refused(value: object) -> str:
    """Return where a schema is refused."""
    with pytest.raises(InvalidSchemaError) as refused:
        parse_schema(value)
    return refused.value.where


INNER = {
    "type": "record",
    "name": "I",
    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int", "default": 1}],
}


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("int", 2**31 - 1),
        ("long", -(2**63)),
        ("long", 1),
        ("float", 1),
        ("double", 2**80),
        ("double", "1.5e3"),
        ("float", "NaN"),
        ("double", " 0x1p3 "),
        ("double", "-Infinity"),
        ("double", "1.5f"),
        ("bytes", "\u00ff"),
        ("string", ""),
        ("boolean", False),
        ("null", None),
        (["int", "string"], "s"),
        ({"type": "array", "items": "int"}, [1]),
        ({"type": "map", "values": "int"}, {"k": 1}),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B"),
        ({"type": "fixed", "name": "F", "size": 2}, "too long"),
        (INNER, {"x": 1}),
        (INNER, {"x": 1, "y": 2, "other": None}),
    ],
)
def test_a_default_that_avro_java_takes_is_taken(type_: object, default: object) -> None:
    assert _parsed(_record(_field(type_, default))).fields[0].default is not MISSING


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("int", 2**31),
        ("int", 1.0),
        ("int", "1"),
        ("int", True),
        ("long", 2**63),
        ("long", 1.5),
        ("float", True),
        ("double", "one"),
        ("double", "1_0"),
        ("double", "Infinityf"),
        ("double", "٣"),
        ("bytes", 1.5),
        ("string", 3_000_000_000),
        ("boolean", 0),
        ("null", 0),
        ("double", None),
        (["null", "int"], "s"),
        (["float", "null"], "1.5"),
        ([], None),
        ({"type": "array", "items": "int"}, None),
        ({"type": "array", "items": "int"}, [1, "x"]),
        ({"type": "map", "values": "int"}, {"a": "x"}),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, 1.5),
        ({"type": "fixed", "name": "F", "size": 2}, 1),
        (INNER, {}),
        (INNER, {"x": "s"}),
        (INNER, []),
    ],
)
def test_a_default_that_avro_java_refuses_is_refused_at_its_field(type_: object, default: object) -> None:
    assert _refused(_record(_field("int", name="first"), _field(type_, default))) == "schema#/fields/1"


def test_a_number_in_text_becomes_a_number() -> None:
    (field,) = _parsed(_record(_field("double", "1e3"))).fields
    assert (field.default, field.written_default) == (1000.0, "1e3")
    for type_, default in (("double", 1e3), ("string", "1e3")):
        assert _parsed(_record(_field(type_, default))).fields[0].written_default is None


def test_null_is_a_default_and_no_default_is_none() -> None:
    with_null, without = _parsed(_record(_field("null", None), _field("null", name="b"))).fields
    assert with_null.default is None
    assert without.default is MISSING


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (None, "schema#"),
        (5, "schema#"),
        ("nothing", "schema#"),
        ({}, "schema#"),
        ({"type": {"type": "int"}}, "schema#"),
        ({"type": "R"}, "schema#"),
        ({"type": "record", "name": "R"}, "schema#"),
        ({"type": "record", "fields": []}, "schema#"),
        ({"type": "array"}, "schema#"),
        ({"type": "map", "items": "int"}, "schema#"),
        ({"type": "fixed", "name": "F", "size": -1}, "schema#"),
        ({"type": "fixed", "name": "F", "size": 1.0}, "schema#"),
        ({"type": "fixed", "name": "F", "size": True}, "schema#"),
        ({"type": "fixed", "name": "F", "size": 2**31}, "schema#"),
        ({"type": "enum", "name": "E"}, "schema#"),
        ({"type": "enum", "name": "E", "symbols": ["A", 1]}, "schema#/symbols/1"),
        ({"type": "enum", "name": "E", "symbols": ["A-B"]}, "schema#/symbols/0"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "schema#"),
        ({"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}, "schema#"),
        (["int", "int"], "schema#"),
        (["int", ["null"]], "schema#"),
        (["null", {"type": "array", "items": "int"}, {"type": "array", "items": "long"}], "schema#"),
        (_record(_field("int"), _field("int")), "schema#/fields/1"),
        (_record("a"), "schema#/fields/0"),  # type: ignore[arg-type]  # bad on purpose
        (_record({"name": "a"}), "schema#/fields/0"),
        (_record({"type": "int"}), "schema#/fields/0"),
        (_record(_field("int", name="a-b")), "schema#/fields/0"),
        (_record(_field("int", name="")), "schema#/fields/0"),
        (_record(_field("int", order="upwards")), "schema#/fields/0"),
        (_record(_field("int", aliases="b")), "schema#/fields/0"),
        (_record(_field({"type": "map", "values": "x"})), "schema#/fields/0/type/values"),
        (_record(name="my-record"), "schema#"),
        (_record(name="9"), "schema#"),
        (_record(name="int"), "schema#"),
        (_record(name="a..b"), "schema#"),
        (_record(namespace="a-b"), "schema#"),
        (_record(aliases=["a-b"]), "schema#"),
        (_record(aliases=None), "schema#"),
        (_record(precision=2**70), "schema#"),
        (_record(name="\N{MATHEMATICAL BOLD CAPITAL A}"), "schema#"),
    ],
)
def test_what_is_no_schema_is_refused_at_its_place(value: object, where: str) -> None:
    assert _refused(value) == where


@pytest.mark.parametrize(
    "value",
    [
        {"type": "error", "name": "E", "fields": []},
        {"type": "enum", "name": "E", "symbols": []},
        {"type": "enum", "name": "E", "symbols": ["A"], "default": 5},
        {"type": "fixed", "name": "F", "size": 0},
        [],
        _record(_field("int", order="IGNORE")),
        _record(_field("int", aliases=["any thing"])),
        _record(name="Größe"),
        _record(name="x.int"),
        _record(name="array"),
        _record(doc=5, namespace=7),
        _record(aliases=["a-b.C"]),
        {"type": "string", "name": "whatever", "fields": 3},
    ],
)
def test_what_avro_java_lets_pass_passes(value: object) -> None:
    assert parse_schema(value) is not None


def test_names_take_the_namespace_around_them() -> None:
    enum = {"type": "enum", "name": "S", "symbols": ["A"]}
    outer = _parsed(
        _record(_field(enum), _field("S", name="again"), namespace="x", aliases=["Old", "z.Older", ".Oldest"])
    )
    assert outer.name == "x.R"
    assert outer.aliases == ("x.Old", "z.Older", "Oldest")
    assert outer.fields[0].type is outer.fields[1].type


def test_a_short_name_falls_back_to_a_type_without_namespace() -> None:
    first = {"type": "enum", "name": "E", "symbols": ["A"]}
    record = _parsed(_record(_field(first), _field(_record(_field("E"), name="x.T"), name="b")))
    inner = record.fields[1].type
    assert isinstance(inner, Record)
    assert inner.fields[0].type is record.fields[0].type


def test_a_reference_from_another_namespace_does_not_reach_the_record_around_it() -> None:
    assert _refused(_record(_field(_record(_field("R"), name="x.T")))) == "schema#/fields/0/type/fields/0/type"


def test_a_recursive_record_holds_itself() -> None:
    node = _parsed(_record(_field(["null", "R"], None)))
    union = node.fields[0].type
    assert isinstance(union, Union)
    assert union.branches[1] is node


def test_a_type_may_be_referred_to_before_it_is_defined() -> None:
    record = _parsed(_record(_field("Later"), _field({"type": "enum", "name": "Later", "symbols": ["A"]}, name="b")))
    assert record.fields[0].type is record.fields[1].type


def test_a_default_may_not_need_the_record_that_is_being_defined() -> None:
    assert _refused(_record(_field("R", {}))) == "schema#/fields/0"


def test_a_default_may_need_a_record_that_is_complete_by_then() -> None:
    inner = _record(_field("int"), name="I")
    record = _parsed(_record(_field(["null", "R"], None), _field(inner, name="b"), _field("I", {"a": 1}, name="c")))
    assert record.fields[2].type is record.fields[1].type


def test_branches_that_turn_out_to_be_one_type_are_refused() -> None:
    assert _refused(_record(_field(["null", "R", "R"]))) == "schema#/fields/0/type"


def test_a_default_is_judged_again_when_its_type_is_known() -> None:
    later = {"type": "enum", "name": "Later", "symbols": ["A"]}
    assert _refused(_record(_field("Later", {}), _field(later, name="b"))) == "schema#/fields/0"


def test_a_type_may_be_defined_twice_only_alike() -> None:
    alike = {"type": "fixed", "name": "F", "size": 2}
    assert _parsed(_record(_field(alike), _field(alike | {"doc": "other"}, name="b")))
    assert _refused(_record(_field(alike), _field(alike | {"size": 3}, name="b"))) == "schema#/fields/1/type"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "int", "logicalType": "date"}, Logical(name="date")),
        ({"type": "long", "logicalType": "date"}, None),
        ({"type": "string", "logicalType": "uuid"}, Logical(name="uuid")),
        ({"type": "bytes", "logicalType": "big-decimal"}, Logical(name="big-decimal")),
        ({"type": "long", "logicalType": "timestamp-nanos"}, Logical(name="timestamp-nanos")),
        ({"type": "long", "logicalType": "no-such"}, None),
        ({"type": "long", "logicalType": 5}, None),
        ({"type": "string", "logicalType": "uuid", "avro.java.string": "String"}, None),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
            Logical(name="decimal", precision=4, scale=2),
        ),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4}, Logical(name="decimal", precision=4)),
        ({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 3}, None),
        ({"type": "bytes", "logicalType": "decimal", "precision": True}, None),
        ({"type": "bytes", "logicalType": "decimal"}, None),
    ],
)
def test_a_logical_type_counts_only_where_it_is_valid(value: Json, expected: Logical | None) -> None:
    schema = parse_schema(value)
    assert isinstance(schema, Primitive)
    assert schema.logical == expected


@pytest.mark.parametrize(
    ("size", "logical", "precision", "valid"),
    [
        (16, "uuid", 0, True),
        (15, "uuid", 0, False),
        (12, "duration", 0, True),
        (2, "decimal", 4, True),
        (2, "decimal", 5, False),
    ],
)
def test_a_fixed_must_be_large_enough_for_its_logical_type(
    size: int, logical: str, precision: int, valid: bool
) -> None:
    schema = parse_schema({"type": "fixed", "name": "F", "size": size, "logicalType": logical, "precision": precision})
    assert (getattr(schema, "logical", None) is not None) is valid


def test_attributes_without_meaning_are_kept() -> None:
    record = _parsed(_record(_field({"type": "string", "x": 1}) | {"confluent:tags": ["PII"]}, y=None))
    assert record.props == {"y": None}
    assert record.fields[0].props == {"confluent:tags": ["PII"]}


def test_a_default_symbol_that_is_no_text_does_not_count() -> None:
    enum = parse_schema({"type": "enum", "name": "E", "symbols": ["A"], "default": 1})
    assert isinstance(enum, Enum)
    assert enum.default is None


def test_a_new_schema_of_the_registry_has_ascii_names_and_a_stored_one_any() -> None:
    with pytest.raises(InvalidSchemaError):
        parse_schema(_record(name="Größe"), rules=REGISTRY_NEW)
    assert parse_schema(_record(_field("int", "x", name="a b"), name="my-record"), rules=REGISTRY_STORED)


def test_a_parser_remembers_the_types_of_earlier_schemas() -> None:
    parser = Parser()
    enum = parser.parse({"type": "enum", "name": "E", "symbols": ["A"]})
    record = parser.parse(_record(_field("E"), _field(["null", "R"], name="b")))
    assert isinstance(record, Record)
    assert record.fields[0].type is enum


def test_known_schemas_may_be_referred_to() -> None:
    known = _record(_field("int", 1), name="x.Known")
    assert parse_schema(_record(_field("x.Known", {})), known=[known])


def test_a_thousand_levels_are_read_and_one_more_is_refused() -> None:
    schema: object = "int"
    for _ in range(1000):
        schema = {"type": "array", "items": schema}
    assert parse_schema(schema)
    assert _refused({"type": "array", "items": schema}) == "schema#"


def test_a_chain_of_later_types_needs_no_deep_recursion() -> None:
    fields = [
        _field(_record(_field(["null", f"N{number + 1}"]), name=f"N{number}"), name=f"f{number}")
        for number in range(3000)
    ]
    assert parse_schema(_record(*fields, _field(_record(name="N3000"), name="last")))


def test_a_default_of_defaults_is_judged_in_bounded_time() -> None:
    fields = [_field(_record(_field("int", 1), name="N0"), name="f0")]
    for number in range(1, 60):
        below = f"N{number - 1}"
        fields.append(
            _field(_record(_field(below, {}), _field(below, {}, name="b"), name=f"N{number}"), {}, name=f"f{number}")
        )
    assert parse_schema(_record(*fields))


@pytest.mark.parametrize("value", [{1: 2}, (1,), {"type": {1}}, float("nan"), 10**2000, b"x"])
def test_what_no_json_text_stands_for_is_refused(value: object) -> None:
    assert _refused(value) == "schema#"


@given(json_values())
@settings(max_examples=300, deadline=None)
def test_any_json_is_parsed_or_refused(value: object) -> None:
    try:
        parse_schema(value)
    except InvalidSchemaError as refused:
        where = refused.where
    else:
        where = "schema#"
    assert where.startswith("schema#")
