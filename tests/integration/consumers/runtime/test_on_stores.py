"""The runtime's statements on SQLite and PostgreSQL, in the tables that the migrations have made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, insert, inspect, select, update
from sqlalchemy.exc import OperationalError

from hangarstack.consumers.runtime import offsets, totals
from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.latency import LatencyHistogram
from hangarstack.consumers.runtime.offsets import Move, OffsetKey
from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import APPLIED_EVENTS, CONSUMER_OFFSETS, EVENT_LATENCY, SEEN_EVENTS, metadata
from hangarstack.errors import FencedError
from hangarstack.settings import Settings
from hangarstack.store.engine import OWNERS, open_store
from tests.support.consumer_fakes import FakeRecord
from tests.support.consumers import Thing

KEYS = [OffsetKey("cluster", "topic", number) for number in range(3)]
NOW = 1_800_000_000.0


@pytest.fixture
def engine(store_settings: Settings) -> Iterator[Engine]:
    engine = open_store(store_settings, "journeys")
    with engine.begin() as tx:
        offsets.begin(tx, [(key, "things", 10) for key in KEYS])
    yield engine
    engine.dispose()


def received(*things: Thing) -> list[Received]:
    return [Received(thing, "things", 0, offset, -1) for offset, thing in enumerate(things)]


def move(key: OffsetKey, expected: int) -> Move:
    return Move(key=key, expected=expected, next_offset=expected + 5, dead_in_row=1)


def written(partition: int, at: float) -> FakeRecord:
    return FakeRecord(topic_="things", partition_=partition, offset_=0, value_=b"", timestamp_ms=int(at * 1000))


def seen(connection: Connection) -> int:
    return len(connection.execute(select(SEEN_EVENTS.c.event_id)).all())


@pytest.mark.parametrize("owner", [owner for owner in OWNERS if owner not in {"catalogue", "dead_letters"}])
def test_the_migrations_make_the_tables_that_the_runtime_uses(store_settings: Settings, owner: str) -> None:
    engine = open_store(store_settings, owner)
    found = inspect(engine)
    for table in metadata.tables.values():
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        assert columns.keys() == set(table.columns.keys())
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key]
        assert {n for n, column in columns.items() if not column["nullable"]} == {
            column.name for column in table.columns if not column.nullable
        }
    indexed = [index["column_names"] for index in found.get_indexes("seen_events")]
    assert ["log", "seen_s"] in indexed
    engine.dispose()


def test_offsets_advance_together(engine: Engine) -> None:
    with engine.begin() as tx:
        offsets.advance(tx, [move(key, 10) for key in KEYS])
    with engine.connect() as connection:
        stored = offsets.read(connection, KEYS)
    assert {(key.partition, place.next_offset, place.dead_in_row) for key, place in stored.items()} == {
        (0, 15, 1),
        (1, 15, 1),
        (2, 15, 1),
    }


def test_one_offset_that_was_moved_fences_the_whole_transaction(engine: Engine) -> None:
    with engine.begin() as tx:
        offsets.advance(tx, [move(KEYS[1], 10)])
    steps = {("things", key.partition): move(key, 10) for key in KEYS}
    with pytest.raises(FencedError), engine.begin() as tx:
        offsets.advance(tx, steps.values())
    with engine.connect() as connection:
        assert offsets.stale(connection, steps) == {("things", 1)}
        assert offsets.read(connection, KEYS)[KEYS[0]].next_offset == 10


@pytest.mark.parametrize("stored", [9, 11])
def test_an_offset_that_was_moved_either_way_fences(engine: Engine, stored: int) -> None:
    with engine.begin() as tx:
        tx.execute(update(CONSUMER_OFFSETS).values(next_offset=stored))
    with pytest.raises(FencedError), engine.begin() as tx:
        offsets.advance(tx, [move(KEYS[0], 10)])
    with engine.connect() as connection:
        assert offsets.read(connection, KEYS)[KEYS[0]].next_offset == stored


@pytest.mark.parametrize(
    "other", [OffsetKey("other", "topic", 0), OffsetKey("cluster", "other", 0), OffsetKey("cluster", "topic", 7)]
)
def test_a_step_moves_no_other_log_that_stands_at_the_same_offset(engine: Engine, other: OffsetKey) -> None:
    with engine.begin() as tx:
        offsets.begin(tx, [(other, "things", 10)])
        offsets.advance(tx, [move(other, 10)])
    with engine.connect() as connection:
        stored = offsets.read(connection, [*KEYS, other])
    assert {key: place.next_offset for key, place in stored.items()} == {**dict.fromkeys(KEYS, 10), other: 15}


def test_of_two_owners_that_commit_at_the_same_time_one_is_fenced(engine: Engine) -> None:
    both_started = threading.Barrier(2)

    def commit() -> bool:
        both_started.wait(5)
        try:
            with engine.begin() as tx:
                offsets.advance(tx, [move(key, 10) for key in KEYS])
        except FencedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = [future.result(10) for future in [pool.submit(commit), pool.submit(commit)]]
    assert sorted(outcomes) == [False, True]


def test_owners_that_move_the_same_offsets_in_different_orders_do_not_deadlock(engine: Engine) -> None:
    keys = [OffsetKey("cluster", "wide", number) for number in range(200)]
    with engine.begin() as tx:
        offsets.begin(tx, [(key, "wide", 10) for key in keys])
    both_started = threading.Barrier(2)

    def move_all(ordered: list[OffsetKey]) -> int:
        fenced = 0
        for round_ in range(5):
            both_started.wait(20)
            try:
                with engine.begin() as tx:
                    offsets.advance(tx, [move(key, 10 + 5 * round_) for key in ordered])
            except FencedError:
                fenced += 1
        return fenced

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(move_all, ordered) for ordered in (keys, keys[::-1])]
        assert sum(outcome.result(60) for outcome in outcomes) == 5


def test_a_position_that_exists_is_not_begun_anew(engine: Engine) -> None:
    with engine.begin() as tx:
        offsets.advance(tx, [move(KEYS[0], 10)])
        offsets.begin(tx, [(KEYS[0], "things", 0)])
        assert offsets.read(tx, [KEYS[0]])[KEYS[0]].next_offset == 15


def test_claims_each_event_once_and_keeps_the_order(engine: Engine) -> None:
    window = SeenEvents(3600)
    things = [Thing(name=str(number)) for number in range(1500)]
    with engine.begin() as tx:
        assert window.claim(tx, received(*things), NOW) == received(*things)
        assert window.claim(tx, received(), NOW) == ()
    fresh = Thing(name="fresh")
    with engine.begin() as tx:
        claimed = window.claim(tx, received(things[3], fresh, things[1499], fresh), NOW)
        assert [one.event.name for one in claimed] == ["fresh"]
        assert seen(tx) == 1501


def test_a_claim_that_was_rolled_back_is_free_again(engine: Engine) -> None:
    window = SeenEvents(3600)
    thing = Thing(name="a")
    with engine.connect() as connection:
        window.claim(connection, received(thing), NOW)
        connection.rollback()
    with engine.begin() as tx:
        assert len(window.claim(tx, received(thing), NOW)) == 1


def test_members_that_receive_copies_at_the_same_time_do_not_both_have_them(engine: Engine) -> None:
    things = [Thing(name=str(number)) for number in range(200)]
    starting = threading.Barrier(4)

    def claim(step: int) -> int:
        starting.wait(5)
        mine = 0
        for first in range(0, 200, 20):
            some = things[first : first + 20][::step]
            with engine.begin() as tx:
                mine += len(SeenEvents(3600).claim(tx, received(*some), NOW))
        return mine

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(claim, step) for step in (1, -1, 1, -1)]
        assert sum(future.result(20) for future in futures) == 200


def test_members_that_receive_copies_in_different_orders_do_not_deadlock(engine: Engine) -> None:
    both_started = threading.Barrier(2)
    rounds = [[Thing(name=str(number)) for number in range(2000)] for _ in range(5)]

    def claim(step: int) -> int:
        mine = 0
        for things in rounds:
            both_started.wait(20)
            with engine.begin() as tx:
                mine += len(SeenEvents(3600).claim(tx, received(*things[::step]), NOW))
        return mine

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(claim, step) for step in (1, -1)]
        assert sum(outcome.result(60) for outcome in outcomes) == 10_000


def test_forgets_what_is_older_than_the_window_a_little_at_a_time(engine: Engine) -> None:
    window = SeenEvents(3600)
    things = [Thing(name=str(number)) for number in range(2500)]
    with engine.begin() as tx:
        window.claim(tx, received(*things), NOW)
    left = []
    for step in range(5):
        later = NOW + 3700 + step
        with engine.begin() as tx:
            window.prune(tx, [("things", 0)], [written(0, later)], 10, later)
            left.append(seen(tx))
    assert left == [1500, 500, 0, 0, 0]


def test_a_large_batch_forgets_twice_what_it_adds(engine: Engine) -> None:
    window, later = SeenEvents(3600), NOW + 3700
    with engine.begin() as tx:
        window.claim(tx, received(*(Thing(name=str(number)) for number in range(2500))), NOW)
        window.prune(tx, [("things", 0)], [written(0, later)], 1200, later)
        assert seen(tx) == 100


def test_what_was_seen_before_logs_were_noted_is_forgotten_too(engine: Engine) -> None:
    window, later = SeenEvents(3600), NOW + 3700
    with engine.begin() as tx:
        tx.execute(insert(SEEN_EVENTS).values(event_id=Thing(name="a").event_id.bytes, log=b"", seen_s=int(NOW)))
        window.prune(tx, [("things", 0)], [written(0, NOW)], 1, later)
        assert seen(tx) == 1
        window.prune(tx, [("things", 0)], [written(0, later)], 1, later + 11)
        assert seen(tx) == 0


def test_a_partition_forgets_by_the_time_of_its_own_oldest_record(engine: Engine) -> None:
    window, later = SeenEvents(3600), NOW + 3700
    with engine.begin() as tx:
        window.claim(tx, received(Thing(name="a")), NOW)
    records = [written(0, later), written(0, later - 200), written(1, later)]
    with engine.begin() as tx:
        window.prune(tx, [("things", 0), ("things", 1)], records, 3, later)
        assert seen(tx) == 1
        window.prune(tx, [("things", 0)], [written(0, later)], 1, later + 11)
        assert seen(tx) == 0


def test_a_record_without_a_time_was_written_now(engine: Engine) -> None:
    window, later = SeenEvents(3600), NOW + 3700
    with engine.begin() as tx:
        window.claim(tx, received(Thing(name="a")), NOW)
        window.prune(tx, [("things", 0)], [written(0, -0.001)], 1, later)
        assert seen(tx) == 0


def test_trims_each_partition_to_its_window_at_once_but_what_is_kept_for_ever(engine: Engine) -> None:
    window = SeenEvents(3600)
    things = [Thing(name=str(number)) for number in range(2500)]
    with engine.begin() as tx:
        window.claim(tx, received(*things), NOW)
        window.keep(tx, [things[7].event_id.bytes, Thing(name="never seen").event_id.bytes])
        window.trim(tx, {("things", 0): NOW + 3600, ("things", 1): NOW + 9999})
        assert seen(tx) == 2500
        window.trim(tx, {("things", 0): NOW + 3601})
        assert [bytes(one) for one in tx.execute(select(SEEN_EVENTS.c.event_id)).scalars()] == [
            things[7].event_id.bytes
        ]


def test_totals_and_latencies_add_up(engine: Engine) -> None:
    latency = LatencyHistogram()
    for _ in range(2):
        latency.observe(received(Thing(name="a"), Thing(name="b")), NOW)
        with engine.begin() as tx:
            totals.count(tx, {"Thing": 2}, {"things": 1})
            latency.save(tx, NOW)
        latency.saved()
    with engine.connect() as connection:
        assert connection.execute(select(APPLIED_EVENTS)).all() == [("Thing", 4)]
        assert [(name, total) for name, _, total in connection.execute(select(EVENT_LATENCY))] == [("Thing", 4)]


def test_a_missing_table_is_an_outage_and_not_the_records_fault(engine: Engine) -> None:
    with engine.begin() as tx:
        SEEN_EVENTS.drop(tx)
    with pytest.raises(Exception, match="seen_events") as caught, engine.begin() as tx:
        SeenEvents(3600).claim(tx, received(Thing(name="a")), NOW)
    assert is_outage(caught.value)


def test_a_locked_database_is_an_outage(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("writers of different rows do not wait there")
    other = engine.connect()
    other.connection.driver_connection.execute("PRAGMA busy_timeout = 0")  # type: ignore[union-attr]  # a SQLite connection
    with engine.begin(), pytest.raises(OperationalError) as caught:
        other.exec_driver_sql("BEGIN IMMEDIATE")
    other.close()
    assert is_outage(caught.value)
