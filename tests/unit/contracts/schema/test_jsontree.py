from __future__ import annotations

import time

import pytest

from hangarstack.contracts.schema.excerpt import excerpt
from hangarstack.contracts.schema.jsontree import check_tree, read_json, same_json
from hangarstack.contracts.schema.pointer import pointer
from hangarstack.errors import InvalidSchemaError


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a": Infinity}', b"\xff", "[" * 100_000, "1" * 5000])
def test_text_that_is_no_json_is_refused_with_its_name(text: str | bytes) -> None:
    with pytest.raises(InvalidSchemaError) as refused:
        read_json(text, where="v1.avsc")
    assert refused.value.where.startswith("v1.avsc")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (1, 1.0, False),
        (1, True, False),
        ([1], [1, 1], False),
        ({"a": 1}, {"b": 1}, False),
        (float("nan"), float("nan"), True),
        ("a", "b", False),
    ],
)
def test_json_values_are_the_same_only_with_the_same_types(one: object, other: object, same: bool) -> None:
    assert same_json(one, other) is same


def _shared(inner: object) -> object:
    for _ in range(60):
        inner = [inner, inner]
    return inner


def _shared_tuples() -> object:
    inner: object = 1
    for _ in range(60):
        inner = (inner, inner)
    return inner


@pytest.mark.parametrize("value", [_shared(1), _shared_tuples(), {1: _shared(1)}, {"type": "int", "p": _shared({1})}])
def test_objects_that_share_parts_are_refused_within_seconds_where_their_text_would_never_end(value: object) -> None:
    before = time.process_time()
    with pytest.raises(InvalidSchemaError) as refused:
        check_tree(value, side="reader")
    assert time.process_time() - before < 5
    assert refused.value.where == "reader#"


def test_a_pointer_escapes_what_would_mislead() -> None:
    assert pointer((((None, "a/b"), "c~d"), 0)) == "/a~1b/c~0d/0"
    assert pointer(None) == ""


@pytest.mark.parametrize("value", [{"a": "x" * 500}, [10**5000], {1, 2}, object(), [[[]]]])
def test_an_excerpt_is_short_whatever_the_value(value: object) -> None:
    assert 0 < len(excerpt(value)) <= 80
