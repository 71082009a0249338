"""The drill on the web process: killed under load, with events in its queue and in its spool."""

from __future__ import annotations

import os
import signal
import time
from typing import Final

from sqlalchemy import Table, func, select

from drills.row import Figure, Row
from drills.stage import Tell
from drills.waiting import Work, wait_until
from hangarstack.catalogue.tables import saved_edits
from hangarstack.producers.outbox import OUTBOX
from hangarstack.settings import load
from hangarstack.simulate.plan import Kind
from hangarstack.simulate.run import Report, simulate
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load
from hangarstack.store.engine import open_store
from tests.support.platform import Up

_EVENTS: Final = ("AircraftView", "SearchQuery", "UserActivity", "DataUpdate")
_ONE_EACH: Final = {"AircraftView": Kind.VIEW, "SearchQuery": Kind.SEARCH}
"""Events of which each request of a kind makes one."""
_ENDED_S: Final = 120.0
_RELAYED_S: Final = 30.0


def killed(up: Up, *, seed: int, tell: Tell, kills: int, pause_s: float, rate: int) -> Row:
    """SIGKILL of the web process while visitors are there and Kafka hangs, so that what they did waits in its spool.

    Args:
        up: the platform, running.
        seed: of the visitors.
        tell: shows progress.
        kills: how often.
        pause_s: seconds between two.
        rate: visitors' steps a second.
    """
    began = time.monotonic()
    load = Load(visitors=10, rate=rate, duration_s=kills * (2 * pause_s + 2), seed=seed)
    reports: list[Report] = []
    requests = [0]

    def heard(tally: Tally) -> None:
        requests[0] = tally.requests.total()

    def under_way() -> bool:
        visits.check()
        return requests[0] >= rate

    visits = Work(lambda: reports.append(simulate(up.address, load, heard)), "visits")
    visits.start()
    wait_until(under_way, "visits are under way", _ENDED_S)
    for kill in range(kills):
        tell("killing the web process", kill / kills)
        children = up.children()
        seen = len(up.output())
        os.kill(children["kafka"], signal.SIGSTOP)
        try:
            time.sleep(pause_s)
            os.kill(children["web"], signal.SIGKILL)
            up.wait_for_line("web is ready again", within_s=30, after=seen)
        finally:
            os.kill(children["kafka"], signal.SIGCONT)
        time.sleep(pause_s)
    visits.wait("the visits end and what they did is counted", load.duration_s + _ENDED_S)
    [report] = reports
    accepted, counted = report.tally.accepted, report.counted
    edited = _edited(up)
    return Row(
        drill="the web process killed",
        size=f"{kills} times SIGKILL while the broker hangs, {rate} steps/s",
        seed=seed,
        accepted=sum(accepted[name] for name in _EVENTS),
        counted=sum(counted[name] for name in _EVENTS),
        dead=report.dead_letters,
        spooled=0,
        misfits=tuple(misfits(report, edited)),
        seconds=time.monotonic() - began,
        figures=(
            Figure(name="without an answer", value=report.tally.unanswered, unit="requests", bar=0),
            Figure(name="edited", value=edited, unit="times", bar=1, at_least=True),
        ),
    )


def _edited(up: Up) -> int:
    """Return how many edits the catalogue has, once none of them waits in the outbox; fails when one stays there."""
    engine = open_store(load(up.environment()), "catalogue")

    def rows(table: Table) -> int:
        with engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    try:
        wait_until(lambda: not rows(OUTBOX), "no edit waits in the outbox", _RELAYED_S)
        return rows(saved_edits)
    finally:
        engine.dispose()


def misfits(report: Report, edited: int) -> list[str]:
    """Return what does not add up, in sentences.

    Args:
        report: what the visitors did, and what was counted of it.
        edited: how many of their edits the catalogue has.
    """
    asked, accepted, counted = report.tally.requests, report.tally.accepted, report.counted
    found = [
        f"{name}: {accepted[name]} accepted, {counted[name]} counted"
        for name in _EVENTS
        if accepted[name] != counted[name]
    ]
    # A page is served though its event is refused.
    found += [
        f"{name}: {asked[kind.value]} requests, {accepted[name]} accepted"
        for name, kind in _ONE_EACH.items()
        if accepted[name] != asked[kind.value]
    ]
    if edited != accepted["DataUpdate"]:
        found.append(f"DataUpdate: {edited} edited, {accepted['DataUpdate']} accepted")
    return found


__all__ = ["killed", "misfits"]
