from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hangarstack.consumers.runtime.outage import is_outage, reason
from hangarstack.errors import (
    BrokerUnavailableError,
    DecodeError,
    HandlerError,
    RegistryError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    StoreUnavailableError,
)

OUTAGES = (
    *("08000", "08006", "08P01", "0A000", "25001", "25P02", "25P03", "25P04", "26000", "28P01", "3D000", "3F000"),
    *("40001", "40P01", "42501", "42601", "42703", "42883", "42P01", "42P05", "53100", "53200", "53300", "55006"),
    *("55P03", "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "58030", "F0000", "XX000", "XX001", "XX002"),
)
"""Of PostgreSQL's SQLSTATEs, those that have been seen around restarts, failovers, poolers, full disks and releases."""


def sqlite(name: str, text: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname = name
    return error


def wrapped(error: BaseException, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("SELECT", {}, error)


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailableError("gone"),
        BrokerUnavailableError("gone"),
        RegistryUnavailableError("gone"),
        RegistryError("401"),
        PoolTimeoutError("no connection free"),
        MemoryError(),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENOSPC, "No space left on device"),
        wrapped(sqlite("SQLITE_BUSY", "database is locked")),
        wrapped(sqlite("SQLITE_FULL", "database or disk is full")),
        wrapped(sqlite("SQLITE_IOERR_WRITE", "disk I/O error")),
        wrapped(sqlite("SQLITE_READONLY_DBMOVED", "attempt to write a readonly database")),
        wrapped(sqlite("SQLITE_CANTOPEN", "unable to open database file")),
        wrapped(sqlite("SQLITE_CORRUPT", "database disk image is malformed"), DBAPIError),
        wrapped(sqlite("SQLITE_ERROR", "no such table: seen_events")),
        wrapped(sqlite("SQLITE_ERROR", 'near "SELEC": syntax error')),
        wrapped(sqlite("SQLITE_NOMEM", "out of memory"), DBAPIError),
        wrapped(sqlite("SQLITE_PROTOCOL", "locking protocol")),
        wrapped(sqlite("SQLITE_SCHEMA", "database schema has changed")),
        wrapped(psycopg.OperationalError("server closed the connection unexpectedly")),
        wrapped(psycopg.InterfaceError("the connection is closed")),
        wrapped(psycopg.errors.lookup("25006")("read-only transaction"), DBAPIError),
        *(wrapped(psycopg.errors.lookup(state)(state), DBAPIError) for state in OUTAGES),
    ],
    ids=repr,
)
def test_these_pass_and_are_waited_for(error: BaseException) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad"),
        HandlerError("bad"),
        DecodeError("bad"),
        SchemaNotFoundError("40403"),
        FileNotFoundError(errno.ENOENT, "a name that the record gave"),
        OSError("404, as some HTTP clients say it"),
        wrapped(sqlite("SQLITE_ERROR", "malformed JSON")),
        wrapped(sqlite("SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed"), IntegrityError),
        wrapped(sqlite("SQLITE_TOOBIG", "string or blob too big"), DBAPIError),
        wrapped(sqlite("SQLITE_MISMATCH", "datatype mismatch"), IntegrityError),
        wrapped(sqlite3.IntegrityError("UNIQUE constraint failed"), IntegrityError),
        wrapped(sqlite3.ProgrammingError("type 'set' is not supported"), ProgrammingError),
        wrapped(psycopg.errors.UniqueViolation("duplicate key"), IntegrityError),
        wrapped(psycopg.errors.NumericValueOutOfRange("bigint out of range"), DBAPIError),
        wrapped(psycopg.errors.CardinalityViolation("a second time"), DBAPIError),
        wrapped(psycopg.errors.ProgramLimitExceeded("index row size exceeds"), DBAPIError),
        wrapped(psycopg.errors.RaiseException("a trigger refuses it"), DBAPIError),
        wrapped(psycopg.DataError("text fields cannot contain NUL (0x00) bytes"), DBAPIError),
        wrapped(psycopg.ProgrammingError("cannot adapt type 'set'"), ProgrammingError),
    ],
    ids=repr,
)
def test_these_are_blamed_on_a_record(error: BaseException) -> None:
    assert not is_outage(error)


def test_a_connection_that_died_is_an_outage_whatever_the_driver_calls_it() -> None:
    error = DBAPIError("SELECT", {}, psycopg.InternalError("strange"), connection_invalidated=True)
    assert is_outage(error)


def test_the_reason_is_one_line_without_parameters() -> None:
    error = OperationalError("INSERT", {"client_ip": "10.0.0.1"}, sqlite3.OperationalError("database is locked\nmore"))
    assert reason(error) == "OperationalError: database is locked"
    assert reason(ValueError()) == "ValueError"
