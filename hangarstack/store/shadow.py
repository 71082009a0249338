"""A second set of an owner's tables, filled beside the first one and then put in its place in one transaction."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, inspect, text

from hangarstack.errors import AlreadyRunningError
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store, schema_name, sqlite_file
from hangarstack.store.failures import translated
from hangarstack.store.migrations import migrate

_MIGRATED_ALONE: Final = "alembic_version"


@contextmanager
def shadow_of(settings: Settings, owner: str) -> Iterator[Engine]:
    """Make an owner's shadow, empty and at the newest revision, and yield its engine; it is gone afterwards.

    What an earlier process left of a shadow is discarded.

    Raises:
        AlreadyRunningError: another process fills this shadow.
        StoreError: the shadow cannot be made.
    """
    with ExitStack() as stack:
        stack.enter_context(_alone(settings, owner))
        _discard(settings, owner)
        stack.callback(_discard, settings, owner)
        migrate(settings, [owner], shadow=True)
        engine = open_store(settings, owner, shadow=True)
        stack.callback(engine.dispose)
        yield engine


def swap(
    settings: Settings, owner: str, *, fence: str, keep: frozenset[str], check: Callable[[Connection, Connection], None]
) -> None:
    """Put the rows of the shadow in the place of the owner's rows, in one transaction; blocks for as long.

    Readers see the old rows until it commits and the new ones after. Writers wait: on SQLite those of the whole
    file, on PostgreSQL those that write to ``fence`` first, as every transaction of theirs must. The tables are not
    replaced but their rows, so that grants, prepared statements and open connections stay good.

    Args:
        settings: where the stores are.
        owner: whose; the caller is within ``shadow_of``.
        fence: the table that each of the owner's writers writes to before any other.
        keep: tables whose rows stay as they are.
        check: called with the writers kept out, on connections to the owner's tables and to the shadow; raises
            if the rows must stay.

    Raises:
        StoreUnavailableError: a writer did not let go in time, or the disk is full; nothing has changed.
    """
    engine, shadow = open_store(settings, owner, patient=True), open_store(settings, owner, shadow=True)
    other = schema_name(owner, shadow=True)
    if engine.dialect.name == "sqlite":
        _attach(engine, sqlite_file(settings, owner, shadow=True), other)
    try:
        with translated(engine):
            tables = _columns(shadow, other, keep | {_MIGRATED_ALONE})
            with engine.begin() as tx:
                if engine.dialect.name == "postgresql":
                    tx.execute(text(f"LOCK TABLE {_quoted(tx, fence)} IN EXCLUSIVE MODE"))
                with shadow.connect() as filled:
                    check(tx, filled)
                for name, columns in tables.items():
                    _replace_rows(tx, name, columns, other)
    finally:
        shadow.dispose()
        engine.dispose()


def _columns(shadow: Engine, schema: str, without: frozenset[str]) -> dict[str, list[str]]:
    inspector = inspect(shadow)
    place = schema if shadow.dialect.name == "postgresql" else None
    names = sorted(set(inspector.get_table_names(place)) - without)
    return {name: [column["name"] for column in inspector.get_columns(name, place)] for name in names}


def _replace_rows(tx: Connection, name: str, names: Sequence[str], other: str) -> None:
    columns = ", ".join(_quoted(tx, column) for column in names)
    table = _quoted(tx, name)
    tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own tables, quoted
    tx.execute(text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_quoted(tx, other)}.{table}"))  # noqa: S608 - as above


def _quoted(tx: Connection, name: str) -> str:
    return tx.dialect.identifier_preparer.quote_identifier(name)


def _attach(engine: Engine, file: Path, name: str) -> None:
    @event.listens_for(engine, "connect")
    def attach(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"ATTACH DATABASE ? AS {name}", (str(file),))


def _discard(settings: Settings, owner: str) -> None:
    if settings.database_url.reveal():
        engine = open_store(settings, owner, shadow=True)
        try:
            with translated(engine), engine.begin() as tx:
                tx.execute(text(f"DROP SCHEMA IF EXISTS {_quoted(tx, schema_name(owner, shadow=True))} CASCADE"))
        finally:
            engine.dispose()
        return
    file = sqlite_file(settings, owner, shadow=True)
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


@contextmanager
def _alone(settings: Settings, owner: str) -> Iterator[None]:
    """Hold the right to an owner's shadow for as long as the block, and at most as the process, lives."""
    with (_postgres_lock if settings.database_url.reveal() else _file_lock)(settings, owner) as taken:
        if not taken:
            raise AlreadyRunningError(
                f"another process rebuilds {owner} now", remedy="Wait for it to end, or stop it and try again"
            )
        yield


@contextmanager
def _file_lock(settings: Settings, owner: str) -> Iterator[bool]:
    file = sqlite_file(settings, owner, shadow=True).with_suffix(".lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


@contextmanager
def _postgres_lock(settings: Settings, owner: str) -> Iterator[bool]:
    engine = open_store(settings, owner)
    query = text("SELECT pg_try_advisory_lock(hashtext(current_database() || :name))")
    try:
        with translated(engine), engine.connect() as connection:
            taken: Any = connection.execute(query, {"name": f"hangarstack.rebuild.{owner}"}).scalar_one()
            # The lock is the connection's, not the transaction's; one left open would keep vacuum from its work.
            connection.commit()
            yield bool(taken)
            connection.invalidate()
    finally:
        engine.dispose()


__all__ = ["shadow_of", "swap"]
