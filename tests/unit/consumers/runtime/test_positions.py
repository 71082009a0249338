from __future__ import annotations

import logging

import pytest
from sqlalchemy import event, select, update

from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS
from tests.support.consumer_fakes import START, TOPIC, Bench
from tests.support.consumers import GARBAGE, Thing
from tests.unit.consumers.runtime.conftest import Member

ONE = (TOPIC, 0)


def stored(bench: Bench) -> list[tuple[str, str, int, int]]:
    columns = CONSUMER_OFFSETS.c
    with bench.engine.connect() as connection:
        query = select(columns.cluster_id, columns.topic_id, columns.partition, columns.next_offset)
        return [tuple(row) for row in connection.execute(query.order_by(columns.topic_id))]


def test_keys_positions_by_cluster_and_topic_id(bench: Bench) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    assert stored(bench) == [("cluster", "first-topic", 0, 1)]


def test_starts_a_new_partition_at_what_the_log_still_has(bench: Bench) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.log.delete_before(2)
    bench.steps(2)
    assert bench.counts == {"c": 1}
    assert bench.metric("lost_records_total", topic=TOPIC) == 0


def test_reads_a_topic_made_anew_from_its_beginning(bench: Bench, member: Member) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.log.make_anew()
    bench.log.append(Thing(name="new"))
    again = member()
    again.source.assign(0)
    again.steps(2)
    assert again.counts == {"a": 1, "b": 1, "c": 1, "new": 1}
    assert stored(again) == [("cluster", "first-topic", 0, 3), ("cluster", "first-topic-again", 0, 1)]


def test_notices_while_running_that_a_topic_was_made_anew(bench: Bench) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.log.make_anew()
    bench.log.append(Thing(name="new"))
    bench.pass_time(1)
    assert bench.counts == {"a": 1, "b": 1, "c": 1, "new": 1}


def test_finds_out_that_a_topic_was_made_anew_and_has_grown_past_the_old_position(bench: Bench) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.log.make_anew()
    for name in "defghi":
        bench.log.append(Thing(name=name))
    bench.pass_time(120)
    assert bench.counts == dict.fromkeys("abcdefghi", 1)


@pytest.mark.parametrize("rebalanced", [False, True])
def test_a_letter_of_a_topic_that_was_made_anew_does_not_stand_for_the_record_at_its_offset_now(
    bench: Bench, rebalanced: bool
) -> None:
    bench.service.outages = 1
    bench.log.append(GARBAGE)
    bench.log.append(Thing(name="old"))
    bench.steps()
    assert len(bench.letters.kept) == 1
    bench.log.make_anew()
    bench.log.append(Thing(name="new"))
    if rebalanced:
        bench.source.revoke(0)
        bench.source.assign(0)
    bench.pass_time(10)
    assert bench.counts == {"new": 1}
    assert bench.totals == (1, 0)


def test_says_loudly_what_retention_has_taken_and_goes_on(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    bench.source.revoke(0)
    for name in "bcd":
        bench.log.append(Thing(name=name))
    bench.log.delete_before(3)
    bench.source.assign(0)
    bench.pass_time(1)
    assert bench.counts == {"a": 1, "d": 1}
    assert bench.metric("lost_records_total", topic=TOPIC) == 2
    assert any(r.levelno == logging.ERROR and "deleted before they were read" in r.message for r in caplog.records)


def test_reads_the_window_again_when_the_broker_lost_the_end_of_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.clock.now = START + 100
    for name in "abcde":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.log.cut_back(2)
    bench.log.append(Thing(name="new"))
    bench.source.revoke(0)
    bench.source.assign(0)
    bench.pass_time(1)
    assert bench.counts == dict.fromkeys(["a", "b", "c", "d", "e", "new"], 1)
    assert any("the broker lost records" in record.message for record in caplog.records)


def test_two_members_that_begin_a_partition_at_the_same_time_agree_on_where_it_begins(
    bench: Bench, member: Member
) -> None:
    bench.log.append(Thing(name="a"))
    other = member()
    bounds = bench.source.bounds

    def meanwhile(partition: tuple[str, int]) -> tuple[int, int]:
        if not other.handled:
            other.source.assign(0)
            other.steps()
        return bounds(partition)

    bench.source.bounds = meanwhile  # type: ignore[method-assign]  # the other one is quicker
    bench.steps(2)
    assert bench.runtime._assignment.owned[ONE].position == 1
    assert bench.service.batches == []
    assert bench.counts == {"a": 1}
    assert bench.metric("holds_total", why="fenced") == 0


def test_at_the_end_of_its_log_a_partition_that_was_misplaced_reads_nothing_twice(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.log.append(GARBAGE)
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    bench.source.stray.append(bench.log.records[ONE][1])
    bench.pass_time(2)
    assert len(bench.letters.kept) == 1
    assert bench.service.batches == [["a"]]
    assert "the broker lost records" not in caplog.text


def test_of_two_members_that_find_the_end_of_the_log_lost_one_sets_the_position(bench: Bench, member: Member) -> None:
    bench.clock.now = START + 100
    for name in "abcde":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.log.cut_back(2)
    bench.log.append(Thing(name="new"))
    other = member()
    other.clock.now = bench.clock.now
    since = bench.source.offset_since

    def meanwhile(partition: tuple[str, int], timestamp_ms: int) -> int | None:
        if not other.source.positions:
            other.source.assign(0)
            other.pass_time(1)
        return since(partition, timestamp_ms)

    bench.source.offset_since = meanwhile  # type: ignore[method-assign]  # the other one is quicker
    bench.source.revoke(0)
    bench.source.assign(0)
    bench.pass_time(10)
    assert bench.counts == dict.fromkeys(["a", "b", "c", "d", "e", "new"], 1)
    assert bench.handled == 3


def test_a_member_whose_offset_another_one_has_moved_applies_nothing(bench: Bench, member: Member) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    successor = member()
    successor.source.assign(0)
    bench.log.append(Thing(name="b"))
    successor.steps(2)
    # The first one has not heard of it yet and reads the same record.
    bench.steps()
    assert bench.runtime._assignment.owned[ONE].held is Hold.FENCED
    assert bench.counts == {"a": 1, "b": 1}
    assert bench.totals == (2, 0)


def test_a_fenced_member_does_not_apply_even_what_nobody_has_seen(bench: Bench) -> None:
    bench.steps()
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).values(next_offset=1))
    bench.log.append(Thing(name="a"))
    bench.steps()
    assert bench.counts == {}


def test_a_member_that_was_overtaken_is_fenced_before_it_writes_anything(bench: Bench) -> None:
    bench.steps()
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).values(next_offset=1))
    bench.log.append(Thing(name="a"))
    written: list[str] = []
    event.listen(bench.engine, "before_cursor_execute", lambda *call: written.append(call[2]))
    bench.steps()
    changes = [statement for statement in written if not statement.startswith(("SELECT", "BEGIN"))]
    assert len(changes) == 1
    assert changes[0].startswith("UPDATE consumer_offsets")


def test_a_fenced_partition_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.source.assign(1)
    bench.steps()
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).where(CONSUMER_OFFSETS.c.partition == 0).values(next_offset=7))
    bench.log.append(Thing(name="a"), partition=0)
    bench.log.append(Thing(name="b"), partition=1)
    bench.steps()
    assert bench.counts == {"b": 1}


def test_a_fenced_member_that_still_owns_the_partition_goes_on_at_the_stored_offset(
    bench: Bench, member: Member
) -> None:
    bench.log.append(Thing(name="a"))
    bench.steps(2)
    other = member()
    other.source.assign(0)
    bench.log.append(Thing(name="b"))
    other.steps(2)
    other.source.revoke(0)
    other.steps()
    bench.log.append(Thing(name="c"))
    bench.pass_time(3)
    assert bench.counts == {"a": 1, "b": 1, "c": 1}


def test_leaves_out_records_that_are_behind_the_position(bench: Bench) -> None:
    for name in "abc":
        bench.log.append(Thing(name=name))
    bench.steps(2)
    bench.source.stray.append(bench.log.records[ONE][1])
    bench.log.append(Thing(name="d"))
    bench.pass_time(1)
    assert bench.counts == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert bench.metric("dropped_records_total") >= 1


def test_records_that_the_client_has_skipped_are_read_all_the_same(bench: Bench) -> None:
    for name in ("a", "b", "c", "d"):
        bench.log.append(Thing(name=name))
    bench.steps()
    bench.source.stray += bench.log.records[ONE][2:]
    bench.pass_time(5)
    for name in ("e", "f", "g"):
        bench.log.append(Thing(name=name))
    bench.source.stray += bench.log.records[ONE][6:]
    bench.pass_time(5)
    assert bench.counts == dict.fromkeys("abcdefg", 1)
    assert bench.runtime._assignment.owned[ONE].position == 7
