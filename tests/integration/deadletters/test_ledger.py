from __future__ import annotations

import pytest
from sqlalchemy import Engine

from hangarstack.deadletters.lease import LASTS_S, Lease
from hangarstack.deadletters.ledger import Actor, Fate, Ledger
from hangarstack.deadletters.ports import LogKey
from hangarstack.errors import RepairBusyError
from hangarstack.settings import Settings
from tests.support.stores import Opened

KEY = LogKey("cluster", "topic", 0)


class Clock:
    """Goes on when told to."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(store_settings: Settings, opened: Opened) -> Engine:
    return opened(store_settings, "dead_letters")


def test_repairs_and_fates_are_kept_and_the_first_fate_of_a_letter_stands(engine: Engine) -> None:
    clock = Clock()
    ledger = Ledger(engine, clock)
    first = ledger.begin("drop", Actor(name="ada", via="cli"), "{}", dry_run=False)
    ledger.note(first, {(KEY, 1): Fate.DROPPED, (KEY, 2): Fate.DROPPED}, failed=1, dry_run=False)
    clock.now += 1.5
    ledger.end(first)
    second = ledger.begin("replay", Actor(name="bob", via="web"), "{}", dry_run=False)
    ledger.note(
        second, {(KEY, 2): Fate.REPLAYED, (KEY._replace(partition=1), 9): Fate.QUARANTINED}, failed=0, dry_run=False
    )
    latest, earlier = ledger.repairs(5)
    assert (latest.id, latest.actor.name, latest.ended, latest.matched) == (second, "bob", None, 2)
    assert latest.fates == {Fate.REPLAYED: 1, Fate.QUARANTINED: 1, Fate.DROPPED: 0}
    assert (earlier.ended, earlier.matched, earlier.failed) == (earlier.begun + 1.5, 3, 1)
    assert ledger.repair(first) == earlier
    assert ledger.repair(99) is None
    assert ledger.fates(KEY, 0) == {1: (Fate.DROPPED, first), 2: (Fate.DROPPED, first)}
    assert ledger.fates(KEY, 2).keys() == {2}
    assert ledger.fates(KEY._replace(topic_id="made anew"), 0) == {}
    ledger.forget(KEY, 2)
    assert ledger.fates(KEY, 0).keys() == {2}
    ledger.forget(KEY, 10)
    assert ledger.fates(KEY._replace(partition=1), 0) == {9: (Fate.QUARANTINED, second)}


def test_a_repair_keeps_others_out_until_it_ends(engine: Engine) -> None:
    clock = Clock()
    with Lease(engine, "ada", clock) as held:
        with pytest.raises(RepairBusyError, match="ada is replaying"), Lease(engine, "bob", clock):
            pass
        clock.now += LASTS_S - 1
        held.keep()
        clock.now += LASTS_S - 1
        with pytest.raises(RepairBusyError), Lease(engine, "ada", clock):
            pass
    with Lease(engine, "bob", clock):
        pass


def test_a_killed_repair_keeps_others_out_for_a_while_and_cannot_go_on_afterwards(engine: Engine) -> None:
    clock = Clock()
    killed = Lease(engine, "ada", clock)
    killed.__enter__()
    clock.now += LASTS_S + 1
    with Lease(engine, "bob", clock), pytest.raises(RepairBusyError, match="slept for too long"):
        killed.keep()
    # Not after bob has ended either: what ada has read is not true any more.
    with pytest.raises(RepairBusyError, match="slept for too long"):
        killed.renew()


def test_a_repair_that_slept_while_nobody_else_repaired_goes_on(engine: Engine) -> None:
    clock = Clock()
    with Lease(engine, "ada", clock) as held:
        clock.now += 10 * LASTS_S
        held.keep()
        with pytest.raises(RepairBusyError, match="ada is replaying"), Lease(engine, "bob", clock):
            pass


def test_a_repair_that_was_overtaken_does_not_give_back_what_is_another_ones(engine: Engine) -> None:
    clock = Clock()
    with Lease(engine, "ada", clock):
        clock.now += LASTS_S + 1
        Lease(engine, "bob", clock).__enter__()
    with pytest.raises(RepairBusyError, match="bob"):
        Lease(engine, "carol", clock).__enter__()
