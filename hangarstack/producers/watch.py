"""Who relays the outbox, and when there is something to relay: one way for each database."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from psycopg import OperationalError as PostgresError
from sqlalchemy import Engine

from hangarstack.errors import StoreUnavailableError
from hangarstack.producers.outbox import CHANNEL
from hangarstack.store.failures import store_name

_SQLITE_POLL_S: Final = 0.025
_POSTGRES_WAIT_S: Final = 0.25
_POSTGRES_LOOK: Final = 8


class Stop(Protocol):
    """A request to stop; ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Tell whether it was made."""

    def wait(self, timeout: float, /) -> bool:
        """Block until it is made, at most so many seconds; tell whether it was."""


class Watch(Protocol):
    """One relay's eye on the outbox. Its lead ends with ``close``, or with the process or connection."""

    def lead(self) -> bool:
        """Become the one relay that delivers, unless another is; tell whether this one is."""

    def wait(self, stop: Stop) -> bool:
        """Block until the outbox may have changed or a moment has passed; tell whether it may have changed.

        Raises:
            StoreUnavailableError: the database is gone, and the lead with it.
        """

    def close(self) -> None:
        """Give the lead up."""


class SqliteWatch:
    """Leads by a file lock, because all who open a SQLite file share its machine; asks for the file's data version.

    Args:
        engine: the ``catalogue`` store.
        lock: the file to lock.
    """

    def __init__(self, engine: Engine, lock: Path) -> None:
        self._lock = lock
        lock.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Only what this connection asks the driver itself: it must never be within a transaction.
        self._pooled = engine.connect()
        self._connection: Any = self._pooled.connection.driver_connection
        self._version = -1

    def lead(self) -> bool:
        """Take the lock if it is free."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self, stop: Stop) -> bool:
        """Wait a moment, then ask whether any connection has committed since; costs microseconds."""
        stop.wait(_SQLITE_POLL_S)
        before, self._version = self._version, self._ask()
        return self._version != before

    def close(self) -> None:
        """Let lock and connection go."""
        self._pooled.close()
        os.close(self._descriptor)

    def _ask(self) -> int:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"the database did not answer: {error}", where=str(self._lock)) from error


class PostgresWatch:
    """Leads by an advisory lock of its own connection, and listens there for notifications.

    Args:
        engine: the ``catalogue`` store.

    Raises:
        StoreUnavailableError: the database does not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._where = store_name(engine)
        self._pooled = engine.connect()
        self._connection: Any = self._pooled.connection.driver_connection
        self._unnoticed = 0
        self._run(self._prepare)

    def lead(self) -> bool:
        """Take the lock if it is free."""
        return bool(self._run(lambda: self._connection.execute(_TRY_LOCK, (CHANNEL,)).fetchone()[0]))

    def wait(self, stop: Stop) -> bool:  # noqa: ARG002 - returns soon enough to look at it
        """Wait for a notification; look without one now and then, for a pooler between here and there may lose them."""
        if self._run(lambda: list(self._connection.notifies(timeout=_POSTGRES_WAIT_S, stop_after=1))):
            return True
        self._unnoticed += 1
        return self._unnoticed % _POSTGRES_LOOK == 0

    def close(self) -> None:
        """End the connection, and with it lead and listening."""
        self._pooled.invalidate()
        self._pooled.close()

    def _prepare(self) -> None:
        self._connection.rollback()
        self._connection.autocommit = True
        self._connection.execute(f"LISTEN {CHANNEL}")

    def _run(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except PostgresError as error:
            raise StoreUnavailableError(
                f"the database did not answer: {error}", where=self._where, remedy="Check that it runs"
            ) from error


_TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext(current_database() || %s))"


def watch(engine: Engine, home: Path) -> Watch:
    """Return the watch for this database.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    if engine.dialect.name == "postgresql":
        return PostgresWatch(engine)
    return SqliteWatch(engine, home / "run" / "relay.lock")
