from __future__ import annotations

import json

import pytest

from hangarstack.contracts.schema import Parser
from hangarstack.contracts.schema.jsontree import MAX_DEPTH, is_plain
from hangarstack.errors import InvalidSchemaError


def _array(levels: int) -> str:
    return '{"type": "array", "items": ' * levels + '"int"' + "}" * levels


@pytest.mark.parametrize("text", [_array(MAX_DEPTH + 1), json.dumps({"type": "string", "n": 10**1000})])
def test_text_that_avro_java_does_not_read_is_looked_at_closely(text: str) -> None:
    assert not is_plain(text)
    with pytest.raises(InvalidSchemaError):
        Parser().parse(json.loads(text), text=text)


@pytest.mark.parametrize("text", [_array(MAX_DEPTH - 1), json.dumps({"type": "string", "n": 10**998}), '"int"'])
def test_text_that_it_reads_is_passed_at_a_glance(text: str) -> None:
    assert is_plain(text)
    Parser().parse(json.loads(text), text=text)
