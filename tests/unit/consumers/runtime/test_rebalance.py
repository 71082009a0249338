from __future__ import annotations

import pytest

from hangarstack.consumers.runtime.partition import Hold
from tests.support.consumer_fakes import TOPIC, Bench
from tests.support.consumers import GARBAGE, POISON, Thing
from tests.unit.consumers.runtime.conftest import Member


def test_drops_records_of_a_partition_that_it_does_not_own_any_more(bench: Bench) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    bench.log.append(Thing(name="b"))
    bench.source.revoke(0)
    bench.source.stray.append(bench.log.records[TOPIC, 0][1])
    bench.steps(2)
    assert bench.counts == {"a": 1}
    assert bench.metric("dropped_records_total") == 1


def test_a_partition_moves_from_one_member_to_another_without_a_gap(bench: Bench, member: Member) -> None:
    other = member()
    for round_ in range(10):
        for name in "abc":
            bench.log.append(Thing(name=name))
        here, there = (bench, other) if round_ % 2 == 0 else (other, bench)
        here.steps(2)
        here.source.revoke(0)
        there.source.assign(0)
        here.steps()
    assert bench.counts == {"a": 10, "b": 10, "c": 10}


def test_reports_positions_on_revoke(bench: Bench) -> None:
    bench.steps()
    bench.log.append(Thing(name="a"))
    bench.steps()
    bench.source.revoke(0)
    bench.steps()
    assert bench.source.reported[-1] == {(TOPIC, 0): 1}


def test_reports_nothing_for_partitions_that_were_lost(bench: Bench) -> None:
    bench.steps()
    bench.log.append(Thing(name="a"))
    bench.steps()
    before = list(bench.source.reported)
    bench.source.lose(0)
    bench.pass_time(20)
    assert bench.source.reported == before
    assert bench.metric("rebalances_total", kind="lost") == 1


def test_the_lag_of_a_partition_that_was_given_up_is_shown_no_more(bench: Bench) -> None:
    bench.source.assign(1)
    bench.log.append(Thing(name="a"))
    bench.log.append(Thing(name="a"), partition=1)
    bench.pass_time(6)
    assert (bench.lag(0), bench.lag(1)) == (0, 0)
    bench.source.revoke(0)
    bench.source.lose(1)
    bench.pass_time(6)
    assert (bench.lag(0), bench.lag(1)) == (None, None)


def test_a_hold_outlives_a_rebalance(bench: Bench) -> None:
    bench.log.append(Thing(name=POISON))
    bench.steps()
    assert bench.runtime._assignment.owned[TOPIC, 0].held is Hold.RETRY
    bench.source.revoke(0)
    bench.source.assign(0)
    bench.source.clock.now -= 0.01
    bench.runtime._source.take(10, 0.0, 0.0)
    assert bench.source.paused == {(TOPIC, 0)}
    assert bench.runtime._assignment.owned[TOPIC, 0].failures == 1


def test_retries_do_not_start_over_when_rebalances_come_often(bench: Bench) -> None:
    bench.log.append(Thing(name=POISON))
    bench.log.append(Thing(name="a"))
    for _ in range(6):
        bench.steps(2)
        bench.source.revoke(0)
        bench.source.assign(0)
    bench.steps(2)
    assert bench.counts == {"a": 1}
    assert len(bench.letters.kept) == 1


def test_failures_are_forgotten_once_another_member_got_further(bench: Bench, member: Member) -> None:
    bench.service.failures = 2
    bench.log.append(Thing(name="a"))
    while bench.service.failures:
        bench.steps()
    bench.source.revoke(0)
    bench.steps()
    other = member()
    other.source.assign(0)
    other.steps(2)
    other.source.revoke(0)
    other.steps()
    bench.service.failures = 2
    bench.source.assign(0)
    bench.log.append(Thing(name="b"))
    bench.pass_time(10)
    assert bench.counts == {"a": 1, "b": 1}
    assert bench.letters.kept == []


def test_a_letter_that_was_acknowledged_is_not_written_again_after_a_rebalance(bench: Bench) -> None:
    bench.log.append(GARBAGE)
    bench.log.append(Thing(name=POISON))
    for _ in range(6):
        bench.steps(2)
        bench.source.revoke(0)
        bench.source.assign(0)
    bench.pass_time(5)
    assert [letter.offset for letter in bench.letters.kept] == [0, 1]
    assert bench.totals == (0, 2)


@pytest.mark.parametrize("placed_at_once", [True, False])
def test_a_letter_that_was_acknowledged_is_not_written_again_after_a_rebalance_in_an_outage(
    bench: Bench, placed_at_once: bool
) -> None:
    bench.service.outages = 4
    bench.log.append(GARBAGE)
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    bench.source.broker_is_away = not placed_at_once
    bench.source.revoke(0)
    bench.source.assign(0)
    bench.steps(2)
    bench.source.broker_is_away = False
    bench.pass_time(30)
    assert [letter.offset for letter in bench.letters.kept] == [0]
    assert bench.counts == {"a": 1}
    assert bench.totals == (1, 1)


def test_is_ready_with_an_assignment_even_an_empty_one(bench: Bench, member: Member) -> None:
    idle = member()
    assert not idle.runtime.ready()[0]
    idle.source.assign()
    idle.steps()
    ready, details = idle.runtime.ready()
    assert ready
    assert details.items() >= {"joined": True, "partitions": 0, "waiting_for_outage": False, "outage": ""}.items()
    assert not bench.runtime.ready()[0]
    bench.steps()
    assert bench.runtime.ready()[0]


def test_a_member_that_has_lost_its_partitions_is_not_ready_until_it_has_joined_again(bench: Bench) -> None:
    bench.steps()
    assert bench.runtime.ready()[0]
    bench.source.lose(0)
    bench.steps()
    assert not bench.runtime.ready()[0]
    bench.source.assign()
    bench.steps()
    assert bench.runtime.ready()[0]
