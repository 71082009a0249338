"""The drill on a new schema version that is deployed while events flow, in either order."""

from __future__ import annotations

import time
from typing import Literal

from drills.account import Books
from drills.members import Member, new_name, running
from drills.row import Row
from drills.service import release
from drills.stage import Stage, on_topic
from drills.traffic import Traffic

Order = Literal["producers first", "consumers first"]


def deployed(stage: Stage, *, order: Order, old: int, phase_s: float, per_second: float) -> Row:
    """Half of the platform runs a release with the next version of the schema for a while, then all of it does.

    Args:
        stage: where only the versions up to ``old`` are registered.
        order: who gets the new release first.
        old: the version that all begin with.
        phase_s: seconds of each of the three phases.
        per_second: events a second.
    """
    books = Books(stage, f"schema version {old + 1}, {order}", f"3 times {phase_s:g} s, {per_second:g} events/s")
    name = new_name()
    traffic: list[Traffic] = []

    def publish(version: int, phases: int) -> None:
        with release(stage.settings, version) as codec:
            own = on_topic(codec, stage.topic)
            with Traffic(stage, events=int(phases * phase_s * per_second), per_second=per_second, codec=own) as flowing:
                traffic.append(flowing)
                if phases == 2 and (version == old) == (order == "consumers first"):
                    time.sleep(phase_s)
                    _deploy(stage, members, name, old + 1)
                flowing.join()

    with running(Member(stage, name, old), Member(stage, name, old)) as members:
        before, after = (1, 2) if order == "producers first" else (2, 1)
        publish(old, before)
        stage.register(old + 1)
        publish(old + 1, after)
        books.settle(traffic, within_s=60)
    return books.close(traffic)


def _deploy(stage: Stage, members: list[Member], name: str, version: int) -> None:
    """Replace one member after the other."""
    for index in range(len(members)):
        members[index].stop()
        members[index] = Member(stage, name, version)
        members[index].wait_ready()


__all__ = ["Order", "deployed"]
