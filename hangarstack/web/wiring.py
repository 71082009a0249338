"""The real rooms behind the web app."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from hangarstack.analytics.totals import SERVICE_OWNERS
from hangarstack.catalogue.records import RecordValidator
from hangarstack.catalogue.repository import Catalogue
from hangarstack.events import CODECS
from hangarstack.producers.outbox import append
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import as_store_error, store_name
from hangarstack.web.deps import Deps
from hangarstack.web.editor import OutboxEditor
from hangarstack.web.ports import utc_now
from hangarstack.web.readmodels import StoredReadModels
from hangarstack.web.server import COMPONENT


def wire(settings: Settings, producer: EventProducer) -> Deps:
    """Return the real dependencies.

    Args:
        settings: where the stores and the record schema are.
        producer: accepts the web app's events.

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
        read_models=StoredReadModels({owner: open_store(settings, owner) for owner in SERVICE_OWNERS}),
        editor=OutboxEditor(engine, catalogue, append, utc_now),
        schema=lambda: validator.schema,
    )


def producer(settings: Settings) -> EventProducer:
    """Return the web app's event producer."""
    return EventProducer(settings, COMPONENT, codecs=CODECS)
