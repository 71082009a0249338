from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from hangarstack.contracts.schema import parse_schema, to_json, to_text
from hangarstack.contracts.schema.jsontext import write_json
from tests.unit.contracts.strategies import valid_schemas


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("int", '"int"'),
        ({"type": "int"}, '"int"'),
        ({"logicalType": "date", "type": "int"}, '{"type":"int","logicalType":"date"}'),
        (
            {"fields": [], "name": "x.R", "aliases": ["Old", "y.Q"], "doc": "d", "type": "record", "p": 1},
            '{"type":"record","name":"R","namespace":"x","doc":"d","fields":[],"p":1,"aliases":["Old","y.Q"]}',
        ),
        (
            {
                "type": "record",
                "name": "x.R",
                "fields": [
                    {"type": ["null", "R"], "order": "ignore", "name": "a", "default": None, "t": ["PII"]},
                    {"name": "b", "type": {"type": "fixed", "name": "F", "namespace": "", "size": 1}},
                    {"name": "c", "type": {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}},
                    {"name": "d", "type": {"type": "map", "values": "E"}},
                ],
            },
            (
                '{"type":"record","name":"R","namespace":"x","fields":['
                '{"name":"a","type":["null","R"],"default":null,"order":"ignore","t":["PII"]},'
                '{"name":"b","type":{"type":"fixed","name":"F","namespace":"","size":1}},'
                '{"name":"c","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}},'
                '{"name":"d","type":{"type":"map","values":"E"}}]}'
            ),
        ),
    ],
)
def test_a_schema_is_written_as_avro_java_writes_it(value: object, text: str) -> None:
    assert to_text(parse_schema(value)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1.0"),
        (1e7, "1.0E7"),
        (1234567.5, "1234567.5"),
        (-1.5e-7, "-1.5E-7"),
        (0.001, "0.001"),
        (1e300, "1.0E300"),
        (float("inf"), '"Infinity"'),
        (float("nan"), '"NaN"'),
        (2**70, str(2**70)),
        (True, "true"),
    ],
)
def test_numbers_are_written_as_java_writes_them(number: float, text: str) -> None:
    assert write_json(number) == text


def test_text_is_escaped_as_java_escapes_it() -> None:
    assert write_json({'a"\\': "\n\x1f/é"}) == '{"a\\"\\\\":"\\n\\u001F/é"}'


def test_nested_values_are_written_in_their_own_order() -> None:
    value: dict[str, Any] = {"b": [1, {"d": 1, "c": 2}], "a": {}}
    assert write_json(value) == '{"b":[1,{"d":1,"c":2}],"a":{}}'


@given(valid_schemas())
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_as_the_same_schema(value: object) -> None:
    schema = parse_schema(value)
    assert to_text(parse_schema(to_json(schema))) == to_text(schema)
