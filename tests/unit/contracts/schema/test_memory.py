from __future__ import annotations

import json
import random
from typing import Any

import pytest

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.schema import Enum, Parser, Record, Schema, Union, to_text
from hangarstack.contracts.schema.memory import Memory
from hangarstack.errors import InvalidSchemaError
from tests.support.evolutions import cases

Json = Any


def _parsed(parser: Parser, text: Json) -> str:
    try:
        return to_text(parser.parse(text))
    except InvalidSchemaError as error:
        return str(error)


def _shared(value: Json, memory: Memory) -> Record:
    memory.share(value)
    record = Parser(memory=memory).parse(value)
    assert isinstance(record, Record)
    return record


def _fields(*types: Json, memory: Memory, **more: object) -> list[Schema]:
    made = {
        "type": "record",
        "name": "R",
        "fields": [{"name": f"f{n}", "type": t, **more} for n, t in enumerate(types)],
    }
    record = _shared(made, memory)
    return [field.type for field in record.fields]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_remembered_changes_no_answer(seed: int) -> None:
    memory = Memory()
    for reader, writer in cases(random.Random(seed), 60):
        for text in filter(None, (reader, writer)):
            value = json.loads(text)
            memory.share(value)
            assert value == json.loads(text)
            assert _parsed(Parser(memory=memory), value) == _parsed(Parser(), value)


@pytest.mark.parametrize("kind", ["int", ["null", "string"], {"type": "long", "logicalType": "timestamp-micros"}])
def test_a_field_of_primitives_is_parsed_once(kind: Json) -> None:
    memory = Memory()
    assert _fields(kind, memory=memory)[0] is _fields(kind, memory=memory)[0]


ENUM = {"type": "enum", "name": "E", "symbols": ["A"]}


@pytest.mark.parametrize("kind", [ENUM, ["null", {"type": "map", "values": "int"}], {"type": "array", "items": ENUM}])
def test_a_field_of_the_root_is_parsed_once_whatever_is_in_it(kind: Json) -> None:
    memory = Memory()
    assert _fields(kind, memory=memory)[0] is _fields(kind, memory=memory)[0]


def test_a_type_is_known_by_name_where_the_field_that_defines_it_is_remembered() -> None:
    memory = Memory()
    for _ in range(2):
        first, second = _fields(ENUM, "E", memory=memory)
        assert first is second


def test_a_field_that_refers_to_a_type_means_the_one_of_its_own_schema() -> None:
    memory = Memory()
    _fields(ENUM, ["null", "E"], memory=memory)
    _, union = _fields(ENUM | {"symbols": ["B"]}, ["null", "E"], memory=memory)
    assert isinstance(union, Union)
    assert union.branches[1] == Enum(name="E", symbols=("B",))


def test_a_type_that_is_defined_twice_differently_is_refused_though_both_are_remembered() -> None:
    memory = Memory()
    other = ENUM | {"symbols": ["B"]}
    for kind in (ENUM, other):
        _fields(kind, memory=memory)
        _fields("int", kind, memory=memory)
    with pytest.raises(InvalidSchemaError, match="twice"):
        _fields(ENUM, other, memory=memory)
    with pytest.raises(InvalidSchemaError, match="twice"):
        _fields(other, ENUM, memory=memory)


def test_a_field_means_another_type_in_another_namespace() -> None:
    memory = Memory()
    made = {"type": "record", "name": "R", "fields": [{"name": "e", "type": ENUM}]}
    for space in ("one", "two"):
        record = _shared(made | {"namespace": space}, memory)
        assert isinstance(record.fields[0].type, Enum)
        assert record.fields[0].type.name == f"{space}.E"


def test_a_break_is_found_in_each_of_two_places_that_are_written_alike() -> None:
    def versions(*branches: str) -> Json:
        inner = [{"name": "n", "type": ["null", *branches]}]
        outer = [{"name": name.lower(), "type": {"type": "record", "name": name, "fields": inner}} for name in "AB"]
        return {"type": "record", "name": "R", "fields": outer}

    memory = Memory()
    writer, reader = (_shared(versions(*branches), memory) for branches in (["int", "string"], ["int"]))
    assert [found.path for found in check(reader, writer).incompatibilities] == [
        f"/fields/{n}/type/fields/0/type/2" for n in range(2)
    ]


@pytest.mark.parametrize(("good", "bad"), [(1, True), (1, 1.0), (0, False)])
def test_a_default_that_python_finds_equal_is_judged_anew(good: object, bad: object) -> None:
    memory = Memory()
    _fields("int", memory=memory, default=good)
    with pytest.raises(InvalidSchemaError):
        _fields("int", memory=memory, default=bad)


def test_a_field_that_stands_twice_in_a_record_is_refused_though_it_is_remembered() -> None:
    memory, field = Memory(), {"name": "a", "type": "int"}
    with pytest.raises(InvalidSchemaError, match="twice"):
        Parser(memory=memory).parse({"type": "record", "name": "R", "fields": [field, field]})


def test_a_field_that_many_schemas_have_is_kept_once() -> None:
    memory = Memory()
    first, second = ({"type": "record", "name": name, "fields": [{"name": "a", "type": "int"}]} for name in "AB")
    for value in (first, second):
        memory.share(value)
    assert first["fields"][0] is second["fields"][0]


@pytest.mark.parametrize("value", [None, [], "int", {"fields": 1}, {"fields": [1, None, "a", [2]]}])
def test_what_is_no_record_is_left_as_it_is(value: Json) -> None:
    before, memory = json.dumps(value), Memory()
    memory.share(value)
    assert json.dumps(value) == before


def test_a_second_schema_of_a_parser_has_fields_of_its_own() -> None:
    # It may hold the first one, whose fields would then stand in two places of it.
    memory, field = Memory(), {"name": "x", "type": ["null", {"type": "array", "items": "int"}], "default": None}
    parser = Parser(memory=memory)
    inner = {"type": "record", "name": "A", "fields": [field]}
    outer = {"type": "record", "name": "B", "fields": [field, {"name": "a", "type": "A"}]}
    first, second = (parser.parse(value) for value in (inner, outer))
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert second.fields[1].type is first
    assert second.fields[0] is not first.fields[0]


def test_long_and_deep_fields_are_parsed_though_not_remembered() -> None:
    memory, deep = Memory(), 1
    for _ in range(990):
        deep = [deep]  # type: ignore[assignment]  # a list in a list in …
    assert _fields("int", memory=memory, x=deep)
    for _ in range(2):
        assert len(_fields("int", memory=memory, doc="x" * 10_000)) == 1
    assert _fields("int", memory=memory, doc="x" * 10_000)[0] is not _fields("int", memory=memory, doc="x" * 10_000)[0]
