"""When there is something to relay: one way for each database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
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
    """One relay's eye on the outbox."""

    def wait(self, stop: Stop) -> bool:
        """Block until the outbox may have changed or a moment has passed; tell whether it may have changed.

        Raises:
            StoreUnavailableError: the database is gone.
        """

    def close(self) -> None:
        """Look no more."""


class SqliteWatch:
    """Asks for the file's data version.

    Args:
        engine: the ``catalogue`` store.
    """

    def __init__(self, engine: Engine) -> None:
        self._where = store_name(engine)
        # Only what this connection asks the driver itself: it must never be within a transaction.
        self._pooled = engine.connect()
        self._connection: Any = self._pooled.connection.driver_connection
        self._version = -1

    def wait(self, stop: Stop) -> bool:
        """Wait a moment, then ask whether any connection has committed since; costs microseconds."""
        stop.wait(_SQLITE_POLL_S)
        before, self._version = self._version, self._ask()
        return self._version != before

    def close(self) -> None:
        """Let the connection go."""
        self._pooled.close()

    def _ask(self) -> int:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"the database did not answer: {error}", where=self._where) from error


class PostgresWatch:
    """Listens for notifications on a connection of its own.

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

    def wait(self, stop: Stop) -> bool:  # noqa: ARG002 - returns soon enough to look at it
        """Wait for a notification; look without one now and then, for a pooler between here and there may lose them."""
        if self._run(lambda: list(self._connection.notifies(timeout=_POSTGRES_WAIT_S, stop_after=1))):
            return True
        self._unnoticed += 1
        return self._unnoticed % _POSTGRES_LOOK == 0

    def close(self) -> None:
        """End the connection, and with it the listening."""
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


def watch(engine: Engine) -> Watch:
    """Return the watch for this database.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    return PostgresWatch(engine) if engine.dialect.name == "postgresql" else SqliteWatch(engine)
