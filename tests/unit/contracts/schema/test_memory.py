from __future__ import annotations

import json
import random
from typing import Any

import pytest

from hangarstack.contracts.schema import Parser, Record, Schema, to_text
from hangarstack.contracts.schema.memory import Memory
from hangarstack.errors import InvalidSchemaError
from tests.support.evolutions import cases

Json = Any


def _parsed(parser: Parser, text: Json) -> str:
    try:
        return to_text(parser.parse(text))
    except InvalidSchemaError as error:
        return str(error)


def _fields(*types: Json, memory: Memory, **more: object) -> list[Schema]:
    made = {
        "type": "record",
        "name": "R",
        "fields": [{"name": f"f{n}", "type": t, **more} for n, t in enumerate(types)],
    }
    record = Parser(memory=memory).parse(made)
    assert isinstance(record, Record)
    return [field.type for field in record.fields]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_remembered_changes_no_answer(seed: int) -> None:
    memory = Memory()
    for reader, writer in cases(random.Random(seed), 60):
        for text in filter(None, (reader, writer)):
            value = json.loads(text)
            assert _parsed(Parser(memory=memory), value) == _parsed(Parser(), value)


@pytest.mark.parametrize("kind", ["int", ["null", "string"], {"type": "long", "logicalType": "timestamp-micros"}])
def test_a_field_of_primitives_is_parsed_once(kind: Json) -> None:
    memory = Memory()
    assert _fields(kind, memory=memory)[0] is _fields(kind, memory=memory)[0]


@pytest.mark.parametrize(
    "kind", [{"type": "enum", "name": "E", "symbols": ["A"]}, ["null", {"type": "map", "values": "int"}]]
)
def test_a_field_that_defines_or_holds_a_type_is_not_remembered(kind: Json) -> None:
    memory = Memory()
    assert _fields(kind, memory=memory)[0] is not _fields(kind, memory=memory)[0]


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


def test_long_and_deep_fields_are_parsed_though_not_remembered() -> None:
    memory, deep = Memory(), 1
    for _ in range(990):
        deep = [deep]  # type: ignore[assignment]  # a list in a list in …
    assert _fields("int", memory=memory, x=deep)
    for _ in range(2):
        assert len(_fields("int", memory=memory, doc="x" * 10_000)) == 1
    assert _fields("int", memory=memory, doc="x" * 10_000)[0] is not _fields("int", memory=memory, doc="x" * 10_000)[0]
