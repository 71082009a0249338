from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.contracts.fingerprint import CanonicalTexts, fingerprint, fingerprint_of_text
from tests.unit.contracts.strategies import json_values

RECORDS = st.fixed_dictionaries(
    {"fields": st.lists(json_values(), max_size=4) | json_values()},
    optional={key: json_values() for key in ("doc", "name", "é")},
)


def _plainly(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@given(st.lists(json_values() | RECORDS, min_size=1, max_size=4))
def test_what_others_have_in_common_with_a_value_does_not_change_its_text(values: list[Any]) -> None:
    known = CanonicalTexts()
    for value in (*values, *values):
        assert fingerprint_of_text(known.of(value)) == _plainly(value) == fingerprint(value)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), (0.0, -0.0), ("1", 1), (None, "null")])
def test_fields_that_python_takes_for_equal_have_texts_of_their_own(one: object, other: object) -> None:
    known = CanonicalTexts()
    assert known.of({"fields": [{"default": one}]}) != known.of({"fields": [{"default": other}]})


def test_a_field_that_nests_too_deeply_has_none() -> None:
    deep: object = 0
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(RecursionError):
        fingerprint({"fields": [{"default": deep}]})
