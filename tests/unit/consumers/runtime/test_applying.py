from __future__ import annotations

from tests.support.consumer_fakes import TOPIC, Bench
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
    bench.log.append(Thing(name="b"))
    bench.steps(2)
    bench.log.append(thing)
    bench.steps(2)
    assert bench.counts == {"a": 2, "b": 1}


def test_remembers_events_within_the_window(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.steps(2)
    bench.clock.now += bench.settings.dedupe_window_s - 60
    bench.log.append(Thing(name="b"))
    bench.steps(2)
    bench.log.append(thing)
    bench.steps(2)
    assert bench.counts == {"a": 1, "b": 1}


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
