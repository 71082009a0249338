from __future__ import annotations

from sqlalchemy import select, update

from hangarstack.consumers.runtime import written
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.consumers.runtime.offsets import Move, OffsetKey
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS, SEEN_EVENTS, WRITTEN_LETTERS
from tests.support.consumer_fakes import START, TOPIC, Bench, FakeRecord
from tests.support.consumers import GARBAGE, POISON, UNKNOWN_SCHEMA, Thing
from tests.unit.consumers.runtime.conftest import Member

ONE = (TOPIC, 0)


def go_back(bench: Bench) -> None:
    """Put the position back to the beginning, as the swap of a rebuild may, and forget what was seen."""
    with bench.engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).values(next_offset=0))
        tx.execute(SEEN_EVENTS.delete())


def test_letters_of_records_that_are_read_again_because_the_position_went_back_are_not_written_again(
    bench: Bench,
) -> None:
    for value in (GARBAGE, Thing(name="a"), Thing(name=POISON), Thing(name="b")):
        bench.log.append(value)
    bench.pass_time(10)
    go_back(bench)
    bench.pass_time(10)
    assert bench.counts == {"a": 2, "b": 2}
    assert bench.totals == (4, 4)
    assert [letter.offset for letter in bench.letters.kept] == [0, 2]


def test_another_member_that_reads_them_again_does_not_write_them_either(bench: Bench, member: Member) -> None:
    for value in (UNKNOWN_SCHEMA, Thing(name=POISON), Thing(name="a")):
        bench.log.append(value)
    bench.pass_time(10)
    bench.source.revoke(0)
    bench.steps()
    go_back(bench)
    other = member()
    # Its letter can be replayed; counted now too it would be counted twice.
    other.decoder.schema_is_unknown = False
    other.source.assign(0)
    other.pass_time(10)
    assert other.counts == {"a": 2}
    assert other.totals == (2, 4)
    assert other.letters.kept == []


def test_the_letter_of_a_record_does_not_stand_for_another_one_that_is_at_its_offset_by_now(bench: Bench) -> None:
    for value in (GARBAGE, GARBAGE, Thing(name="a")):
        bench.log.append(value)
    bench.pass_time(10)
    bench.log.cut_back(0)
    bench.log.append(Thing(name="new"), written=START + 5)
    bench.log.append(GARBAGE, written=START + 5)
    for _ in range(2):
        go_back(bench)
        bench.pass_time(10)
    assert bench.counts == {"a": 1, "new": 2}
    assert [(one.offset, one.record.timestamp()[1]) for one in bench.letters.kept] == [
        (0, START * 1000),
        (1, START * 1000),
        (1, START * 1000 + 5000),
    ]


def test_letters_of_records_that_are_passed_are_not_kept_in_memory(bench: Bench) -> None:
    bench.service.outages = 1
    for value in (GARBAGE, Thing(name="a"), GARBAGE):
        bench.log.append(value)
    bench.steps()
    assert set(bench.runtime._assignment.owned[ONE].lettered) == {0, 2}
    bench.pass_time(10)
    assert bench.handled == 3
    assert bench.runtime._assignment.owned[ONE].lettered == {}


def test_letters_of_records_far_behind_are_forgotten(bench: Bench) -> None:
    key = OffsetKey("cluster", "first-topic", 0)

    def died(offset: int) -> None:
        move = Move(key=key, expected=0, next_offset=offset + 1, dead_in_row=1)
        with bench.engine.begin() as tx:
            written.note(tx, [_letter(offset)], {ONE: move})

    for offset in (3, 4, 5_000_004):
        died(offset)
    with bench.engine.connect() as connection:
        assert list(connection.execute(select(WRITTEN_LETTERS.c.record_offset)).scalars()) == [4, 5_000_004]


def _letter(offset: int) -> DeadLetter:
    record = FakeRecord(topic_=TOPIC, partition_=0, offset_=offset, value_=b"")
    return dead_letter(record, ValueError("indigestible"), attempts=1, first_seen=0.0)
