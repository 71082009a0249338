"""The real rooms behind the web app."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from hangarstack.analytics.totals import SERVICE_OWNERS
from hangarstack.catalogue.records import RecordValidator
from hangarstack.catalogue.repository import Catalogue
from hangarstack.deadletters.desk import Desk
from hangarstack.events import CODECS
from hangarstack.producers.outbox import append
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import as_store_error, store_name
from hangarstack.web.deps import Deps
from hangarstack.web.editor import OutboxEditor
from hangarstack.web.ports import ContractPages, utc_now
from hangarstack.web.readmodels import StoredReadModels
from hangarstack.web.server import COMPONENT

_CACHE_KB: Final = 256


def wire(settings: Settings, producer: EventProducer, contracts: ContractPages) -> Deps:
    """Return the real dependencies.

    Args:
        settings: where the stores and the record schema are.
        producer: accepts the web app's events.
        contracts: makes the pages about the contracts.

    Raises:
        StoreError: the catalogue cannot be read, or was never migrated.
    """
    engine = open_store(settings, "catalogue")
    validator = RecordValidator(settings.root / "data")
    try:
        catalogue = Catalogue(engine, validator)
    except DBAPIError as error:
        raise as_store_error(error, store_name(engine)) from error
    return Deps(
        sink=producer,
        catalogue=catalogue,
        read_models=StoredReadModels({owner: _open(settings, owner) for owner in SERVICE_OWNERS}),
        editor=OutboxEditor(engine, catalogue, append, utc_now, window_s=settings.dedupe_window_s),
        dead_letters=Desk(settings, _open(settings, "dead_letters")),
        contracts=contracts,
        schema=lambda: validator.schema,
    )


def _open(settings: Settings, owner: str) -> Engine:
    """Return a store's engine; a SQLite connection of it keeps a quarter of a megabyte, not two.

    Every thread may hold a connection to every store, and the system keeps the pages of the files anyway.
    """
    engine = open_store(settings, owner)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _small_cache(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")

    return engine


def producer(settings: Settings) -> EventProducer:
    """Return the web app's event producer."""
    return EventProducer(settings, COMPONENT, codecs=CODECS)
