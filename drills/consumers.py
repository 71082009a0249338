"""Drills on members of a group: killed, frozen, overtaken."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from drills.account import Books, positions
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.stalls import Watch
from drills.traffic import Traffic

MEMBERS = 3
_PATIENCE: Final = 4
_LEFT_OPEN = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND state = 'idle in transaction' AND now() - state_change > interval '100 ms'"
)


def killed(stage: Stage, *, events: int, kills: int, pause_s: float) -> Row:
    """SIGKILL of a random member again and again; each is started again at once.

    Args:
        stage: where.
        events: how many flow.
        kills: how many.
        pause_s: seconds between two kills, on average; the events flow for as long as there are kills.
    """
    books = Books(stage, "a random consumer killed", f"{events:,} events, {kills} times SIGKILL, {MEMBERS} members")
    choose = random.Random(stage.seed)
    name = new_name()
    with running(*(Member(stage, name) for _ in range(MEMBERS))) as members:
        with Traffic(stage, events=events, per_second=events / (kills * pause_s)) as traffic:
            for _ in range(kills):
                time.sleep(choose.uniform(0.5, 1.5) * pause_s)
                index = choose.randrange(MEMBERS)
                members[index].kill()
                members[index] = Member(stage, name)
            traffic.join()
            books.settle([traffic], within_s=120)
        return books.close([traffic])


def taken_over(stage: Stage, *, kills: int, per_second: float) -> Row:
    """SIGKILL of a member, and the time until each of its partitions is read by another one.

    Args:
        stage: where.
        kills: how often.
        per_second: events a second.
    """
    books = Books(stage, "takeover", f"{kills} times SIGKILL, {per_second:g} events/s, {MEMBERS} members")
    session_s = stage.settings.session_timeout_ms / 1000
    name, took = new_name(), []
    with running(*(Member(stage, name) for _ in range(MEMBERS))) as members:
        with Traffic(stage, per_second=per_second) as traffic, Watch(lambda: positions(stage)) as watch:
            for kill in range(kills):
                stage.tell("killing", kill / kills)
                time.sleep(1)
                at = time.monotonic()
                members[kill % MEMBERS].kill()
                time.sleep(session_s + 4)
                took.append(max(watch.stalls(at, at)))
                members[kill % MEMBERS] = Member(stage, name)
                members[kill % MEMBERS].wait_ready()
            traffic.stop()
            books.settle([traffic], within_s=60)
        figure = Figure(name="taken over after at most", value=max(took), unit="s", bar=session_s + 3)
        return books.close([traffic], figures=[figure])


def frozen(stage: Stage, *, freezes: int, per_second: float) -> Row:
    """SIGSTOP of a member for longer than its session; it wakes up when others have its partitions.

    What it still has in hand must be refused. That totals are exact does not show it: what two members apply, the
    second one would know for a copy.

    Args:
        stage: where.
        freezes: how often, and up to four times as often until one has been fenced.
        per_second: events a second.
    """
    session_s = stage.settings.session_timeout_ms / 1000
    books = Books(stage, "a consumer frozen past its session", f"{freezes} times SIGSTOP, {per_second:g} events/s")
    choose = random.Random(stage.seed)
    name = new_name()
    with running(*(Member(stage, name) for _ in range(MEMBERS))) as members:
        with Traffic(stage, per_second=per_second) as traffic:
            for freeze in range(_PATIENCE * freezes):
                # One that slept with nothing in hand has nothing to be fenced for, and proves nothing.
                if freeze >= freezes and _fenced(members):
                    break
                stage.tell("freezing", min(1.0, freeze / freezes))
                time.sleep(choose.uniform(0.2, 0.6))
                member = members[choose.randrange(MEMBERS)]
                member.send(signal.SIGSTOP)
                time.sleep(session_s + 1.5)
                member.send(signal.SIGCONT)
            time.sleep(0.5)
            traffic.stop()
            books.settle([traffic], within_s=60)
        fenced = _fenced(members)
        # Nobody is killed, so their counters hold all that was ever committed.
        committed = sum(member.metric("batch_size_sum") for member in members)
        figures = [
            Figure(name="fenced", value=fenced, unit="times", bar=1, at_least=True),
            Figure(name="committed by two", value=committed - sum(positions(stage).values()), unit="records", bar=0),
        ]
        return books.close([traffic], figures=figures)


def _fenced(members: Sequence[Member]) -> float:
    return sum(member.metric("holds_total", why="fenced") for member in members)


def frozen_in_transaction(stage: Stage, *, freezes: int, per_second: float) -> Row:
    """SIGSTOP of a member in the middle of a transaction: it keeps its locks until the database ends its session.

    Args:
        stage: where, on PostgreSQL: with SQLite nobody can end what a frozen process has begun.
        freezes: how often.
        per_second: events a second.
    """
    session_s = stage.settings.session_timeout_ms / 1000
    size = f"{freezes} times SIGSTOP, {per_second:g} events/s, {MEMBERS} members"
    books = Books(stage, "a consumer frozen in the middle of a transaction", size)
    choose = random.Random(stage.seed)
    name, took = new_name(), []
    with running(*(Member(stage, name) for _ in range(MEMBERS))) as members:
        with Traffic(stage, per_second=per_second) as traffic, Watch(lambda: positions(stage)) as watch:
            for freeze in range(freezes):
                stage.tell("freezing", freeze / freezes)
                member = members[choose.randrange(MEMBERS)]
                at = _freeze_in_transaction(stage, member, choose)
                time.sleep(session_s + 4)
                took.append(max(watch.stalls(at, at)))
                member.send(signal.SIGCONT)
                # Until the group has settled: the next stand-still is to be that of the next freeze alone.
                time.sleep(3)
                member.wait_ready()
            traffic.stop()
            books.settle([traffic], within_s=60)
        figure = Figure(name="taken over after at most", value=max(took), unit="s", bar=session_s + 3)
        return books.close([traffic], figures=[figure])


def _freeze_in_transaction(stage: Stage, member: Member, choose: random.Random) -> float:
    """Freeze the member, again and again until a transaction is open meanwhile; return when it was."""
    until = time.monotonic() + 60
    while True:
        at = time.monotonic()
        member.send(signal.SIGSTOP)
        time.sleep(0.15)
        with stage.engine.connect() as connection:
            if connection.execute(_LEFT_OPEN).scalar_one():
                return at
        member.send(signal.SIGCONT)
        assert at < until, "the member was never frozen within a transaction"
        time.sleep(choose.uniform(0.05, 0.2))


def overtaken(stage: Stage, *, events: int, per_second: float) -> Row:
    """Two members that both believe that every partition is theirs, on one store: each step of one fences the other.

    They are of different groups, so that Kafka gives all partitions to each for as long as the drill lasts.

    Args:
        stage: where.
        events: how many flow.
        per_second: events a second.
    """
    books = Books(stage, "two owners of every partition", f"{events:,} events")
    with running(Member(stage, new_name()), Member(stage, new_name())) as members:
        with Traffic(stage, events=events, per_second=per_second) as traffic:
            traffic.join()
            books.settle([traffic], within_s=60)
        fenced = sum(member.metric("holds_total", why="fenced") for member in members)
        return books.close([traffic], figures=[Figure(name="fenced", value=fenced, unit="times", bar=1, at_least=True)])


__all__ = ["frozen", "frozen_in_transaction", "killed", "overtaken", "taken_over"]
