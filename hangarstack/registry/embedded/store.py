"""The registry's SQLite file: its tables, and transactions that several servers may run at once.

Every write is one ``BEGIN IMMEDIATE`` transaction that reads what it decides on, so two servers on one
file queue behind each other, and a killed one leaves either all of a write or nothing. The next id of a
context is a row of its own, which no deletion touches: an id is never given twice. For the same reason
only a missing file is made anew, whole: one that is there without tables lost them. One of an earlier
release gets the tables that came since.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hangarstack.errors import RegistryDamagedError, RegistryError, RegistryUnavailableError
from hangarstack.registry.embedded import refusals

_LOCK_WAIT_S: Final = 10.0
_LAYOUT: Final = 4
_DAMAGED: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

_TABLES: Final = """
CREATE TABLE ids (context TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE schemas (
    context TEXT NOT NULL, id INTEGER NOT NULL, guid TEXT NOT NULL, text TEXT NOT NULL,
    refs TEXT NOT NULL, metadata TEXT, rules TEXT, UNIQUE (context, id));
CREATE INDEX schemas_by_guid ON schemas (guid, context);
CREATE TABLE versions (
    subject TEXT NOT NULL, version INTEGER NOT NULL, context TEXT NOT NULL, id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, ts INTEGER NOT NULL, PRIMARY KEY (subject, version)) WITHOUT ROWID;
CREATE INDEX versions_by_id ON versions (context, id);
CREATE TABLE refs (
    target TEXT NOT NULL, target_version INTEGER NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (target, target_version, subject, version)) WITHOUT ROWID;
CREATE TABLE configs (scope TEXT PRIMARY KEY, config TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE modes (scope TEXT PRIMARY KEY, mode TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contexts (context TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ASSOCIATIONS: Final = """
CREATE TABLE associations (
    resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, type TEXT NOT NULL,
    resource_name TEXT NOT NULL, resource_namespace TEXT NOT NULL, subject TEXT NOT NULL, guid TEXT NOT NULL,
    lifecycle TEXT NOT NULL, frozen INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (resource_type, resource_id, type)) WITHOUT ROWID;
CREATE INDEX associations_by_name ON associations (resource_name, resource_namespace);
CREATE INDEX associations_by_subject ON associations (subject);
"""
_KEYS: Final = """
CREATE TABLE keks (
    name TEXT PRIMARY KEY, kms_type TEXT NOT NULL, kms_key_id TEXT NOT NULL, kms_props TEXT NOT NULL, doc TEXT,
    shared INTEGER NOT NULL, deleted INTEGER NOT NULL, ts INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE deks (
    kek TEXT NOT NULL, subject TEXT NOT NULL, algorithm TEXT NOT NULL, version INTEGER NOT NULL,
    material TEXT NOT NULL, deleted INTEGER NOT NULL, ts INTEGER NOT NULL,
    PRIMARY KEY (kek, subject, algorithm, version)) WITHOUT ROWID;
"""
# What changed last at each version and configuration, in order: exporters follow it. Triggers write it, so nothing that
# changes a subject can forget to. A number is not given twice, or an exporter would overlook what took it again.
_CHANGES: Final = """
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    UNIQUE (kind, name, version));
INSERT INTO changes (kind, name, version) SELECT 'version', subject, version FROM versions ORDER BY ts, id, version;
INSERT INTO changes (kind, name, version) SELECT 'config', scope, 0 FROM configs ORDER BY scope;
"""
_LOGGED: Final = {"versions": "'version', {row}.subject, {row}.version", "configs": "'config', {row}.scope, 0"}
# Not by INSERT OR REPLACE: what a statement says of conflicts holds for its triggers, too.
_TRIGGERS: Final = "".join(
    f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} BEGIN "  # noqa: S608 - fixed names
    f"DELETE FROM changes WHERE (kind, name, version) = ({what.format(row=row)}); "
    f"INSERT INTO changes (kind, name, version) VALUES ({what.format(row=row)}); END;\n"
    for table, what in _LOGGED.items()
    for event, row in {"INSERT": "new", "UPDATE": "new", "DELETE": "old"}.items()
)
_EXPORTERS: Final = """
CREATE TABLE source (id TEXT NOT NULL);
INSERT INTO source VALUES (lower(hex(randomblob(4))));
CREATE TABLE exporters (
    name TEXT PRIMARY KEY, context_type TEXT NOT NULL, context TEXT NOT NULL, subjects TEXT NOT NULL,
    rename_format TEXT NOT NULL, config TEXT NOT NULL, state TEXT NOT NULL, position INTEGER NOT NULL,
    ts INTEGER NOT NULL, trace TEXT NOT NULL, epoch TEXT NOT NULL, owner TEXT NOT NULL, leased_until INTEGER NOT NULL
    ) WITHOUT ROWID;
"""
_STEPS: Final = {1: _TABLES, 2: _ASSOCIATIONS, 3: _KEYS, 4: _CHANGES + _TRIGGERS + _EXPORTERS}
"""What makes each layout out of the one before it."""


class Store:
    """Connections to one registry file, shared by the threads of one server.

    Args:
        path: the file; it and its directory are made when missing.

    Raises:
        RegistryUnavailableError: the file cannot be opened.
        RegistryDamagedError: it is cut off, overwritten or half gone.
        RegistryError: a newer program made it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            self.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise _damaged(path, str(error)) from error
            raise RegistryUnavailableError(
                f"the registry's file cannot be opened: {error}",
                where=str(path),
                remedy="Free some disk and check its permissions",
            ) from error

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state throughout; never waits for a writer."""
        with self._connection() as connection, _transaction(connection, "BEGIN"):
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection that alone may write; commits, or rolls back on any exception.

        Blocks while another thread or process writes, at most 10 s.

        Raises:
            RefusalError: 50002 the wait was too long; 50001 the file cannot be written.
        """
        with self._connection() as connection, _transaction(connection, "BEGIN IMMEDIATE"):
            yield connection

    def close(self) -> None:
        """Close every idle connection."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._open()
        try:
            yield connection
        finally:
            if connection.in_transaction:
                # Even its rollback failed: a fresh one may fare better.
                connection.close()
            else:
                self._idle.put(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        # An answered registration survives a power cut too; registrations are rare.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -512")
        return connection

    def _prepare(self) -> None:
        # Asked for first: a server that starts beside this one makes its log after the file.
        has_log = self._path.with_name(f"{self._path.name}-wal").exists()
        if not self._path.exists():
            if has_log:
                raise _damaged(self._path, "it is gone, though its write-ahead log is there")
            _make(self._path)
        with self._connection() as connection:
            layout = connection.execute("PRAGMA user_version").fetchone()[0]
            if layout > _LAYOUT:
                raise RegistryError(
                    f"the registry's file has layout {layout}, this program knows {_LAYOUT}",
                    where=str(self._path),
                    remedy="Run the program that made it, or a newer one",
                )
            if layout == 0:
                raise _damaged(self._path, "it is empty" if self._path.stat().st_size == 0 else "it has no tables")
            _use_wal(connection)
            if layout < _LAYOUT:
                _upgrade(connection)


def _make(path: Path) -> None:
    """Put an empty registry at a path where there is none, whole or not at all; a server that is faster wins."""
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        if path.exists():
            return
        made = path.with_name(f"{path.name}.new")
        made.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as connection:
            tables = "".join(_STEPS.values())
            connection.executescript(f"BEGIN;{tables}PRAGMA user_version = {_LAYOUT};COMMIT")
        made.replace(path)
        os.fsync(directory)
    finally:
        os.close(directory)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Bring the file of an earlier release to this one's layout, whole or not at all; a faster server wins."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        for step in range(layout + 1, _LAYOUT + 1):
            # One by one: a script would be committed piece by piece.
            for statement in _STEPS[step].strip().removesuffix(";").split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _damaged(path: Path, why: str) -> RegistryDamagedError:
    return RegistryDamagedError(
        f"the registry's file is damaged: {why}",
        where=str(path),
        remedy="Put a backup of it back. Only if no topic holds events yet, move the file and its -wal and -shm away: "
        "an empty registry gives the ids of those events to other schemas",
    )


@contextlib.contextmanager
def part(db: sqlite3.Connection, *, keep: bool = True) -> Iterator[None]:
    """Make a part of a write transaction stand or fall by itself.

    Args:
        db: the connection of ``Store.write``.
        keep: whether what was written stays; a refusal undoes it in any case, and goes on to the caller.
    """
    db.execute("SAVEPOINT part")
    stays = False
    try:
        yield
        stays = keep
    finally:
        # SQLite has ended the whole transaction by itself when the disk is full.
        if db.in_transaction:
            if not stays:
                db.execute("ROLLBACK TO part")
            db.execute("RELEASE part")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    try:
        connection.execute(begin)
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        # SQLite has rolled back by itself when the disk is full.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise _refusal(error) from error
        raise


def _refusal(error: sqlite3.Error) -> refusals.RefusalError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return refusals.timed_out("The registry's file is locked by another writer")
    return refusals.store_failed(f"Error in the backend data store: {error}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; the switch alone does not honour the lock time-out."""
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
