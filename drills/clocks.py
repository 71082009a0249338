"""The drill on clocks that are set while events flow."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Final

from drills.account import Books
from drills.members import Member, new_name, running
from drills.publisher import Publisher
from drills.row import Row
from drills.stage import Stage

_SCRIPT: Final = str(Path(__file__).with_name("shifted.py"))
_FURTHEST_S: Final = 3 * 3600
"""Well within the window in which an event is recognised."""


def stepped(stage: Stage, *, events: int, steps: int, pause_s: float) -> Row:
    """The clocks of producer and consumers are set forward and back, each for itself.

    Args:
        stage: where.
        events: how many flow, for as long as there are steps.
        steps: how often a clock is set.
        pause_s: seconds between two steps.
    """
    books = Books(stage, "clocks set forward and back", f"{steps} steps of up to 3 h, {events:,} events")
    choose = random.Random(stage.seed)
    clocks = [stage.settings.home / f"clock-{number}" for number in range(3)]
    for clock in clocks:
        clock.write_text("0")
    name = new_name()
    members = (Member(stage, name, prefix=(_SCRIPT, str(clock))) for clock in clocks[:2])
    with running(*members):
        producer = (_SCRIPT, str(clocks[2]))
        traffic = Publisher(stage, events=events, per_second=events / (steps * pause_s), prefix=producer)
        for step in range(steps):
            stage.tell("setting clocks", step / steps)
            time.sleep(pause_s)
            _set(clocks[step % 3], choose.uniform(-_FURTHEST_S, _FURTHEST_S))
        traffic.join()
        books.settle([traffic], within_s=60)
    return books.close([traffic])


def _set(clock: Path, shift_s: float) -> None:
    fresh = clock.with_suffix(".new")
    fresh.write_text(str(shift_s))
    fresh.replace(clock)


__all__ = ["stepped"]
