from __future__ import annotations

import pytest
from sqlalchemy import Engine, MetaData

from hangarstack.settings import Settings
from hangarstack.store.lease import Lease, lease_table
from tests.support.stores import Opened

LASTS_S = 6.0
TABLE = lease_table("some_lease", MetaData())


class Clock:
    """Goes on when told to."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(store_settings: Settings, opened: Opened) -> Engine:
    engine = opened(store_settings, "catalogue")
    TABLE.create(engine)
    return engine


@pytest.fixture
def clock() -> Clock:
    return Clock()


def claim(engine: Engine, who: str, clock: Clock) -> Lease:
    return Lease(engine, TABLE, "right", who, lasts_s=LASTS_S, clock=clock)


def is_mine(engine: Engine, lease: Lease) -> bool:
    with engine.connect() as connection:
        return lease.is_mine(connection)


def test_one_has_it_until_it_is_given_back(engine: Engine, clock: Clock) -> None:
    ada, bob = claim(engine, "ada", clock), claim(engine, "bob", clock)
    assert ada.take()
    assert not bob.take()
    assert bob.other() == ("ada", LASTS_S)
    assert (is_mine(engine, ada), is_mine(engine, bob)) == (True, False)
    ada.give_back()
    assert bob.other() == ("nobody", 0.0)
    assert bob.take()


def test_it_is_kept_for_as_long_as_its_holder_lives(engine: Engine, clock: Clock) -> None:
    ada, bob = claim(engine, "ada", clock), claim(engine, "bob", clock)
    assert ada.take()
    for _ in range(10):
        clock.now += LASTS_S / 2
        assert ada.is_due()
        assert ada.renew()
        assert not ada.is_due()
        assert not bob.take()


def test_a_holder_that_slept_too_long_has_lost_it_even_if_nobody_has_it_now(engine: Engine, clock: Clock) -> None:
    ada, bob = claim(engine, "ada", clock), claim(engine, "bob", clock)
    assert ada.take()
    clock.now += LASTS_S + 1
    assert ada.is_over()
    assert bob.take()
    assert not ada.renew()
    assert not is_mine(engine, ada)
    ada.give_back()
    assert is_mine(engine, bob)
    bob.give_back()
    assert not ada.renew()


def test_a_clock_that_is_set_back_does_not_make_a_dead_holder_immortal(engine: Engine, clock: Clock) -> None:
    ada, bob = claim(engine, "ada", clock), claim(engine, "bob", clock)
    assert ada.take()
    clock.now -= 3_600
    assert ada.is_over()
    assert bob.take()


def test_two_of_one_name_are_two_holders(engine: Engine, clock: Clock) -> None:
    assert claim(engine, "ada", clock).take()
    assert not claim(engine, "ada", clock).take()
