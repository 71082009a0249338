"""Telling an outage, which passes and is waited for, from a record that cannot be handled."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hangarstack.errors import BrokerError, RegistryError, SchemaNotFoundError, StoreError

_SCHEMA_STATES: Final = frozenset({"42P01", "42703", "3F000", "42501", "3D000"})
"""PostgreSQL: no such table, column, schema, no permission, no such database. No record is to blame for these."""
_NOT_THE_FILE: Final = (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.DataError)
_NO_SUCH: Final = ("no such table", "no such column", "has no column named")


def is_outage(error: BaseException) -> bool:
    """Tell whether something that every record needs is not to be had: database, registry or broker.

    Such an error is waited for, however long; every other one is blamed on a record.
    """
    if isinstance(error, StoreError | BrokerError | PoolTimeoutError):
        return True
    if isinstance(error, RegistryError):
        return not isinstance(error, SchemaNotFoundError)
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _sqlite_outage(driver)
    if getattr(driver, "sqlstate", None) in _SCHEMA_STATES:
        return True
    return isinstance(error, OperationalError | InterfaceError)


def _sqlite_outage(error: sqlite3.Error) -> bool:
    if isinstance(
        error, sqlite3.InterfaceError | sqlite3.ProgrammingError | sqlite3.IntegrityError | sqlite3.DataError
    ):
        return False
    # SQLITE_ERROR is whatever is wrong with a statement; all other codes are about the file, the disk or locks.
    if getattr(error, "sqlite_errorname", "SQLITE_ERROR") == "SQLITE_ERROR":
        return any(words in str(error) for words in _NO_SUCH)
    return True


def reason(error: BaseException) -> str:
    """Return one short line for the log, without the parameters of a statement, which may be personal."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {text[0][:300]}" if text else type(cause).__name__


__all__ = ["is_outage", "reason"]
