"""The drill on the web process: killed under load, with events in its queue and in its spool."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

from drills.row import Figure, Row
from drills.stage import Tell
from drills.waiting import wait_for_thread
from hangarstack.simulate.run import Report, simulate
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load
from tests.support.platform import Up

_EVENTS: Final = ("AircraftView", "SearchQuery", "UserActivity")
_ENDED_S: Final = 120.0


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
    under_way = threading.Event()

    def heard(tally: Tally) -> None:
        if sum(tally.requests.values()) >= rate:
            under_way.set()

    visits = threading.Thread(target=lambda: reports.append(simulate(up.address, load, heard)), daemon=True)
    visits.start()
    assert under_way.wait(_ENDED_S), f"not in {_ENDED_S:g} s: visits are under way"
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
    wait_for_thread(visits, "the visits end and what they did is counted", load.duration_s + _ENDED_S)
    [report] = reports
    accepted, counted = report.tally.accepted, report.counted
    misfits = [f"{name}: {accepted[name]} accepted, {counted[name]} counted" for name in _EVENTS]
    return Row(
        drill="the web process killed",
        size=f"{kills} times SIGKILL while the broker hangs, {rate} steps/s",
        seed=seed,
        accepted=sum(accepted[name] for name in _EVENTS),
        counted=sum(counted[name] for name in _EVENTS),
        dead=report.dead_letters,
        spooled=0,
        misfits=tuple(line for line, name in zip(misfits, _EVENTS, strict=True) if accepted[name] != counted[name]),
        seconds=time.monotonic() - began,
        figures=(Figure(name="without an answer", value=report.tally.unanswered, unit="requests", bar=0),),
    )


__all__ = ["killed"]
