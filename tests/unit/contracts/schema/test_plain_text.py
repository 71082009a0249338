from __future__ import annotations

import json

import pytest

from hangarstack.contracts.schema import Parser
from hangarstack.contracts.schema.jsontree import MAX_DEPTH, is_plain
from hangarstack.errors import InvalidSchemaError


def _array(levels: int) -> str:
    return '{"type": "array", "items": ' * levels + '"int"' + "}" * levels


def test_text_that_nests_too_deeply_is_looked_at_closely() -> None:
    value: object = "int"
    for _ in range(MAX_DEPTH + 1):
        value = {"type": "array", "items": value}
    assert not is_plain(_array(MAX_DEPTH + 1))
    with pytest.raises(InvalidSchemaError, match="levels"):
        Parser().parse(value, text=_array(MAX_DEPTH + 1))


def test_text_with_a_number_that_avro_java_does_not_read_is_looked_at_closely() -> None:
    value = {"type": "string", "n": 10**1000}
    with pytest.raises(InvalidSchemaError, match="1000 digits"):
        Parser().parse(value, text=json.dumps(value))


@pytest.mark.parametrize("text", [_array(MAX_DEPTH // 2), json.dumps({"type": "string", "n": 10**998}), '"int"'])
def test_text_that_it_reads_is_passed_at_a_glance(text: str) -> None:
    assert is_plain(text)
    Parser().parse(json.loads(text), text=text)
