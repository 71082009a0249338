from __future__ import annotations

from collections.abc import Iterator

import pytest

from hangarstack.deadletters.browsing import find
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog
from hangarstack.errors import BrokerUnavailableError, LetterNotFoundError
from tests.unit.deadletters.fakes import DLQ, Bench, letter


def test_letters_are_listed_oldest_first_and_no_more_than_asked_for(bench: Bench) -> None:
    bench.source.add(letter(0, at_ms=30), letter(1, at_ms=10), letter(2, at_ms=20))
    found = bench.browse(limit=5)
    assert [one.letter.id.offset for one in found.letters] == [1, 2, 0]
    assert (found.more, found.complete, found.waiting) == (False, True, {DLQ: 3})
    few = bench.browse(limit=2)
    assert (len(few.letters), few.more) == (2, True)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"service": "counting"}, [0, 1]),
        ({"service": "count"}, []),
        ({"error": "VALUEERR"}, [0, 2]),
        ({"error": "digest"}, [0, 1, 2]),
        ({"since_ms": 1001}, [1, 2]),
        ({"until_ms": 1001}, [0]),
        ({"letters": (LetterId(DLQ, 0, 1), LetterId(DLQ, 0, 2), LetterId(DLQ, 1, 0))}, [1, 2]),
        ({"service": "counting", "error": "keyerror"}, [1]),
    ],
)
def test_filters_narrow_the_list(bench: Bench, filters: dict[str, object], expected: list[int]) -> None:
    bench.source.add(letter(0), letter(1, error_class=b"KeyError"), letter(2, group=b"hangarstack.other"))
    assert [one.letter.id.offset for one in bench.browse(**filters).letters] == expected  # type: ignore[arg-type]  # filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [2, 3, 4]),
        ({"since_ms": 0}, [2, 3, 4]),
        ({"since_ms": 1003}, [3, 4]),
        ({"letters": (LetterId(DLQ, 0, 3),)}, [3]),
        ({"letters": (LetterId(DLQ, 0, 0), LetterId(DLQ, 0, 2))}, [2]),
        ({"letters": (LetterId(DLQ, 0, 0), LetterId(DLQ, 0, 2)), "handled": True}, [0, 1, 2]),
    ],
)
def test_only_letters_that_may_be_meant_are_read(bench: Bench, filters: dict[str, object], expected: list[int]) -> None:
    bench.source.add(*(letter(offset) for offset in range(5)))
    bench.source.positions = {(DLQ, 0): 2}
    read = bench.source.read
    offsets: list[int] = []

    def noted(log: LetterLog, start: int) -> Iterator[Letter | None]:
        for each in read(log, start):
            offsets.extend([each.id.offset] if each else [])
            yield each

    bench.source.read = noted  # type: ignore[method-assign]  # looks on
    bench.browse(**filters)  # type: ignore[arg-type]  # filters
    assert offsets == expected


def test_handled_letters_are_listed_when_they_are_asked_for_each_with_its_fate(bench: Bench) -> None:
    bench.source.add(*(letter(offset) for offset in range(3)))
    bench.repairer.drop(bench.order(letters=(LetterId(DLQ, 0, 1),)))
    # As if the store had been made anew after a repair of the first.
    bench.source.positions = {(DLQ, 0): 1}
    assert bench.waiting == [2]
    assert [one.fate for one in bench.browse(handled=True).letters] == ["handled", "dropped", None]
    assert bench.browse().waiting == {DLQ: 1}


def test_when_time_is_up_the_list_says_that_it_is_not_complete(bench: Bench) -> None:
    bench.source.add(letter(0))
    found = bench.browse(within_s=-1)
    assert (found.letters, found.complete, found.waiting) == ((), False, {DLQ: 1})


def test_a_topic_without_dead_letters_yet_has_none(bench: Bench) -> None:
    del bench.source.letters[DLQ]
    assert bench.browse().letters == ()


def test_one_letter_is_found_whatever_became_of_it(bench: Bench) -> None:
    bench.source.add(letter(0), letter(1))
    bench.repairer.drop(bench.order())
    found = find(bench.source, bench.ledger, LetterId(DLQ, 0, 1))
    assert (found.letter.id.offset, found.fate) == (1, "dropped")


@pytest.mark.parametrize("place", [LetterId(DLQ, 0, 7), LetterId(DLQ, 1, 0), LetterId("no.dlq", 0, 0)])
def test_a_place_without_a_letter_is_named(bench: Bench, place: LetterId) -> None:
    bench.source.add(letter(0))
    with pytest.raises(LetterNotFoundError) as missing:
        find(bench.source, bench.ledger, place)
    assert missing.value.where == str(place)


def test_an_outage_is_not_an_empty_list(bench: Bench) -> None:
    bench.source.trouble = BrokerUnavailableError("away")
    with pytest.raises(BrokerUnavailableError):
        bench.browse()
