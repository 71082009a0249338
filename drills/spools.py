"""The drill on the spool's rates: publishing goes on without a broker, and what waits drains when it is back."""

from __future__ import annotations

import time

from drills.account import Books
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.traffic import Published, Traffic
from drills.waiting import wait_until
from hangarstack.broker.embedded.kafka import EmbeddedKafka

_DRAIN_BAR_PER_S = 20_000
_DRAINED_S = 240.0


def drained(stage: Stage, kafka: EmbeddedKafka, *, away_s: float, per_second: float) -> Row:
    """Events are published at a steady rate while the broker is gone; then it comes back and the spool drains.

    Args:
        stage: on that broker.
        kafka: the broker.
        away_s: for so long.
        per_second: events a second.
    """
    books = Books(stage, "the spool drains", f"broker gone for {away_s:g} s, {per_second:g} events/s")
    with Traffic(stage, events=int(away_s * per_second), per_second=per_second) as traffic:
        wait_until(lambda: traffic.accepted.total() > 0, "events flow", 10)
        kafka.kill()
        began = time.monotonic()
        before = traffic.accepted.total()
        traffic.join()
        rate = (traffic.accepted.total() - before) / (time.monotonic() - began)
        waiting = traffic.spooled
        kafka.start()
        wait_until(lambda: traffic.spooled < waiting, "the broker takes events again", 30)
        drain = drain_rate(traffic, within_s=_DRAINED_S)
        name = new_name()
        with running(Member(stage, name), Member(stage, name)):
            books.settle([traffic], within_s=240)
        figures = [
            Figure(name="published meanwhile", value=rate, unit="events/s", bar=0.98 * per_second, at_least=True),
            Figure(name="slowest publish", value=1000 * traffic.slowest_s, unit="ms"),
            Figure(name="drained", value=drain, unit="records/s", bar=_DRAIN_BAR_PER_S, at_least=True),
        ]
        return books.close([traffic], figures=figures)


def drain_rate(traffic: Published, *, within_s: float) -> float:
    """Wait until the spool is empty and return how many records a second left it; fails when it does not empty."""
    waiting = traffic.spooled
    return waiting / wait_until(lambda: not traffic.spooled, "the spool is empty", within_s)


__all__ = ["drain_rate", "drained"]
