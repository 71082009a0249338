from __future__ import annotations

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
        wrapped(sqlite("SQLITE_BUSY", "database is locked")),
        wrapped(sqlite("SQLITE_FULL", "database or disk is full")),
        wrapped(sqlite("SQLITE_IOERR_WRITE", "disk I/O error")),
        wrapped(sqlite("SQLITE_READONLY_DBMOVED", "attempt to write a readonly database")),
        wrapped(sqlite("SQLITE_CANTOPEN", "unable to open database file")),
        wrapped(sqlite("SQLITE_CORRUPT", "database disk image is malformed"), DBAPIError),
        wrapped(sqlite("SQLITE_ERROR", "no such table: seen_events")),
        wrapped(psycopg.OperationalError("server closed the connection unexpectedly")),
        wrapped(psycopg.errors.DeadlockDetected("deadlock detected")),
        wrapped(psycopg.errors.AdminShutdown("terminating connection")),
        wrapped(psycopg.errors.UndefinedTable("relation does not exist"), ProgrammingError),
        wrapped(psycopg.errors.DiskFull("could not extend file")),
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
        wrapped(sqlite("SQLITE_ERROR", 'near "SELEC": syntax error')),
        wrapped(sqlite3.IntegrityError("UNIQUE constraint failed"), IntegrityError),
        wrapped(psycopg.errors.UniqueViolation("duplicate key"), IntegrityError),
        wrapped(psycopg.errors.NumericValueOutOfRange("bigint out of range"), DBAPIError),
        wrapped(psycopg.errors.SyntaxError("syntax error"), ProgrammingError),
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
