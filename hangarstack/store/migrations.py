"""Bringing each owner's tables to their newest shape."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from hangarstack.errors import StoreSchemaError
from hangarstack.settings import Settings
from hangarstack.store.engine import OWNERS, open_store, schema_name
from hangarstack.store.failures import store_name, translated

_ONE_AT_A_TIME: Final = threading.Lock()
"""Alembic keeps its environment in a module, so one process migrates one store at a time."""


def migrate(settings: Settings, owners: Iterable[str] = OWNERS, *, shadow: bool = False) -> None:
    """Bring the tables of these owners to the newest revision; blocks until done, idempotent.

    Each owner's revisions are applied in one transaction, all or none. Processes that start at the same time
    queue for each owner, and the later ones find nothing left to do. At the newest revision already: about a
    millisecond an owner.

    Args:
        settings: ``root`` holds ``migrations/database/``, the rest says where the stores are.
        owners: some of ``OWNERS``.
        shadow: their shadows instead of the tables that are read.

    Raises:
        StoreSchemaError: revisions are missing, one of them failed, or the store is newer than this version.
        StoreUnavailableError: a store cannot be opened.
    """
    scripts = settings.root / "migrations" / "database"
    for owner in owners:
        head = _head(_directories(scripts, owner))
        engine = open_store(settings, owner, shadow=shadow, patient=True)
        try:
            if _revision(engine) != head:
                _upgrade(engine, scripts, owner, schema_name(owner, shadow=shadow), head)
        finally:
            engine.dispose()


def _directories(scripts: Path, owner: str) -> list[Path]:
    own, shared = scripts / "versions" / owner, scripts / "versions" / "shared"
    # An owner with a first revision of its own does not build on the shared ones.
    return [own] if any(own.glob("0001_*.py")) else [own, shared]


def _head(directories: Sequence[Path]) -> str:
    # The file's name is the revision's id, so that a start at the newest one need not load Alembic (150 ms).
    names = sorted(path.stem for versions in directories for path in versions.glob("[0-9]*.py"))
    if not names:
        raise StoreSchemaError(
            "there are no database revisions",
            where=str(directories[0]),
            remedy="Set HANGARSTACK_ROOT to the directory that holds migrations/",
        )
    return names[-1]


def _revision(engine: Engine) -> str | None:
    with translated(engine), engine.connect() as connection:
        try:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        except (OperationalError, ProgrammingError):
            return None  # no such table yet; what else it may be, the migration will tell


def _upgrade(engine: Engine, scripts: Path, owner: str, schema: str, head: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", _literal(scripts))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(_literal, _directories(scripts, owner))))
    with _ONE_AT_A_TIME, translated(engine), engine.begin() as tx:
        try:
            lock_schema(tx, schema)
            config.attributes["connection"] = tx
            command.upgrade(config, head)
        except (CommandError, DBAPIError) as error:
            raise StoreSchemaError(
                f"the tables of {owner} cannot be migrated: {_reason(error)}",
                where=store_name(engine),
                remedy="Run the version that wrote this store, or restore a backup of it",
            ) from error


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")  # Alembic's configuration interpolates


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().splitlines()[0]


def lock_schema(tx: Connection, schema: str) -> None:
    """Make the schema when it is missing, and let nobody else change its tables before the transaction ends; blocks."""
    if tx.dialect.name != "postgresql":
        return  # BEGIN IMMEDIATE holds the file
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"hangarstack.migrate.{schema}"})
    quoted = tx.dialect.identifier_preparer.quote_identifier(schema)
    tx.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))


__all__ = ["lock_schema", "migrate"]
