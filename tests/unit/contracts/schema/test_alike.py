from __future__ import annotations

import copy
from typing import Any

from hypothesis import given

from hangarstack.contracts.schema.alike import alike
from hangarstack.contracts.schema.jsontree import same_json
from tests.unit.contracts.strategies import json_values


@given(json_values(), json_values())
def test_only_what_is_the_same_is_alike(one: Any, other: Any) -> None:
    assert alike(one) == alike(copy.deepcopy(one))
    assert same_json(one, other) or alike(one) != alike(other)


def test_parts_that_are_shared_are_alike_to_parts_that_are_not() -> None:
    part = {"name": "".join(["a", "b"])}
    assert alike([part, part]) == alike([{"name": "ab"}, {"name": "ab"}])


def test_what_nests_too_deeply_is_like_nothing() -> None:
    deep: object = 0
    for _ in range(5_000):
        deep = [deep]
    assert alike(deep) is None
