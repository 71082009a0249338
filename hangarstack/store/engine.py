"""Engines for the catalogue and the read models: one SQLite file or one PostgreSQL schema per owner."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from hangarstack.errors import SettingsError, StoreUnavailableError
from hangarstack.settings import Settings
from hangarstack.store.limits import CLIENT_LIMITS, SILENCE_S, PatientConnection, session_limits

OWNERS: Final = (
    "catalogue",
    "popularity",
    "journeys",
    "search_insights",
    "catalogue_changes",
    "system_health",
    "dead_letters",
)
"""Who owns tables: each has a SQLite file, or a PostgreSQL schema, of its own, so that no writer waits for another."""

_LOCK_WAIT_S: Final = 5.0
_STALE_STATES: Final = frozenset({"25006", "26000", "42P05", "0A000"})
"""Read-only, prepared statements lost or doubled, a plan of former tables: what a new connection may well mend."""
_WRITES: Final = "hangarstack_writes"


class _SqliteEngine(Engine):
    """Tells writers (``begin()``) from readers (``connect()``), because SQLite must know at BEGIN."""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Return a connection that holds the file's write lock until it commits or rolls back."""
        with self.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection


def open_store(settings: Settings, owner: str, *, shadow: bool = False, patient: bool = False) -> Engine:
    """Return the engine for one owner's tables; connects lazily.

    SQLite: ``HOME/store/<owner>.sqlite3`` in WAL mode. ``engine.begin()`` begins IMMEDIATE, so that two
    writers queue (up to 5 s) instead of failing when a read lock would have to become a write lock;
    ``engine.connect()`` reads one snapshot and never waits for a writer.
    PostgreSQL: ``search_path`` is the schema of the owner's name, which ``migrate`` makes. Its sessions have the
    limits of ``store.limits``, so that neither a frozen process nor a dead connection is waited for for ever.

    Args:
        settings: ``home`` or ``database_url`` decide which.
        owner: one of ``OWNERS``.
        shadow: a second set of the owner's tables, ``<owner>.shadow.sqlite3`` or schema ``<owner>_shadow``, which
            one process fills alone: nobody else waits for it, so it has no limits.
        patient: statements, and waiting for locks, may take as long as they need.

    Raises:
        StoreUnavailableError: the directory cannot be made.
        SettingsError: ``database_url`` is not a URL of PostgreSQL.
    """
    url = settings.database_url.reveal()
    if url:
        limits = session_limits(settings, alone=shadow, patient=patient)
        return _postgresql(url, schema_name(owner, shadow=shadow), limits, SILENCE_S * (not (shadow or patient)))
    return _sqlite(sqlite_file(settings, owner, shadow=shadow))


def sqlite_file(settings: Settings, owner: str, *, shadow: bool = False) -> Path:
    """Return the file of an owner's tables, or that of their shadow."""
    return settings.home / "store" / f"{owner}{'.shadow' if shadow else ''}.sqlite3"


def schema_name(owner: str, *, shadow: bool = False) -> str:
    """Return PostgreSQL's schema of an owner's tables, or that of their shadow."""
    return f"{owner}_shadow" if shadow else owner


def _sqlite(file: Path) -> Engine:
    directory = file.parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the store's directory cannot be made: {error.strerror}",
            where=str(directory),
            remedy="Free the path or set HANGARSTACK_HOME to a directory you may write",
        ) from error
    base = create_engine(f"sqlite:///{file}", connect_args={"timeout": _LOCK_WAIT_S})
    engine = _SqliteEngine(base.pool, base.dialect, base.url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN comes late and is always deferred; with None it sends none, in every Python.
    connection.isolation_level = None
    _until_unlocked(lambda: connection.execute("PRAGMA journal_mode=WAL"))
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")


def _until_unlocked(ask: Callable[[], object]) -> None:
    # SQLite does not apply its busy timeout to the switch to WAL, which two first starts can both attempt.
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            ask()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: str, schema: str, limits: Mapping[str, str], silence_s: float) -> Engine:
    parsed = _parsed(url)
    if parsed.get_backend_name() != "postgresql":
        raise SettingsError(f"only PostgreSQL is supported, not {parsed.get_backend_name()}", **_URL_ADVICE)
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            # What the URL says counts more.
            connect_args={name: value for name, value in CLIENT_LIMITS.items() if name not in parsed.query},
        )
    except ArgumentError:
        # A plugin of SQLAlchemy's that is not there; not chained, for the message repeats what the URL says.
        raise SettingsError("the database's URL cannot be used", **_URL_ADVICE) from None
    event.listen(engine, "handle_error", _give_up_stale)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> Any:
        connection = PatientConnection.connect(*arguments, **options)
        connection.silence_s = silence_s
        return connection

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', quote_ident(%s), false)", (schema,))
            cursor.execute(_SET, (list(limits), list(limits.values())))
        connection.commit()

    return engine


def _parsed(url: str) -> URL:
    if url.count("@") > 1:
        # What follows the first one would pass for the host, and be printed as such.
        raise SettingsError("the database's URL has more than one @", **_URL_ADVICE)
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # Not chained: the driver's message repeats the URL, or a part of it, and with it the password.
        raise SettingsError("the database's URL cannot be parsed", **_URL_ADVICE) from None


def _give_up_stale(context: ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) in _STALE_STATES:
        context.is_disconnect = True


_SET: Final = """
    SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS limits (name, value)
    WHERE current_setting(name, true) IS NOT NULL
"""
_URL_ADVICE: Final = {
    "where": "HANGARSTACK_DATABASE_URL",
    "remedy": "Use postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password, or"
    " leave it empty for SQLite",
}

__all__ = ["OWNERS", "open_store", "schema_name", "sqlite_file"]
