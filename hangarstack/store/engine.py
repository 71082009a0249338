"""Engines for the catalogue and the read models."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, make_url, text

from hangarstack.errors import SettingsError, StoreUnavailableError
from hangarstack.settings import Settings

OWNERS: Final = (
    "catalogue",
    "popularity",
    "journeys",
    "search_insights",
    "catalogue_changes",
    "system_health",
)
"""Who owns tables: each has a SQLite file, or a PostgreSQL schema, of its own, so that writers never wait for each other."""

_LOCK_WAIT_S: Final = 5.0


def open_store(settings: Settings, owner: str) -> Engine:
    """Return the engine for one owner's tables; connects lazily.

    SQLite: ``HOME/store/<owner>.sqlite3`` in WAL mode, transactions begin IMMEDIATE on
    ``engine.begin()`` so that two writers queue instead of failing at the upgrade of a read lock.
    PostgreSQL: the schema of the owner's name, made when missing.

    Args:
        settings: ``home`` or ``database_url`` decide which.
        owner: one of ``OWNERS``.

    Raises:
        StoreUnavailableError: the directory cannot be made.
        SettingsError: ``database_url`` is not PostgreSQL.
    """
    url = settings.database_url.reveal()
    if url:
        return _postgresql(url, owner)
    directory = settings.home / "store"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"the store's directory cannot be made: {error.strerror}",
            where=str(directory),
            remedy="Free the path or set HANGARSTACK_HOME to a directory you may write",
        ) from error
    engine = create_engine(
        f"sqlite:///{directory / owner}.sqlite3", connect_args={"timeout": _LOCK_WAIT_S, "autocommit": False}
    )
    return engine


def _postgresql(url: str, owner: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise SettingsError(
            f"only PostgreSQL is supported, not {parsed.get_backend_name()}",
            where="HANGARSTACK_DATABASE_URL",
            remedy="Use postgresql://USER:PASSWORD@HOST/DATABASE, or leave it empty for SQLite",
        )
    engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _own_schema(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{owner}"')
        connection.commit()

    return engine


__all__ = ["OWNERS", "open_store", "text"]
