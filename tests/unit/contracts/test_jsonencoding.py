from __future__ import annotations

import pytest

from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.schema import parse_schema

INNER = {"type": "record", "name": "x.I", "fields": [{"name": "a", "type": "int"}]}
UNION = ["null", "int", INNER, {"type": "array", "items": "int"}]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("long", 2**40),
        ("double", 1),
        ("bytes", "\u00ff"),
        (UNION, None),
        (UNION, {"int": 1}),
        (UNION, {"x.I": {"a": 1}}),
        (UNION, {"array": [1, 2]}),
        ({"type": "map", "values": UNION}, {"k": None}),
        ({"type": "fixed", "name": "F", "size": 2}, "\u0000\u00ff"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "A"),
    ],
)
def test_what_the_encoding_allows_has_no_problems(schema: object, value: object) -> None:
    assert list(problems(parse_schema(schema), value)) == []


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ("int", 2**31, "the record: 2147483648 is no int"),
        ("bytes", "\u0100", "code points"),
        (UNION, 1, 'written {"branch": value}'),
        (UNION, {"long": 1}, '"long" is no branch of the union: null, int, x.I, array'),
        (UNION, {"null": None}, "is no branch"),
        (["int"], None, "null is no branch"),
        (UNION, {"x.I": {"a": "s"}}, 'a: "s" is no int'),
        (INNER, {"b": 1}, "look at a, b"),
        (INNER, [], "is no x.I"),
        ({"type": "array", "items": INNER}, [{"a": 1}, {"a": None}], "[1].a: null is no int"),
        ({"type": "map", "values": "int"}, {"k": "s"}, '["k"]: "s" is no int'),
        ({"type": "fixed", "name": "F", "size": 2}, "x", "is no F"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B", "is no E"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, ["A"], "is no E"),
    ],
)
def test_what_it_does_not_allow_is_named_with_its_path(schema: object, value: object, message: str) -> None:
    assert any(message in problem for problem in problems(parse_schema(schema), value))


@pytest.mark.parametrize(("depth", "said"), [(90, []), (450, ["the record is nested more than 200 values deep"])])
def test_a_record_that_nests_as_nobody_can_write_it_is_refused(depth: int, said: list[str]) -> None:
    schema = parse_schema({"type": "record", "name": "T", "fields": [{"name": "t", "type": ["null", "T"]}]})
    value: dict[str, object] = {"t": None}
    for _ in range(depth):
        value = {"t": {"T": value}}
    assert list(problems(schema, value)) == said
