"""Two members that hold the same partitions, or copies of the same events, wait for one another in one order.

PostgreSQL locks row by row. Each test holds the first row in that order, lets a member come whose rows are given in
another one, and sees that it waits there, with no other row locked: whoever comes next cannot wait for it in a circle.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from hangarstack.consumers.runtime import offsets
from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.offsets import Move, OffsetKey
from hangarstack.consumers.runtime.service import Received
from hangarstack.settings import Settings
from tests.support.consumer_runs import wait_until
from tests.support.consumers import OWNER, Thing
from tests.support.stores import Opened

NOW = 1_800_000_000.0
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def engine(postgres_settings: Settings, opened: Opened) -> Engine:
    return opened(postgres_settings, OWNER)


def move(partition: int) -> Move:
    return Move(key=OffsetKey("cluster", "topic", partition), expected=0, next_offset=1, dead_in_row=0)


def received(number: int) -> Received:
    return Received(Thing(name="a", event_id=uuid.UUID(int=number)), "topic", 0, number, -1)


def assert_order(engine: Engine, act: Callable[[Connection, list[int]], None]) -> None:
    """Assert that whoever acts on 1 and 0 waits for 0 before it holds 1."""

    def come() -> None:
        with engine.connect() as member:
            act(member, [1, 0])

    with engine.connect() as first, ThreadPoolExecutor(1) as pool:
        act(first, [0])
        coming = pool.submit(come)
        wait_until(lambda: _waiting(engine) == 1, "it waits")
        with engine.connect() as second:
            second.execute(text("SET LOCAL lock_timeout = 500"))
            act(second, [1])
        first.rollback()
        coming.result(10)


def _waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(WAITING).scalar_one())


def test_members_that_move_the_same_positions_wait_in_one_order(engine: Engine) -> None:
    with engine.begin() as tx:
        offsets.begin(tx, [(move(partition).key, "topic", 0) for partition in (0, 1)])
    assert_order(engine, lambda tx, partitions: offsets.advance(tx, list(map(move, partitions))))


def test_members_that_claim_the_same_events_wait_in_one_order(engine: Engine) -> None:
    seen = SeenEvents(86_400)

    def claim(tx: Connection, numbers: list[int]) -> None:
        seen.claim(tx, list(map(received, numbers)), NOW)

    assert_order(engine, claim)
