"""Telling an outage, which passes and is waited for, from a record that cannot be handled."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hangarstack.errors import BrokerError, RegistryError, SchemaNotFoundError, StoreError

_OF_A_RECORD: Final = frozenset({"21", "22", "23", "44", "54", "P0"})
"""Classes of SQLSTATE that a record's values may bring about: two rows where one may be, data, constraints, a view's
check, a row or key too large, what a trigger raises. All else is about the server, the session or the statement."""
_OF_A_RECORD_SQLITE: Final = frozenset({"SQLITE_CONSTRAINT", "SQLITE_TOOBIG", "SQLITE_MISMATCH"})
_OF_A_STATEMENT: Final = ("no such ", "has no column named", "syntax error", "incomplete input", "unrecognized token")
"""What SQLite says, without a code of its own, of a statement that no record can be to blame for."""
_ABOUT_VALUES: Final = ("DataError", "IntegrityError", "ProgrammingError", "NotSupportedError")
"""What both drivers raise by themselves, without a code, when they cannot pass on a value."""
_OF_THE_MACHINE: Final = frozenset(
    {
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN),
        *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE),
    }
)
"""No more files, memory or disk. Other errors of the system may be about a name or an address that a record gave."""


def is_outage(error: BaseException) -> bool:
    """Tell whether something that every record needs is not to be had: database, registry, broker, memory or files.

    Such an error is waited for, however long; every other one is blamed on a record. A database may fail in more ways
    than can be listed, so what it says is an outage unless it is of a kind that a record can bring about. A mistake in
    a service's statement is waited for too, until a release that mends it: no good record becomes a dead letter, and
    the service is not ready and says why for as long as it lasts.
    """
    if isinstance(error, StoreError | BrokerError | PoolTimeoutError | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno in _OF_THE_MACHINE
    if isinstance(error, RegistryError):
        return not isinstance(error, SchemaNotFoundError)
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    driver = error.orig
    state = getattr(driver, "sqlstate", None)
    if state is not None:
        return state[:2] not in _OF_A_RECORD
    name = getattr(driver, "sqlite_errorname", None)
    if name is None and type(driver).__name__ in _ABOUT_VALUES:
        return False
    if isinstance(driver, sqlite3.Error):
        return _sqlite_outage(name or "SQLITE_ERROR", str(driver))
    return True


def _sqlite_outage(name: str, text: str) -> bool:
    if name == "SQLITE_ERROR":
        return any(words in text for words in _OF_A_STATEMENT)
    # Extended codes begin with the code that they extend.
    return "_".join(name.split("_")[:2]) not in _OF_A_RECORD_SQLITE


def reason(error: BaseException) -> str:
    """Return one short line for the log, without the parameters of a statement, which may be personal."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {text[0][:300]}" if text else type(cause).__name__


__all__ = ["is_outage", "reason"]
