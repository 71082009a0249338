from __future__ import annotations

import logging

import pytest
from sqlalchemy import event, update

from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS, SEEN_EVENTS
from tests.support.consumer_fakes import TOPIC, Bench
from tests.support.consumers import Thing

ONE = (TOPIC, 0)


def move(bench: Bench, partition: int, offset: int) -> None:
    """Move a position, as the swap of a rebuild does, and forget what was seen behind it."""
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).where(CONSUMER_OFFSETS.c.partition == partition).values(next_offset=offset))
        tx.execute(SEEN_EVENTS.delete())


def queries(bench: Bench) -> list[str]:
    """Return a list that grows with each query of the positions."""
    found: list[str] = []

    def note(*call: object) -> None:
        if str(call[2]).startswith("SELECT consumer_offsets"):
            found.append(str(call[2]))

    event.listen(bench.engine, "before_cursor_execute", note)
    return found


def test_an_idle_partition_whose_stored_position_went_back_is_read_from_there_within_two_seconds(bench: Bench) -> None:
    bench.source.assign(1)
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.pass_time(5)
    move(bench, 0, 1)
    bench.pass_time(2)
    assert bench.counts == {"a": 1, "b": 2, "c": 2}
    assert bench.handled == 3


def test_an_idle_partition_goes_back_though_another_one_has_records_all_the_time(bench: Bench) -> None:
    bench.source.assign(1)
    bench.log.append(Thing(name="a"))
    bench.pass_time(5)
    move(bench, 0, 0)
    for _ in range(6):
        bench.log.append(Thing(name="b"), partition=1)
        bench.pass_time(0.4)
    assert bench.counts == {"a": 2, "b": 6}


def test_the_lag_and_the_position_that_kafka_is_told_are_those_that_were_stored(bench: Bench) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.pass_time(11)
    assert bench.lag(0) == 0
    # It fails on what it reads again, so that the lag stays.
    bench.service.failures = 1000
    move(bench, 0, 1)
    bench.pass_time(2)
    assert bench.lag(0) == 2
    assert bench.source.reported[-1] == {ONE: 1}


def test_positions_are_read_once_a_second_while_nothing_comes_and_not_at_all_under_load(bench: Bench) -> None:
    bench.pass_time(5)
    found = queries(bench)
    bench.pass_time(10)
    assert 9 <= len(found) <= 11
    for round_ in range(50):
        bench.log.append(Thing(name="a"))
        bench.steps()
        bench.clock.now += 0.1
        if round_ == 0:
            found.clear()
    assert found == []


def test_positions_that_cannot_be_read_while_nothing_comes_are_read_later(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.log.append(Thing(name="a"))
    bench.pass_time(5)
    with bench.engine.begin() as tx:
        tx.exec_driver_sql("ALTER TABLE consumer_offsets RENAME TO away")
    bench.pass_time(3)
    assert "the stored positions cannot be read" in caplog.text
    with bench.engine.begin() as tx:
        tx.exec_driver_sql("ALTER TABLE away RENAME TO consumer_offsets")
    move(bench, 0, 0)
    bench.pass_time(2)
    assert bench.counts == {"a": 2}
