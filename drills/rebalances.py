"""The drill on rebalances: members that come and go, gracefully, all the time."""

from __future__ import annotations

import time

from drills.account import Books, positions
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.stalls import Watch, percentile
from drills.traffic import Traffic

_STALL_BAR_S = 3.0
_DRAIN_BAR_S = 5.0


def rebalanced(stage: Stage, *, rebalances: int, every_s: float, per_second: float) -> Row:
    """A third member joins and leaves in turn beside two that stay.

    Args:
        stage: where.
        rebalances: how many joins and leaves together.
        every_s: seconds between two.
        per_second: events a second; so many that each partition has some all the time.
    """
    books = Books(
        stage, "a rebalance again and again", f"{rebalances} times every {every_s:g} s, {per_second:g} events/s"
    )
    name = new_name()
    stalls: list[float] = []
    drains: list[float] = []
    with running(Member(stage, name), Member(stage, name)) as members:
        with Traffic(stage, per_second=per_second) as traffic, Watch(lambda: positions(stage)) as watch:
            time.sleep(1)
            for turn in range(rebalances):
                stage.tell("members come and go", turn / rebalances)
                began = time.monotonic()
                if len(members) == 2:
                    # Joins when it is up; nobody waits for that.
                    members.append(Member(stage, name))
                else:
                    # The oldest, so that each kind of handing over is met.
                    drains.append(members.pop(0).stop())
                time.sleep(max(0.0, began + every_s - time.monotonic()))
                stalls += watch.stalls(began, time.monotonic())
            time.sleep(1)
            traffic.stop()
            books.settle([traffic], within_s=60)
        figures = [
            Figure(name="partition stalled, p99", value=percentile(stalls, 0.99), unit="s", bar=_STALL_BAR_S),
            Figure(name="SIGTERM to exit, at most", value=max(drains), unit="s", bar=_DRAIN_BAR_S),
        ]
        return books.close([traffic], figures=figures)


__all__ = ["rebalanced"]
