from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import update

from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS
from hangarstack.errors import BrokerError
from tests.support.consumer_fakes import TOPIC, Bench
from tests.support.consumers import GARBAGE, POISON, UNASKED_SCHEMA, Thing

ONE = (TOPIC, 0)


def test_pauses_while_the_database_is_gone_and_keeps_polling(bench: Bench) -> None:
    bench.service.outages = 5
    bench.log.append(Thing(name="a"))
    bench.steps()
    assert bench.source.paused == {ONE}
    ready, details = bench.runtime.ready()
    assert not ready
    assert details["outage"] == "OperationalError: disk I/O error"
    bench.pass_time(30)
    assert bench.source.paused == set()
    assert bench.counts == {"a": 1}
    assert bench.letters.kept == []
    assert bench.runtime.ready()[0]


def test_leaves_records_that_come_while_their_partition_is_held(bench: Bench) -> None:
    bench.service.outages = 1
    bench.log.append(Thing(name="a"))
    bench.steps()
    bench.source.stray += bench.log.records[ONE]
    bench.runtime._handle(bench.source.take(10, 0.0, 0.0))
    assert bench.counts == {}
    bench.pass_time(5)
    assert bench.counts == {"a": 1}


def test_waits_longer_from_outage_to_outage_but_not_for_ever(bench: Bench) -> None:
    bench.service.outages = 50
    bench.log.append(Thing(name="a"))
    bench.pass_time(100)
    assert 20 <= len(bench.service.batches) <= 50


def test_shows_how_the_lag_grows_while_partitions_wait(bench: Bench) -> None:
    bench.service.outages = 1000
    bench.log.append(Thing(name="a"))
    bench.pass_time(10)
    for _ in range(7):
        bench.log.append(Thing(name="b"))
    bench.pass_time(20)
    assert bench.lag(0) == 8


def test_asks_for_one_lag_in_five_seconds_only_while_the_broker_does_not_answer_either(bench: Bench) -> None:
    bench.service.outages = 1000
    bench.source.assign(1, 2)
    for partition in range(3):
        bench.log.append(Thing(name="a"), partition=partition)
    bench.pass_time(10)
    bench.source.broker_is_away = True
    bench.source.ends_asked = 0
    bench.pass_time(50)
    assert 5 <= bench.source.ends_asked <= 11


def test_an_outage_is_never_blamed_on_a_record(bench: Bench) -> None:
    bench.service.outages = 1000
    bench.log.append(Thing(name="a"))
    bench.pass_time(600)
    assert bench.letters.kept == []
    assert bench.counts == {}
    bench.service.outages = 0
    bench.pass_time(10)
    assert bench.counts == {"a": 1}


def test_is_not_ready_between_two_attempts_either(bench: Bench) -> None:
    bench.log.append(UNASKED_SCHEMA)
    bench.steps()
    for _ in range(60):
        bench.steps()
        assert not bench.runtime.ready()[0]
    bench.decoder.registry_is_away = False
    bench.pass_time(10)
    assert bench.runtime.ready()[0]


def test_is_not_ready_while_a_batch_is_under_way_for_more_than_three_seconds(bench: Bench) -> None:
    seen: list[bool] = []

    def take_time() -> None:
        for _ in range(2):
            seen.append(bench.runtime.ready()[0])
            bench.clock.now += 3.1

    bench.service.during = take_time
    bench.log.append(Thing(name="a"))
    bench.steps()
    assert seen == [True, False]
    bench.steps()
    assert bench.runtime.ready()[0]


def test_is_ready_once_its_positions_are_found_though_no_record_comes(bench: Bench) -> None:
    bench.source.broker_is_away = True
    bench.steps(5)
    assert not bench.runtime.ready()[0]
    bench.source.broker_is_away = False
    bench.pass_time(10)
    assert bench.runtime.ready()[0]


def test_is_ready_once_it_finds_that_a_batch_was_committed_though_the_answer_was_lost(bench: Bench) -> None:
    bench.service.outages = 1
    bench.log.append(Thing(name="a"))
    bench.steps()
    assert not bench.runtime.ready()[0]
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).values(next_offset=1))
    bench.pass_time(5)
    assert bench.runtime.ready()[0]


def test_is_ready_once_what_waited_for_an_outage_is_deleted_and_says_what_is_lost(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.log.append(Thing(name="a"))
    for _ in range(2):
        bench.log.append(UNASKED_SCHEMA)
    bench.pass_time(10)
    bench.log.delete_before(3)
    bench.pass_time(20)
    assert bench.runtime.ready()[0]
    assert (bench.handled, bench.lag(0)) == (3, 0)
    assert bench.metric("lost_records_total", topic=TOPIC) == 2
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert ["2 records were deleted" in record.message for record in told] == [True]
    bench.log.append(Thing(name="b"))
    bench.pass_time(2)
    assert bench.counts == {"a": 1, "b": 1}


def test_the_log_is_not_asked_for_its_end_while_what_waits_comes_again_at_each_attempt(bench: Bench) -> None:
    bench.log.append(UNASKED_SCHEMA)
    bench.pass_time(60)
    assert bench.metric("holds_total", why="misplaced") == 0


def test_is_ready_once_its_client_goes_on_though_no_record_waits(bench: Bench) -> None:
    go_on = bench.source.go_on
    refused: list[int] = []

    def not_ready(partition: tuple[str, int], offset: int) -> None:
        if not refused:
            refused.append(offset)
            raise BrokerError("erroneous state")
        go_on(partition, offset)

    bench.source.go_on = not_ready  # type: ignore[method-assign]  # this test's own client
    bench.source.broker_is_away = True
    bench.steps()
    bench.source.broker_is_away = False
    # A transaction's marker: by its end the log could not be told from one with a record that waits.
    bench.source.bounds = lambda partition: (0, 1)  # type: ignore[method-assign]  # noqa: ARG005 - this test's own log
    bench.pass_time(10)
    assert refused == [0]
    assert bench.runtime.ready()[0]


def test_tries_again_when_the_client_is_not_ready_to_go_on(bench: Bench) -> None:
    bench.service.outages = 1
    bench.log.append(Thing(name="a"))
    go_on = bench.source.go_on
    refused: list[int] = []

    def not_ready(partition: tuple[str, int], offset: int) -> None:
        if len(refused) < 3:
            refused.append(offset)
            raise BrokerError("erroneous state")
        go_on(partition, offset)

    bench.source.go_on = not_ready  # type: ignore[method-assign]  # this test's own client
    bench.pass_time(30)
    assert refused == [0, 0, 0]
    assert bench.counts == {"a": 1}


def test_holds_what_is_assigned_while_the_store_is_gone(bench: Bench) -> None:
    store = Path(str(bench.engine.url.database))
    aside = store.with_suffix(".aside")
    bench.engine.dispose()
    store.rename(aside)
    store.mkdir()
    bench.log.append(Thing(name="a"))
    bench.steps(3)
    assert bench.source.paused == {ONE}
    store.rmdir()
    aside.rename(store)
    bench.pass_time(10)
    assert bench.counts == {"a": 1}


def test_holds_what_is_assigned_while_the_broker_cannot_tell_its_topics(bench: Bench) -> None:
    bench.source.broker_is_away = True
    bench.log.append(Thing(name="a"))
    bench.pass_time(5)
    assert bench.runtime._assignment.owned[ONE].held is Hold.OUTAGE
    bench.source.broker_is_away = False
    bench.pass_time(10)
    assert bench.counts == {"a": 1}


def test_waits_for_the_registry_with_one_partition_and_goes_on_with_the_others(bench: Bench) -> None:
    bench.source.assign(1)
    bench.log.append(Thing(name="a"), partition=0)
    bench.log.append(UNASKED_SCHEMA, partition=0)
    bench.log.append(Thing(name="b"), partition=0)
    for _ in range(3):
        bench.log.append(Thing(name="c"), partition=1)
    bench.pass_time(10)
    assert bench.counts == {"a": 1, "c": 3}
    assert bench.source.paused == {ONE}
    bench.decoder.registry_is_away = False
    bench.pass_time(10)
    assert bench.counts == {"a": 1, "late": 1, "b": 1, "c": 3}
    assert bench.letters.kept == []


def test_waits_while_dead_letters_cannot_be_written(bench: Bench) -> None:
    bench.letters.refuses_after = 0
    bench.log.append(b"garbage")
    bench.log.append(Thing(name="a"))
    bench.pass_time(10)
    assert bench.counts == {}
    assert bench.totals == (0, 0)
    bench.letters.refuses_after = None
    bench.pass_time(10)
    assert bench.counts == {"a": 1}
    assert bench.totals == (1, 1)
    assert len(bench.letters.kept) == 1


def test_a_partition_whose_dead_letter_cannot_be_written_keeps_no_other_one_waiting(bench: Bench) -> None:
    bench.source.assign(1)
    bench.letters.refuses = {0}
    bench.log.append(Thing(name="before"), partition=0)
    bench.log.append(GARBAGE, partition=0)
    bench.log.append(Thing(name="behind"), partition=0)
    for number in range(60):
        bench.log.append(Thing(name="other"), partition=1)
        bench.log.append(GARBAGE, partition=1)
        bench.pass_time(1)
        # At once: not one of them waits for the next attempt of the other partition.
        assert bench.counts == {"before": 1, "other": number + 1}
    assert not bench.runtime.ready()[0]
    # Each attempt comes later than the one before.
    assert 60 / 5 <= bench.letters.refused <= 30
    bench.letters.refuses = set()
    bench.pass_time(10)
    assert bench.counts == {"before": 1, "behind": 1, "other": 60}
    assert len(bench.letters.kept) == 61
    assert bench.runtime.ready()[0]


def test_a_poison_record_whose_dead_letter_cannot_be_written_keeps_no_other_partition_waiting(bench: Bench) -> None:
    bench.source.assign(1)
    bench.letters.refuses = {0}
    for name in ("before", POISON, "behind"):
        bench.log.append(Thing(name=name), partition=0)
    bench.pass_time(10)
    for number in range(30):
        bench.log.append(Thing(name="other"), partition=1)
        bench.pass_time(1)
        assert bench.counts == {"before": 1, "other": number + 1}
    bench.letters.refuses = set()
    bench.pass_time(10)
    assert bench.counts == {"before": 1, "behind": 1, "other": 30}
    assert [(letter.partition, letter.offset) for letter in bench.letters.kept] == [(0, 1)]


def test_what_comes_before_an_unwritten_letter_counts_what_was_dead_in_a_row_before_it(bench: Bench) -> None:
    bench.letters.refuses_after = 2
    for value in (GARBAGE, Thing(name="a"), GARBAGE, GARBAGE):
        bench.log.append(value)
    bench.steps()
    assert bench.handled == 3
    assert bench.runtime._assignment.owned[ONE].dead_in_row == 1


def test_a_letter_that_cannot_be_written_and_a_database_that_is_gone_wait_both(bench: Bench) -> None:
    bench.source.assign(1)
    bench.letters.refuses = {0}
    bench.service.outages = 2
    bench.log.append(GARBAGE, partition=0)
    bench.log.append(Thing(name="other"), partition=1)
    bench.pass_time(10)
    assert bench.counts == {"other": 1}
    assert bench.handled == 1
    bench.letters.refuses = set()
    bench.pass_time(10)
    assert bench.handled == 2
    assert len(bench.letters.kept) == 1
