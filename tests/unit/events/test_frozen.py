from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from hangarstack.events.runtime import FrozenMap
from hangarstack.events.runtime.frozen import freeze

_CHANGES: list[Callable[[Any], object]] = [
    lambda items: items.__setitem__("b", 2),
    lambda items: items.__delitem__("a"),
    lambda items: items.__ior__({"b": 2}),
    lambda items: items.clear(),
    lambda items: items.pop("a"),
    lambda items: items.popitem(),
    lambda items: items.setdefault("b", 2),
    lambda items: items.update(b=2),
]


@pytest.mark.parametrize("change", _CHANGES)
def test_a_frozen_map_refuses_every_change(change: Callable[[Any], object]) -> None:
    items = FrozenMap({"a": 1})
    with pytest.raises(TypeError, match="does not change"):
        change(items)
    assert items == {"a": 1}


def test_a_frozen_map_is_otherwise_a_dict() -> None:
    items = FrozenMap({"a": 1, "b": 2})
    assert (items["a"], len(items), list(items), repr(items)) == (1, 2, ["a", "b"], "{'a': 1, 'b': 2}")
    assert json.loads(json.dumps(items)) == items
    assert items.copy() is items


def test_equal_frozen_maps_hash_alike_whatever_their_order() -> None:
    assert hash(FrozenMap({"a": 1, "b": 2})) == hash(FrozenMap({"b": 2, "a": 1}))


def test_a_frozen_map_survives_pickling() -> None:
    loaded = pickle.loads(pickle.dumps(FrozenMap({"a": 1})))  # noqa: S301 # our own bytes
    assert type(loaded) is FrozenMap
    assert loaded == {"a": 1}


class _Holder:
    def __init__(self, value: object) -> None:
        self.value = value


@pytest.mark.parametrize(
    ("given", "frozen"),
    [
        ([1, [2]], (1, (2,))),
        ({"a": [1]}, FrozenMap({"a": (1,)})),
        (({"a": 1},), (FrozenMap({"a": 1}),)),
        (MappingProxyType({"a": 1}), FrozenMap({"a": 1})),
        ("text", "text"),
        (5, 5),
        (None, None),
    ],
)
def test_freeze_replaces_containers_by_ones_that_do_not_change(given: object, frozen: object) -> None:
    holder = _Holder(given)
    freeze(holder, "value")
    assert holder.value == frozen
    assert type(holder.value) is type(frozen)


def test_freeze_keeps_what_is_frozen_already() -> None:
    given = (1, "a", FrozenMap({"b": 1}))
    holder = _Holder(given)
    freeze(holder, "value")
    assert holder.value is given
