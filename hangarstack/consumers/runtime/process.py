"""A consumer process: one service on the runtime, with its store, its decoder and its health endpoint."""

from __future__ import annotations

from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.consumers.runtime.service import Service
from hangarstack.consumers.runtime.stopping import stop_on_signals
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate
from hangarstack.telemetry import logs
from hangarstack.telemetry.probes import ProbeServer


def consume(settings: Settings, service: Service) -> None:
    """Run a service until SIGTERM or SIGINT; blocks.

    What is under way when a signal comes has ``drain_s`` seconds to end; then the process exits all the same,
    which is as if it had been killed: nothing is lost.

    Args:
        settings: of the process.
        service: what the events do.

    Raises:
        StoreError: the store cannot be opened or migrated.
        PortTakenError: the health endpoint's port is taken.
        DeadLetterLimitError: too many records in a row could not be handled.
        BrokerError: Kafka has refused this member for good.
    """
    logs.configure(settings, service.name)
    stop = stop_on_signals(settings.drain_s)
    migrate(settings, [service.owner])
    decoder = EventDecoder(service.codecs, SchemaIds(settings))
    engine = open_store(settings, service.owner)
    runtime = ConsumerRuntime(settings, service, decoder, engine)
    probes = ProbeServer(settings, service.name, runtime.ready)
    try:
        runtime.run(stop)
    finally:
        probes.close()
        engine.dispose()


__all__ = ["consume"]
