"""A consumer process: one service on the runtime, with its store, its decoder and its health endpoint."""

from __future__ import annotations

import threading

from sqlalchemy import MetaData

from hangarstack.consumers.runtime import tables as runtime_tables
from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.consumers.runtime.service import Service
from hangarstack.registry.aside import AskedAside
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate
from hangarstack.store.tables import make_tables
from hangarstack.telemetry import logs
from hangarstack.telemetry.probes import ProbeServer


def consume(settings: Settings, service: Service, stop: threading.Event, *, tables: MetaData | None = None) -> None:
    """Run a service until it is asked to stop; blocks.

    Args:
        settings: of the process.
        service: what the events do.
        stop: asks it to stop.
        tables: the service's tables, which are made when they are missing; None: the revisions of its owner under
            ``migrations/database/`` make them.

    Raises:
        SettingsError: the registry's URL is none, or its CA file cannot be read.
        StoreError: the store cannot be opened or migrated.
        PortTakenError: the health endpoint's port is taken.
        DeadLetterLimitError: too many records in a row could not be handled.
        BrokerError: Kafka has refused this member for good.
    """
    logs.configure(settings, service.name)
    schemas = SchemaIds(settings)
    schemas.check()
    if tables is None:
        migrate(settings, [service.owner])
    else:
        make_tables(settings, service.owner, runtime_tables.metadata, tables)
    # A registry that does not answer must not keep partitions waiting that have no question to it.
    decoder = EventDecoder(service.codecs, AskedAside(schemas))
    engine = open_store(settings, service.owner)
    runtime = ConsumerRuntime(settings, service, decoder, engine)
    probes = ProbeServer(settings, service.name, runtime.ready)
    try:
        runtime.run(stop)
    finally:
        probes.close()
        engine.dispose()


__all__ = ["consume"]
