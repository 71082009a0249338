"""Turning a database driver's failures into errors that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from hangarstack.errors import StoreDamagedError, StoreError, StoreSchemaError, StoreUnavailableError

_MISSING_TABLE = ("no such table", "no such column", "does not exist")
_DAMAGED: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def store_name(engine: Engine) -> str:
    """Return where the engine's data is: the file, or server and database and nothing else of the URL.

    A password may stand among the URL's parameters as well, and so may that of a client's key.
    """
    url = engine.url
    if engine.dialect.name == "sqlite":
        return str(url.database)
    hosts = [url.host] if url.host else url.normalized_query.get("host", [])
    ports = [str(url.port)] if url.port else url.normalized_query.get("port", [])
    server = ",".join(hosts) + "".join(f":{port}" for port in ports)
    return f"postgresql://{server}/{url.database or ''}"


def as_store_error(error: DBAPIError, where: str) -> StoreError:
    """Return our error for one of the driver's: tables missing, a damaged file, or a database that is not to be had.

    Args:
        error: what SQLAlchemy raised.
        where: what ``store_name`` says.
    """
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig) else type(error.orig).__name__
    if isinstance(error, OperationalError | ProgrammingError) and any(m in reason for m in _MISSING_TABLE):
        return StoreSchemaError(
            f"the store has not the tables that this version needs: {reason}",
            where=where,
            remedy="Start `hangarstack up` once, or let `hangarstack consume` migrate it",
        )
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
        return StoreDamagedError(
            f"the store's file is damaged: {reason}",
            where=where,
            remedy="Stop what uses it and put a backup of it back, or move it and its -wal and -shm away: a read model "
            "is then built again from the topics, and the catalogue from data/, without its edits",
        )
    return StoreUnavailableError(
        f"the database did not answer: {reason}",
        where=where,
        remedy="Check that it runs, that its disk has room and that no other process holds it",
    )


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raise ``StoreError`` for what the database refuses inside the block.

    Raises:
        StoreUnavailableError: locked, gone or out of disk.
        StoreDamagedError: its file is no database, or a damaged one.
        StoreSchemaError: a table or column is missing.
    """
    try:
        yield
    except DBAPIError as error:
        raise as_store_error(error, store_name(engine)) from error


@contextmanager
def reading(source: Engine | Connection) -> Iterator[Connection]:
    """Return a connection to read from: a new one, closed afterwards, or the caller's own.

    Args:
        source: an engine, or a connection whose transaction the reads should see.

    Raises:
        StoreUnavailableError: locked, gone or out of disk.
        StoreDamagedError: its file is no database, or a damaged one.
        StoreSchemaError: a table or column is missing.
    """
    with translated(source.engine):
        if isinstance(source, Connection):
            yield source
        else:
            with source.connect() as connection:
                yield connection


__all__ = ["as_store_error", "reading", "store_name", "translated"]
