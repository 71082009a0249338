"""Drills on what the processes stand on: the database, the registry, the disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from drills.account import Books, views
from drills.disk import full
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.traffic import Traffic
from drills.waiting import wait_until
from tests.support.registry import RegistryProcess


def database_away(stage: Stage, *, away_s: float, per_second: float) -> Row:
    """The database is gone while events flow: a SQLite file is locked, PostgreSQL ends connections and takes none.

    Args:
        stage: where.
        away_s: for so long.
        per_second: events a second.
    """
    url = stage.settings.database_url.reveal()
    what, away = ("gone", _refusing(url)) if url else ("locked", stage.engine.begin())
    books = Books(stage, f"the database {what}", f"for {away_s:g} s, {per_second:g} events/s")
    name = new_name()
    with running(Member(stage, name), Member(stage, name)) as members:
        with Traffic(stage, per_second=per_second) as traffic:
            wait_until(lambda: bool(views(stage)), "events are counted", 20)
            stage.tell(f"the database is {what}", 0.2)
            with away:
                time.sleep(away_s)
            time.sleep(1)
            held = sum(member.metric("holds_total", why="outage") for member in members)
            traffic.stop()
            books.settle([traffic], within_s=60)
        figure = Figure(name="partitions held", value=held, unit="times", bar=1, at_least=True)
        return books.close([traffic], figures=[figure])


@contextmanager
def _refusing(url: str) -> Iterator[None]:
    """Let a database end its connections and take none for as long as the block lasts."""
    parsed = make_url(url)
    name = sql.Identifier(str(parsed.database))
    drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    others = parsed.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(others, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        admin.execute(drop, [str(parsed.database)])
        try:
            yield
        finally:
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def registry_gone(stage: Stage, registry: RegistryProcess, *, events: int, per_second: float) -> Row:
    """The registry dies once all have started, and stays away; one more member starts without it.

    Args:
        stage: where.
        registry: the one of the stage.
        events: how many flow.
        per_second: events a second.
    """
    books = Books(stage, "the registry gone", f"for the whole run after the start, {events:,} events")
    name = new_name()
    with running(Member(stage, name), Member(stage, name)) as members:
        with Traffic(stage, events=events, per_second=per_second) as traffic:
            wait_until(lambda: bool(views(stage)), "events are counted", 20)
            registry.end(9)
            stage.tell("the registry is gone", 0.2)
            members[0].kill()
            members[0] = Member(stage, name)
            members[0].wait_ready()
            traffic.join()
            books.settle([traffic], within_s=60)
        return books.close([traffic])


def disk_full(stage: Stage, *, mounted: bool, full_s: float, per_second: float) -> Row:
    """The disk of HOME, with spools, stores and logs on it, is full for a while.

    Args:
        stage: its HOME is where ``small_disk`` was asked for, and its spool small.
        mounted: what ``small_disk`` answered.
        full_s: for so long.
        per_second: events a second.
    """
    how = "a small file system" if mounted else "no file may grow"
    books = Books(stage, "the disk full", f"{how}, for {full_s:g} s, {per_second:g} events/s")
    name = new_name()
    with running(Member(stage, name), Member(stage, name)) as members:
        with Traffic(stage, per_second=per_second) as traffic:
            wait_until(lambda: bool(views(stage)), "events are counted", 20)
            assert traffic.refused == 0, "events are refused though there is room"
            stage.tell("the disk is full", 0.2)
            with full(stage.settings.home, mounted, [member.process.pid for member in members]):
                time.sleep(full_s)
            refused = traffic.refused
            wait_until(lambda: _calm(traffic), "a second without a refusal, now that there is room", 30)
            held = sum(member.metric("holds_total", why="outage") for member in members)
            traffic.stop()
            books.settle([traffic], within_s=60)
            assert traffic.producer.status()["problems"] == []
        figures = [
            Figure(name="refused", value=refused, unit="publishes", bar=1, at_least=True),
            Figure(name="partitions held", value=held, unit="times", bar=1, at_least=True),
        ]
        return books.close([traffic], refusing=True, figures=figures)


def _calm(traffic: Traffic) -> bool:
    before = traffic.refused
    time.sleep(1)
    return traffic.refused == before


__all__ = ["database_away", "disk_full", "registry_gone"]
