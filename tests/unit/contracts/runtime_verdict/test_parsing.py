"""What a consumer's library refuses before it reads anything."""

from __future__ import annotations

from typing import Any

import pytest

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.contracts.runtime_verdict import Kind, Misreading, judge_runtime

Json = dict[str, Any]

PLAIN: Json = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}


def _with(*fields: Json, **more: object) -> Json:
    return PLAIN | {"fields": [*PLAIN["fields"], *fields]} | more


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, **more}


def _fixed(name: str, **more: object) -> Json:
    return {"type": "fixed", "name": name, "size": 1, **more}


OF_NO_NAMESPACE = {"type": "enum", "name": "E", "namespace": "", "symbols": ["S"], "default": "S"}

REFUSED: dict[str, tuple[Json, str]] = {
    "a whole number as the default of a double in braces": (
        _with(_field("b", {"type": "double"}, default=2)),
        "SchemaParseException: Default value <2> must match schema type: double",
    ),
    "a decimal that its fixed is too small for": (
        _with(_field("b", _fixed("F", logicalType="decimal", precision=9), default="\0")),
        "SchemaParseException: decimal precision of 9 doesn't fit into array of length 1",
    ),
    "a precision below nothing": (
        _with(logicalType="decimal", precision=-1),
        "SchemaParseException: decimal precision must be a positive integer, not -1",
    ),
    "an enum whose default is null": (
        _with(_field("b", {"type": "enum", "name": "E", "symbols": ["S"], "default": None}, default="S")),
        "SchemaParseException: Default value for enum must be in symbols list",
    ),
    "a bare name that means a type of no namespace": (
        _with(_field("b", OF_NO_NAMESPACE, default="S"), _field("c", "E", default="S"), name="n.R"),
        "UnknownType: n.E",
    ),
    "a type that is defined twice in the same words": (
        _with(_field("b", _fixed("F"), default="\0"), _field("c", _fixed("F"), default="\0")),
        "SchemaParseException: redefined named type: F",
    ),
}


def _refusals(reader: object, writer: object) -> list[Misreading]:
    return [each for each in judge_runtime(reader, writer).misreadings if each.kind is Kind.REFUSED_SCHEMA]


@pytest.mark.parametrize("name", REFUSED)
def test_what_fastavro_does_not_parse_is_said_of_the_side_that_has_it_though_the_registry_lets_it_pass(
    name: str,
) -> None:
    schema, why = REFUSED[name]
    other = PLAIN | {"name": schema["name"]}
    for side, reader, writer in (("reader", schema, other), ("writer", other, schema)):
        assert check_reader_writer(reader, writer).compatible
        [found] = _refusals(reader, writer)
        refuses = "fastavro, and so confluent_kafka's deserializer, refuses"
        assert (found.path, found.sentence) == ("", f"{refuses} the {side}'s schema: {why}")


def test_one_schema_for_both_sides_is_refused_once() -> None:
    schema, _ = REFUSED["a whole number as the default of a double in braces"]
    assert len(_refusals(schema, schema)) == 1
    assert len(_refusals(schema, schema | {"doc": "Other words."})) == 2


def test_what_goes_wrong_beside_a_refusal_is_told_too() -> None:
    schema, _ = REFUSED["a whole number as the default of a double in braces"]
    kinds = [each.kind for each in judge_runtime(schema | {"fields": [_field("a", "float")]}, PLAIN).misreadings]
    assert kinds == [Kind.PRECISION]
    reader = schema | {"fields": [_field("a", "float"), *schema["fields"][1:]]}
    assert [each.kind for each in judge_runtime(reader, PLAIN).misreadings] == [Kind.REFUSED_SCHEMA, Kind.PRECISION]


def test_generated_code_reads_what_fastavro_refuses() -> None:
    [found] = _refusals(REFUSED["a type that is defined twice in the same words"][0], PLAIN)
    assert found.only_by_fastavro


@pytest.mark.parametrize("default", [2.0, 2])
def test_a_whole_number_is_parsed_as_the_default_of_a_double_in_quotes(default: float) -> None:
    assert _refusals(_with(_field("b", "double", default=default)), PLAIN) == []
