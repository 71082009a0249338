"""The drill on memory: a consumer that has read millions of events is no larger than one that has read a few."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

import psutil

from drills.account import Books, positions
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.traffic import Traffic
from drills.waiting import wait_until

_BAR_MB: Final = 20.0
_WARM: Final = 0.1
"""Caches are full after this share of the events."""
_MB: Final = 1024 * 1024
_DELIVERED_S: Final = 600.0
"""The publisher leaves the sender little of a slow machine; how fast a spool drains is for another drill to say."""
_READ_S: Final = 1_800.0
_SPOOL_BYTES: Final = 1024 * _MB
"""The broker may be slower than this publisher for a while."""


def flat(stage: Stage, *, events: int, per_second: float) -> Row:
    """One member reads a backlog, so that its queues are full all the time, and its memory is looked at.

    Args:
        stage: where.
        events: how many.
        per_second: how many are published a second, before the member starts.
    """
    books = Books(stage, "a consumer's memory", f"a backlog of {events:,} events, one member")
    sizes: list[float] = []
    roomy = replace(stage, settings=replace(stage.settings, spool_bytes=_SPOOL_BYTES))
    with Traffic(roomy, events=events, per_second=per_second) as traffic:
        traffic.join()
        wait_until(lambda: not traffic.spooled, "all is delivered", _DELIVERED_S)
        with running(Member(stage, new_name())) as members:
            process = psutil.Process(members[0].process.pid)
            began = time.monotonic()
            while (handled := sum(positions(stage).values())) < traffic.records:
                late = f"not in {_READ_S:g} s: {traffic.records:,} records are read; {handled:,} are"
                assert time.monotonic() - began < _READ_S, late
                stage.tell("reading", handled / traffic.records)
                if handled > _WARM * traffic.records:
                    sizes.append(process.memory_info().rss / _MB)
                time.sleep(0.5)
            rate = traffic.records / (time.monotonic() - began)
            books.settle([traffic], within_s=120)
        furthest = max(abs(each - sizes[0]) for each in sizes)
        figures = [
            Figure(name="after a tenth", value=sizes[0], unit="MB"),
            Figure(name="furthest from that", value=furthest, unit="MB", bar=_BAR_MB),
            Figure(name="read", value=rate, unit="records/s"),
        ]
        return books.close([traffic], figures=figures)


__all__ = ["flat"]
