from __future__ import annotations

import logging
from typing import Any

import pytest

from hangarstack.consumers.runtime.gaps import Doubt, Gap, Seen
from hangarstack.errors import BrokerError
from tests.support.consumer_fakes import TOPIC, Bench
from tests.support.consumers import GARBAGE, UNASKED_SCHEMA, Thing
from tests.unit.consumers.runtime.conftest import Member

ONE = (TOPIC, 0)
NAMES = "abcdefghij"


def fill(bench: Bench, names: str = NAMES, *, partition: int = 0) -> None:
    for name in names:
        bench.log.append(Thing(name=name), partition=partition)


def compact(bench: Bench, *offsets: int, partition: int = 0) -> None:
    """Take records out of the log, as compaction does."""
    one = TOPIC, partition
    bench.log.records[one] = [record for record in bench.log.records[one] if record.offset() not in offsets]


class Jumping:
    """Lets a client begin too far on when it is told where to go on, the given offsets one after the other."""

    def __init__(self, bench: Bench, *offsets: int) -> None:
        self._go_on = bench.source.go_on
        self._offsets = list(offsets)
        bench.source.go_on = self  # type: ignore[method-assign]  # a client that errs

    def __call__(self, partition: tuple[str, int], offset: int) -> None:
        self._go_on(partition, self._offsets.pop(0) if self._offsets else offset)


def refuse_questions(bench: Bench, *, but_for: int = 0, after_s: float = 0.0) -> None:
    """Let the log answer so many questions more, and take some time not to answer the others."""
    ask, left = bench.source.offsets, [but_for]

    def refuse(*where: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            bench.clock.now += after_s
            raise BrokerError("no answer")
        return ask(*where)

    bench.source.offsets = refuse  # type: ignore[method-assign, assignment]  # a broker that errs


def looked_again(bench: Bench) -> float:
    return bench.metric("looked_again_total", topic=TOPIC)


def skipped(bench: Bench) -> float:
    return bench.metric("skipped_records_total", topic=TOPIC)


def test_what_a_client_skips_right_after_the_assignment_is_read_all_the_same(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.steps()
    fill(bench)
    bench.source.positions[ONE] = 7
    bench.pass_time(2)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert (looked_again(bench), skipped(bench)) == (1, 7)
    told = [record for record in caplog.records if "had skipped offsets 0 to 6" in record.message]
    assert [record.levelno for record in told] == [logging.WARNING]


def test_what_a_client_skips_in_the_middle_of_a_batch_is_read_all_the_same(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    bench.source.stray += [*bench.log.records[ONE][:3], *bench.log.records[ONE][6:]]
    bench.source.positions[ONE] = 10
    bench.pass_time(2)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert skipped(bench) == 3


def test_what_a_client_skips_when_it_goes_on_after_a_hold_is_read_all_the_same(bench: Bench) -> None:
    bench.steps()
    bench.service.outages = 1
    Jumping(bench, 5)
    fill(bench)
    bench.pass_time(10)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert skipped(bench) == 5


def test_a_client_that_skips_again_while_it_is_looked_for_what_it_skipped_is_not_believed(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    bench.source.positions[ONE] = 3
    Jumping(bench, 5, 8)
    bench.pass_time(2)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert looked_again(bench) == 3


def test_a_client_that_skips_the_same_again_is_not_believed_once_the_log_has_the_records(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.steps()
    fill(bench)
    bench.source.positions[ONE] = 3
    Jumping(bench, 3, 3, 3)
    bench.pass_time(10)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert (looked_again(bench), skipped(bench)) == (4, 3)
    assert sum("skips the same offsets again" in record.message for record in caplog.records) == 3


@pytest.mark.parametrize(
    ("skips", "outages"),
    [([3] * 6, 0), ([4] * 6, 0), ([2] * 6, 0), ([0, *[3] * 6], 1)],
    ids=["the same again", "more", "less", "the same again after an outage"],
)
def test_what_the_log_was_seen_to_have_is_not_given_up_while_the_log_cannot_be_asked(
    bench: Bench, skips: list[int], outages: int
) -> None:
    bench.steps()
    fill(bench)
    bench.source.positions[ONE] = 3
    Jumping(bench, *skips)
    refuse_questions(bench, but_for=1)
    bench.service.outages = outages
    bench.pass_time(20)
    assert bench.counts == dict.fromkeys(NAMES, 1)


@pytest.mark.parametrize("why", ["outage", "failure", "rebalance"])
def test_what_was_read_and_not_committed_is_not_given_up_while_the_log_cannot_be_asked(bench: Bench, why: str) -> None:
    bench.steps()
    fill(bench)
    bench.service.outages = int(why != "failure")
    bench.service.failures = int(why == "failure")
    refuse_questions(bench)
    bench.steps()
    if why == "rebalance":
        bench.source.revoke(0)
        bench.source.assign(0)
        bench.steps()
        bench.source.positions[ONE] = 3
    Jumping(bench, *[3] * 6)
    bench.pass_time(30)
    assert bench.counts == dict.fromkeys(NAMES, 1)


def test_what_waits_for_its_schema_is_not_given_up_while_the_log_cannot_be_asked(bench: Bench) -> None:
    bench.steps()
    bench.log.append(UNASKED_SCHEMA)
    fill(bench, "bcd")
    refuse_questions(bench)
    Jumping(bench, *[1] * 6)
    bench.pass_time(20)
    assert bench.counts == {}
    bench.decoder.registry_is_away = False
    bench.pass_time(20)
    assert bench.counts == dict.fromkeys(["late", *"bcd"], 1)


def test_a_gap_that_was_to_be_believed_is_not_once_its_records_were_read(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    records = bench.log.records[ONE]
    bench.source.stray += [records[3], *records[6:]]
    bench.source.positions[ONE] = 10
    refuse_questions(bench)
    bench.service.outages = 1
    Jumping(bench, 0, *[3] * 6)
    bench.pass_time(30)
    assert bench.counts == dict.fromkeys(NAMES, 1)


def test_what_was_seen_and_is_deleted_by_now_is_given_up_once_the_log_can_be_asked(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    bench.source.positions[ONE] = 3
    Jumping(bench, 3, 3)
    ask = bench.source.offsets
    refuse_questions(bench, but_for=1)
    bench.steps(2)
    compact(bench, 0, 1, 2)
    bench.pass_time(10)
    assert bench.counts == {}
    bench.source.offsets = ask  # type: ignore[method-assign]  # the broker is back
    bench.pass_time(3)
    assert bench.counts == dict.fromkeys("defghij", 1)


def test_offsets_that_were_seen_are_kept_as_runs_until_they_are_handled() -> None:
    seen = Seen()
    seen.note([5, 3, 4, 9])
    seen.note([4, 6, 12])
    assert seen.runs == [(3, 7), (9, 10), (12, 13)]
    within = [(0, 3), (0, 4), (6, 7), (7, 9), (7, 10), (10, 12), (11, 20), (13, 20)]
    assert [seen.has_any(Gap(*gap)) for gap in within] == [False, True, True, False, True, False, True, False]
    seen.forget(5)
    assert seen.runs == [(5, 7), (9, 10), (12, 13)]
    seen.forget(10)
    assert seen.runs == [(12, 13)]


def test_a_gap_that_is_met_behind_a_batch_that_fails_is_looked_at_when_it_is_met_again(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    records = bench.log.records[ONE]

    def skip() -> None:
        bench.source.stray += [*records[:2], *records[5:]]
        bench.source.positions[ONE] = 10

    go_on = bench.source.go_on

    def skip_again(partition: tuple[str, int], offset: int) -> None:
        go_on(partition, offset)
        if offset == 0:
            skip()

    bench.source.go_on = skip_again  # type: ignore[method-assign]  # a client that errs
    bench.service.outages = 1
    skip()
    bench.pass_time(10)
    assert bench.counts == dict.fromkeys(NAMES, 1)
    assert skipped(bench) == 3


def test_what_a_client_skips_while_the_database_is_away_is_read_when_it_is_back(bench: Bench) -> None:
    bench.steps()
    bench.service.outages = 3
    fill(bench)
    bench.source.positions[ONE] = 4
    bench.pass_time(30)
    assert bench.counts == dict.fromkeys(NAMES, 1)


def test_the_gaps_of_a_compacted_log_are_believed_after_one_look_at_each_batch(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    compact(bench, 0, 3, 4, 6, 8)
    bench.steps()
    assert bench.counts == dict.fromkeys("bcfhj", 1)
    assert (looked_again(bench), skipped(bench)) == (1, 0)
    assert bench.metric("holds_total", why="misplaced") == 0
    assert bench.metric("lost_records_total", topic=TOPIC) == 0


def test_compaction_that_goes_on_meanwhile_costs_another_look_and_no_more(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    compact(bench, 0, 1)
    bench.source.broker_is_away = True
    bench.steps()
    compact(bench, 2)
    bench.pass_time(2)
    assert bench.counts == dict.fromkeys("defghij", 1)
    assert looked_again(bench) == 2


def test_a_skipped_record_is_told_from_compacted_ones_around_it(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    compact(bench, 1, 5)
    bench.source.stray += [record for record in bench.log.records[ONE] if record.offset() not in {3, 7}]
    bench.source.positions[ONE] = 10
    bench.pass_time(2)
    assert bench.counts == dict.fromkeys("acdeghij", 1)
    assert skipped(bench) == 2


def test_a_partition_that_skips_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.source.assign(1)
    bench.steps()
    fill(bench, "abc")
    fill(bench, "xyz", partition=1)
    bench.source.positions[ONE] = 2
    bench.steps()
    assert bench.counts == dict.fromkeys("xyz", 1)
    bench.pass_time(1)
    assert bench.counts == dict.fromkeys("abcxyz", 1)


def test_what_comes_behind_one_dead_letter_too_many_of_another_partition_is_kept(member: Member) -> None:
    bench = member(dead_letter_limit=2)
    bench.source.assign(0, 1)
    bench.steps()
    for _ in range(3):
        bench.log.append(GARBAGE)
    fill(bench, "xyz", partition=1)
    # The letters cannot be written, so the service does not stop at its limit yet.
    bench.letters.refuses_after = 0
    bench.steps()
    bench.letters.refuses_after = None
    bench.source.revoke(0)
    bench.pass_time(10)
    assert bench.counts == dict.fromkeys("xyz", 1)
    assert looked_again(bench) == 0


def test_while_the_log_cannot_be_asked_a_gap_is_believed_when_it_is_read_twice(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    compact(bench, 0, 3, 4, 6, 8)
    bench.source.broker_is_away = True
    bench.steps()
    assert bench.counts == {}
    bench.steps()
    assert bench.counts == dict.fromkeys("bcfhj", 1)
    assert (looked_again(bench), skipped(bench)) == (1, 0)


def test_a_gap_behind_a_batch_that_could_not_be_committed_waits_until_it_is(bench: Bench) -> None:
    bench.steps()
    fill(bench)
    compact(bench, 3, 4)
    bench.service.outages = 1
    bench.steps()
    assert bench.counts == {}
    bench.pass_time(5)
    assert bench.counts == dict.fromkeys("abcfghij", 1)


def test_all_gaps_are_noted_with_what_came_in_their_place() -> None:
    assert Doubt(3, [5, 6, 7, 9, 10, 14]).gaps == {(3, 5), (8, 9), (11, 14)}


def test_a_turn_ends_after_one_look_without_an_answer_and_the_others_follow(bench: Bench) -> None:
    numbers = range(1, 40)
    bench.source.assign(*numbers)
    bench.steps()
    for number in numbers:
        fill(bench, "abcd", partition=number)
        compact(bench, 1, partition=number)
    refuse_questions(bench, after_s=2.0)
    longest = 0.0
    for _ in range(len(numbers) + 1):
        began = bench.clock.now
        bench.steps()
        longest = max(longest, bench.clock.now - began)
    assert longest < 5
    assert bench.counts == dict.fromkeys("acd", len(numbers))


def test_those_that_there_was_no_time_to_look_at_are_looked_at_first_the_next_time(bench: Bench) -> None:
    bench.source.assign(1, 2)
    bench.steps()
    asked = []

    def late(partition: tuple[str, int], *_where: int) -> Any:
        asked.append(partition[1])
        bench.clock.now += 2.0
        raise BrokerError("no answer in time")

    bench.source.offsets = late  # type: ignore[method-assign, assignment]  # a broker that errs
    for _ in range(6):
        bench.runtime._assignment.look_again({(TOPIC, number): Doubt(0, [1]) for number in range(3)})
    assert asked == [0, 1, 2, 0, 1, 2]
