from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import update

from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS
from hangarstack.errors import DeadLetterLimitError
from tests.support.consumer_fakes import TOPIC, Bench
from tests.support.consumers import GARBAGE, POISON, UNKNOWN_SCHEMA, Thing
from tests.unit.consumers.runtime.conftest import Member


def test_dead_letters_at_once_what_cannot_be_decoded(bench: Bench) -> None:
    bench.log.append(Thing(name="a"))
    for value in (GARBAGE, UNKNOWN_SCHEMA, None, b""):
        bench.log.append(value)
    bench.log.append(Thing(name="b"))
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}
    assert [(letter.offset, letter.attempts) for letter in bench.letters.kept] == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert bench.totals == (2, 4)
    assert bench.metric("dead_letters_total", topic=TOPIC, error="SchemaNotFoundError") == 1


def test_retries_a_failing_handler_before_it_blames_a_record(bench: Bench) -> None:
    bench.service.failures = 2
    bench.log.append(Thing(name="a"))
    bench.pass_time(10)
    assert bench.service.batches == [["a"], ["a"], ["a"]]
    assert bench.counts == {"a": 1}
    assert bench.letters.kept == []


def test_counts_failures_anew_after_a_success(bench: Bench) -> None:
    for name in "abc":
        bench.service.failures = 2
        bench.log.append(Thing(name=name))
        bench.pass_time(10)
    assert bench.counts == {"a": 1, "b": 1, "c": 1}
    assert bench.letters.kept == []


def test_isolates_a_poison_record_and_applies_its_neighbours(bench: Bench) -> None:
    names = ["a", "b", POISON, "c", "d", POISON, "e"]
    for name in names:
        bench.log.append(Thing(name=name))
    bench.pass_time(10)
    assert bench.counts == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}
    assert [letter.offset for letter in bench.letters.kept] == [2, 5]
    assert all(letter.attempts == 4 for letter in bench.letters.kept)
    assert bench.totals == (5, 2)


def test_one_percent_poison_of_two_kinds_ends_with_exact_totals(bench: Bench) -> None:
    bench.source.assign(1)
    for number in range(1000):
        value: bytes | Thing = Thing(name="good")
        if number % 200 == 50:
            value = Thing(name=POISON)
        if number % 200 == 150:
            value = GARBAGE
        bench.log.append(value, partition=number % 2)
    bench.pass_time(30)
    assert bench.counts == {"good": 990}
    assert bench.totals == (990, 10)
    assert len({(letter.partition, letter.offset) for letter in bench.letters.kept}) == len(bench.letters.kept) == 10


def test_an_event_whose_dead_letter_is_replayed_is_not_taken_for_a_duplicate(bench: Bench) -> None:
    thing = Thing(name=POISON)
    bench.log.append(thing)
    bench.pass_time(10)
    assert len(bench.letters.kept) == 1
    mended = Thing(name="mended", event_id=thing.event_id)
    bench.log.append(mended)
    bench.pass_time(1)
    assert bench.counts == {"mended": 1}


def test_a_letter_that_was_acknowledged_is_not_written_again_when_the_transaction_fails(bench: Bench) -> None:
    bench.service.outages = 3
    bench.log.append(GARBAGE)
    bench.log.append(Thing(name="a"))
    bench.pass_time(10)
    assert bench.counts == {"a": 1}
    assert len(bench.letters.kept) == 1
    assert bench.totals == (1, 1)


def test_a_letter_that_was_acknowledged_stands_even_if_the_record_could_be_decoded_now(bench: Bench) -> None:
    bench.service.outages = 1
    bench.log.append(UNKNOWN_SCHEMA)
    bench.log.append(Thing(name="a"))
    bench.steps()
    assert len(bench.letters.kept) == 1
    bench.decoder.schema_is_unknown = False
    bench.pass_time(5)
    assert bench.counts == {"a": 1}
    assert bench.totals == (1, 1)


def test_a_partition_that_another_member_takes_while_a_batch_is_taken_apart_is_left_to_it(member: Member) -> None:
    bench = member(dead_letter_limit=1)
    bench.source.assign(0, 1, 2)
    bench.log.append(GARBAGE, partition=1)
    bench.steps(2)
    send = bench.letters.send

    def overtaken(letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        send(letters, acknowledged)
        if letters[0].partition == 0:
            with bench.engine.begin() as tx:
                tx.execute(update(CONSUMER_OFFSETS).where(CONSUMER_OFFSETS.c.partition == 1).values(next_offset=3))

    bench.letters.send = overtaken  # type: ignore[method-assign]  # the other one is quicker
    bench.log.append(Thing(name=POISON), partition=0)
    # At the limit already, unless the one before the garbage can be handled.
    bench.log.append(Thing(name="theirs"), partition=1)
    bench.log.append(GARBAGE, partition=1)
    bench.log.append(Thing(name=POISON), partition=2)
    bench.pass_time(10)
    assert bench.counts == {}
    assert bench.handled == 1 + 3 + 1
    assert bench.metric("holds_total", why="fenced") == 1


def test_an_outage_while_a_batch_is_taken_apart_is_not_blamed_on_a_record(bench: Bench) -> None:
    for name in ["a", "b", "c", POISON]:
        bench.log.append(Thing(name=name))
    # Three attempts with all, then the first half, the second half, and the first of that alone.
    bench.service.outage_at = 6
    bench.pass_time(30)
    assert bench.service.batches[5] == ["c"]
    assert bench.counts == {"a": 1, "b": 1, "c": 1}
    assert [letter.offset for letter in bench.letters.kept] == [3]


def test_letters_that_were_acknowledged_before_others_failed_are_not_written_again(bench: Bench) -> None:
    bench.letters.refuses_after = 2
    for _ in range(3):
        bench.log.append(GARBAGE)
    bench.steps()
    assert len(bench.letters.kept) == 2
    bench.pass_time(10)
    assert [letter.offset for letter in bench.letters.kept] == [0, 1, 2]


def test_a_member_that_was_overtaken_writes_no_dead_letter(bench: Bench, member: Member) -> None:
    bench.steps()
    successor = member()
    successor.source.assign(0)
    bench.log.append(GARBAGE)
    successor.steps(2)
    bench.steps(2)
    assert len(successor.letters.kept) == 1
    assert bench.letters.kept == []


def test_stops_after_too_many_dead_letters_in_a_row(member: Member) -> None:
    bench = member(dead_letter_limit=3)
    bench.source.assign(0)
    bench.log.append(Thing(name="a"))
    for _ in range(10):
        bench.log.append(GARBAGE)
    with pytest.raises(DeadLetterLimitError, match=r"things\[0\]@4: 3 records in a row"):
        bench.steps(3)
    assert bench.counts == {"a": 1}
    assert len(bench.letters.kept) == 3
    assert bench.totals == (1, 3)


def test_nothing_behind_the_record_that_it_stops_at_is_handled(member: Member) -> None:
    bench = member(dead_letter_limit=2)
    bench.source.assign(0)
    for value in (GARBAGE, GARBAGE, GARBAGE, Thing(name="behind"), GARBAGE):
        bench.log.append(value)
    with pytest.raises(DeadLetterLimitError, match=r"things\[0\]@2"):
        bench.steps(3)
    assert bench.counts == {}
    assert bench.handled == 2


def test_a_restart_does_not_drain_the_topic_bit_by_bit(member: Member) -> None:
    for _ in range(4):
        bench = member(dead_letter_limit=3)
        bench.source.assign(0)
        bench.log.append(GARBAGE)
        bench.log.append(GARBAGE)
        try:
            bench.steps(3)
        except DeadLetterLimitError:
            continue
    assert bench.totals == (0, 3)


def test_a_partition_that_moves_takes_along_how_many_dead_letters_it_has_had_in_a_row(member: Member) -> None:
    first, second = member(dead_letter_limit=3), member(dead_letter_limit=3)
    for _ in range(2):
        first.log.append(GARBAGE)
    first.source.assign(0)
    first.steps(2)
    first.source.revoke(0)
    first.steps()
    for _ in range(2):
        first.log.append(GARBAGE)
    second.source.assign(0)
    with pytest.raises(DeadLetterLimitError, match=r"things\[0\]@3: 3 records in a row"):
        second.steps(3)
    assert (len(first.letters.kept), len(second.letters.kept)) == (2, 1)


def test_a_rebalance_that_gives_a_partition_back_does_not_forget_its_dead_letters_in_a_row(member: Member) -> None:
    bench = member(dead_letter_limit=3)
    for _ in range(2):
        bench.log.append(GARBAGE)
    bench.source.assign(0)
    bench.steps(2)
    bench.source.revoke(0)
    bench.source.assign(0)
    for _ in range(2):
        bench.log.append(GARBAGE)
    with pytest.raises(DeadLetterLimitError):
        bench.steps(3)
    assert len(bench.letters.kept) == 3


def test_goes_on_after_the_limit_when_the_next_record_is_good(member: Member) -> None:
    first = member(dead_letter_limit=2)
    first.source.assign(0)
    for _ in range(2):
        first.log.append(GARBAGE)
    first.log.append(Thing(name="a"))
    for _ in range(2):
        first.log.append(GARBAGE)
    first.steps(3)
    assert first.counts == {"a": 1}
    assert first.totals == (1, 4)


def test_poison_records_with_good_ones_between_them_are_not_in_a_row(member: Member) -> None:
    bench = member(dead_letter_limit=1)
    bench.source.assign(0)
    for name in (POISON, "a", POISON, "b", POISON, "c"):
        bench.log.append(Thing(name=name))
    bench.pass_time(30)
    assert bench.counts == {"a": 1, "b": 1, "c": 1}
    assert bench.totals == (3, 3)


def test_stops_when_the_service_fails_on_too_many_records_in_a_row(member: Member) -> None:
    bench = member(dead_letter_limit=3)
    bench.source.assign(0)
    bench.log.append(Thing(name="a"))
    for _ in range(10):
        bench.log.append(Thing(name=POISON))
    with pytest.raises(DeadLetterLimitError):
        bench.pass_time(60)
    assert bench.totals == (1, 3)


def test_what_cannot_be_isolated_in_time_is_read_again(bench: Bench) -> None:
    for number in range(40):
        bench.log.append(Thing(name=POISON if number % 10 == 0 else "good"))
    apply = bench.service.apply

    def slowly(tx: object, events: object) -> None:
        bench.clock.now += 0.4
        apply(tx, events)  # type: ignore[arg-type]  # handed through

    bench.service.apply = slowly  # type: ignore[method-assign]  # this test's own slowness
    until, longest = bench.clock.now + 120, 0.0
    while bench.clock.now < until:
        started = bench.clock.now
        bench.steps()
        longest = max(longest, bench.clock.now - started)
    assert longest < 4
    assert bench.counts == {"good": 36}
    assert bench.totals == (36, 4)
    assert len(bench.letters.kept) == 4


def test_what_was_replayed_for_another_service_is_passed_over_and_for_this_one_applied(bench: Bench) -> None:
    bench.log.append(Thing(name="a"))
    bench.log.append(Thing(name="theirs"), headers=[("dlq_replay_group", b"hangarstack.other")])
    bench.log.append(GARBAGE, headers=[("dlq_replay_group", b"hangarstack.other")])
    bench.log.append(Thing(name="ours"), headers=[("dlq_replay_group", b"hangarstack.counting")])
    bench.steps()
    assert bench.counts == {"a": 1, "ours": 1}
    assert bench.totals == (2, 0)
    assert bench.handled == 4


def test_what_was_replayed_for_another_service_is_passed_over_in_a_batch_that_is_taken_apart_too(bench: Bench) -> None:
    for name in ("a", POISON):
        bench.log.append(Thing(name=name))
        bench.log.append(Thing(name="theirs"), headers=[("dlq_replay_group", b"hangarstack.other")])
    bench.pass_time(10)
    assert bench.counts == {"a": 1}
    assert [letter.offset for letter in bench.letters.kept] == [2]
    assert bench.handled == 4


@pytest.mark.parametrize("bad", [GARBAGE, Thing(name=POISON)])
def test_what_is_passed_over_does_not_hide_that_too_many_records_in_a_row_cannot_be_handled(
    member: Member, bad: bytes | Thing
) -> None:
    bench = member(dead_letter_limit=2)
    bench.source.assign(0)
    for _ in range(3):
        bench.log.append(bad)
        bench.log.append(Thing(name="theirs"), headers=[("dlq_replay_group", b"hangarstack.other")])
    with pytest.raises(DeadLetterLimitError):
        bench.pass_time(10)
