from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from hangarstack.contracts.schema import Record, Schema, Union, parse_schema
from hangarstack.contracts.schema.matching import SameUnions


def _unions(shape: int, odd: int | None = None) -> list[Union]:
    """Return unions of records that hold each other; the odd record differs from those of its shape."""
    rng = random.Random(shape)
    return _parsed([rng.sample(range(4), 2) for _ in range(4)], odd)


def _parsed(held: list[list[int]], odd: int | None) -> list[Union]:
    made: list[Any] = []
    for number, branches in enumerate(held):
        kind = ["null", *(f"R{branch}" for branch in branches), *(["int"] if number == odd else [])]
        made.append({"type": "record", "name": f"R{number}", "fields": [{"name": "f", "type": kind}]})
    whole = parse_schema(made)
    assert isinstance(whole, Union)
    return [whole, *(_inner(branch) for branch in whole.branches)]


def _inner(schema: Schema) -> Union:
    assert isinstance(schema, Record)
    assert isinstance(schema.fields[0].type, Union)
    return schema.fields[0].type


@pytest.mark.parametrize("seed", range(40))
def test_what_was_asked_before_changes_no_answer(seed: int) -> None:
    known = SameUnions(lambda _: None)
    pairs = list(itertools.product(_unions(seed), _unions(seed, odd=seed % 5 or None)))
    random.Random(seed).shuffle(pairs)
    for writer, reader in pairs:
        assert known.same(writer, reader) == SameUnions(lambda _: None).same(writer, reader)


def test_what_was_taken_for_the_same_within_what_is_not_is_open_still() -> None:
    # The first holds the second, which leads back to it, and then the third, which differs.
    held = [[1, 2], [0], [], [1]]
    (_, _, of_first, _, of_second), (_, _, other_first, _, other_second) = _parsed(held, None), _parsed(held, 2)
    known = SameUnions(lambda _: None)
    assert not known.same(of_first, other_first)
    assert not known.same(of_second, other_second)


def test_records_that_were_found_the_same_are_not_compared_again() -> None:
    writers, readers = (_unions(0) for _ in range(2))
    spent: list[int] = []
    known = SameUnions(spent.append)
    assert all(known.same(one, other) for one, other in zip(writers, readers, strict=True))
    assert len(spent) == 4


def test_what_the_work_raises_ends_the_comparison() -> None:
    class EnoughError(Exception):
        pass

    def enough(_: int) -> None:
        raise EnoughError

    one, *_ = _unions(0)
    with pytest.raises(EnoughError):
        SameUnions(enough).same(one, one)


def test_hundreds_of_records_that_lead_to_each_other_are_compared() -> None:
    one, other = (_parsed([[(number + 1) % 900] for number in range(900)], odd)[0] for odd in (None, 899))
    assert SameUnions(lambda _: None).same(one, one)
    assert not SameUnions(lambda _: None).same(one, other)
