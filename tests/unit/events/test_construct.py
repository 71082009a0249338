from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass

import pytest

from hangarstack.events.runtime.construct import fast_constructor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    x: int
    y: int = 0

    def __post_init__(self) -> None:
        assert self.x >= 0


@dataclass(frozen=True, kw_only=True)
class _WithoutSlots:
    x: int


_new_point = fast_constructor(_Point)


def test_what_it_makes_is_of_the_class_itself() -> None:
    made = _new_point(x=1, y=2)
    assert type(made) is _Point
    assert made == _Point(x=1, y=2)
    assert hash(made) == hash(_Point(x=1, y=2))
    assert repr(made) == "_Point(x=1, y=2)"
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 # our own bytes


def test_what_it_makes_cannot_be_changed() -> None:
    made = _new_point(x=1, y=2)
    with pytest.raises(FrozenInstanceError):
        made.x = 3  # type: ignore[misc] # on purpose
    with pytest.raises(FrozenInstanceError):
        del made.x


def test_it_skips_the_checks_of_the_constructor() -> None:
    assert _new_point(x=-1, y=0).x == -1


def test_a_class_without_slots_is_its_own_constructor() -> None:
    assert fast_constructor(_WithoutSlots) is _WithoutSlots
