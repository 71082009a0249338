from __future__ import annotations

import pytest

from tests.support.consumer_fakes import START, TOPIC, Bench
from tests.support.consumers import Thing
from tests.unit.consumers.runtime.conftest import Member


def test_applies_each_event_and_stores_the_next_offset(bench: Bench) -> None:
    for name in ("a", "b", "a"):
        bench.log.append(Thing(name=name))
    bench.steps(2)
    assert bench.counts == {"a": 2, "b": 1}
    assert bench.totals == (3, 0)
    assert bench.runtime._assignment.owned[TOPIC, 0].position == 3


def test_counts_an_event_once_that_comes_twice_in_one_batch(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.log.append(thing)
    bench.steps(2)
    assert bench.counts == {"a": 1}
    assert bench.metric("duplicates_total") == 1


def test_of_two_events_of_one_id_in_one_batch_the_first_is_applied(bench: Bench) -> None:
    first = Thing(name="first")
    bench.log.append(first)
    bench.log.append(Thing(name="second", event_id=first.event_id))
    bench.steps(2)
    assert bench.counts == {"first": 1}


def test_counts_an_event_once_that_comes_again_in_another_partition_later(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.source.assign(1)
    bench.log.append(thing)
    bench.steps(2)
    bench.log.append(thing, partition=1)
    bench.log.append(Thing(name="b"), partition=1)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}
    assert bench.totals == (2, 0)


def test_does_not_call_the_service_for_a_batch_of_duplicates(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.steps(2)
    bench.log.append(thing)
    bench.steps(2)
    assert bench.service.batches == [["a"]]
    assert bench.runtime._assignment.owned[TOPIC, 0].position == 2


def test_keeps_the_order_of_a_partition(bench: Bench) -> None:
    names = [f"thing {number}" for number in range(50)]
    for name in names:
        bench.log.append(Thing(name=name))
    bench.steps(3)
    assert [name for batch in bench.service.batches for name in batch] == names


def test_forgets_events_that_are_older_than_the_window(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.steps(2)
    bench.clock.now += bench.settings.dedupe_window_s + 60
    bench.log.append(Thing(name="b"), written=bench.clock.now)
    bench.steps(2)
    bench.log.append(thing, written=bench.clock.now)
    bench.steps(2)
    assert bench.counts == {"a": 2, "b": 1}


def test_remembers_events_within_the_window(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.steps(2)
    bench.clock.now += bench.settings.dedupe_window_s - 60
    bench.log.append(Thing(name="b"), written=bench.clock.now)
    bench.steps(2)
    bench.log.append(thing, written=bench.clock.now)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}


def test_remembers_what_it_read_before_it_was_stopped_for_longer_than_the_window(bench: Bench, member: Member) -> None:
    thing, window = Thing(name="a"), bench.settings.dedupe_window_s
    bench.log.append(thing)
    bench.steps(2)
    late = member()
    late.clock.now += 10 * window
    late.source.assign(0)
    bench.log.append(Thing(name="b"), written=START + 60)
    late.steps(2)
    bench.log.append(thing, written=START + window - 60)
    late.steps(2)
    bench.log.append(Thing(name="b"), written=START + window + 60)
    late.pass_time(20)
    bench.log.append(thing, written=START + window + 70)
    late.steps(2)
    assert late.counts == {"a": 1, "b": 2}


def test_a_partition_that_is_read_to_its_end_does_not_let_one_forget_that_lags(bench: Bench, member: Member) -> None:
    thing, window = Thing(name="a"), bench.settings.dedupe_window_s
    bench.log.append(thing)
    bench.steps(2)
    late = member()
    late.clock.now += 10 * window
    late.source.assign(0, 1)
    bench.log.append(Thing(name="b"), partition=1, written=late.clock.now)
    late.steps(2)
    bench.log.append(thing, written=START + 60)
    late.steps(2)
    assert late.counts == {"a": 1, "b": 1}


def test_remembers_for_the_window_what_a_producer_wrote_whose_clock_is_far_behind(bench: Bench) -> None:
    thing, window = Thing(name="a"), bench.settings.dedupe_window_s
    bench.log.append(thing, written=START - 10 * window)
    bench.pass_time(20)
    bench.log.append(Thing(name="b"), written=START + 60)
    bench.pass_time(60)
    bench.log.append(thing, written=START - 10 * window)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}


def test_a_record_from_the_future_makes_nothing_be_forgotten(bench: Bench) -> None:
    thing, window = Thing(name="a"), bench.settings.dedupe_window_s
    bench.log.append(thing)
    bench.pass_time(20)
    bench.log.append(Thing(name="b"), written=START + 10 * window)
    bench.pass_time(60)
    bench.log.append(thing, written=START + 60)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}


def test_remembers_for_the_window_what_it_read_while_its_clock_was_far_behind(bench: Bench) -> None:
    thing, window = Thing(name="a"), bench.settings.dedupe_window_s
    bench.clock.now = START - 5 * window
    bench.log.append(thing, written=START)
    bench.steps(2)
    bench.clock.now = START + 20
    bench.log.append(Thing(name="b"), written=bench.clock.now)
    bench.steps(2)
    bench.log.append(thing, written=bench.clock.now)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}


@pytest.mark.parametrize("known", [False, True])
def test_an_event_that_came_as_a_replay_is_known_when_it_is_replayed_again_long_after_the_window(
    bench: Bench, known: bool
) -> None:
    thing, replays = Thing(name="a"), [("dlq_replay_count", b"1")]
    if known:
        bench.log.append(thing)
    for _ in range(3):
        bench.log.append(thing, headers=replays, written=bench.clock.now)
        bench.steps(2)
        bench.clock.now += 2 * bench.settings.dedupe_window_s
        bench.log.append(Thing(name="b"), written=bench.clock.now)
        bench.steps(2)
    assert bench.counts == {"a": 1, "b": 3}


def test_a_restart_goes_on_behind_what_was_committed(bench: Bench, member: Member) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    second = member()
    second.source.assign(0)
    bench.log.append(Thing(name="b"))
    second.steps(2)
    assert second.service.batches == [["b"]]
    assert second.counts == {"a": 1, "b": 1}


def test_tells_kafka_the_positions_for_its_lag_tools(bench: Bench) -> None:
    bench.log.append(Thing(name="a"))
    bench.pass_time(6)
    assert bench.source.reported[-1] == {(TOPIC, 0): 1}
    assert bench.metric("lag", topic=TOPIC, partition="0") == 0
