from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import OperationalError

from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS
from hangarstack.settings import Settings
from hangarstack.store.shadow import shadow_of, swap
from tests.support.stores import Opened

OWNER = "journeys"
FENCE = CONSUMER_OFFSETS.name


@pytest.fixture
def engine(store_settings: Settings, opened: Opened) -> Engine:
    """A store with one position."""
    engine = opened(store_settings, OWNER)
    with engine.begin() as tx:
        tx.execute(insert(CONSUMER_OFFSETS).values(position(7)))
    return engine


def position(offset: int) -> dict[str, str | int]:
    key: dict[str, str | int] = {"cluster_id": "c", "topic_id": "t", "partition": 0, "topic": "things"}
    return {**key, "next_offset": offset, "dead_in_row": 0}


def advance(tx: Connection, offset: int) -> None:
    tx.execute(update(CONSUMER_OFFSETS).values(next_offset=offset))


def impatient(connection: Connection) -> Connection:
    """Let a connection wait for locks for 300 ms at most."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET lock_timeout = 300")
    else:
        # Not by SQLAlchemy, which would begin a transaction and wait for the lock before it is told how long.
        connection.connection.cursor().execute("PRAGMA busy_timeout = 300")
    return connection


def stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(CONSUMER_OFFSETS.c.next_offset)).scalar_one())


def test_no_writer_gets_between_the_check_and_the_swap(store_settings: Settings, engine: Engine) -> None:
    refused: list[OperationalError] = []

    def check(_live: Connection, _shadow: Connection) -> None:
        with engine.connect() as connection, pytest.raises(OperationalError) as error:
            advance(impatient(connection), 8)
        refused.append(error.value)

    with shadow_of(store_settings, OWNER) as shadow:
        with shadow.begin() as tx:
            tx.execute(insert(CONSUMER_OFFSETS).values(position(3)))
        swap(store_settings, OWNER, fence=FENCE, keep=frozenset(), check=check)
    assert len(refused) == 1
    assert stored(engine) == 3


def test_a_swap_waits_for_the_writer_that_has_begun_and_judges_what_it_has_written(
    store_settings: Settings, engine: Engine
) -> None:
    judged: list[int] = []
    written = threading.Event()

    def check(live: Connection, _shadow: Connection) -> None:
        assert written.is_set()
        judged.append(int(live.execute(select(CONSUMER_OFFSETS.c.next_offset)).scalar_one()))

    def run_swap() -> None:
        swap(store_settings, OWNER, fence=FENCE, keep=frozenset(), check=check)

    with shadow_of(store_settings, OWNER), ThreadPoolExecutor(1) as pool:
        with engine.begin() as tx:
            advance(tx, 8)
            swapping = pool.submit(run_swap)
            with pytest.raises(TimeoutError):
                swapping.result(0.5)
            written.set()
        swapping.result(10)
    assert judged == [8]


def test_what_the_check_refuses_leaves_all_rows_as_they_were(store_settings: Settings, engine: Engine) -> None:
    def check(_live: Connection, _shadow: Connection) -> None:
        raise ValueError("no")

    with shadow_of(store_settings, OWNER), pytest.raises(ValueError, match="no"):
        swap(store_settings, OWNER, fence=FENCE, keep=frozenset(), check=check)
    assert stored(engine) == 7


def test_tables_that_are_kept_are_not_swapped(store_settings: Settings, engine: Engine) -> None:
    with shadow_of(store_settings, OWNER):
        swap(store_settings, OWNER, fence=FENCE, keep=frozenset({FENCE}), check=lambda _live, _shadow: None)
    assert stored(engine) == 7
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM applied_events")).scalar_one() == 0
