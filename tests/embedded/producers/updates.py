"""An outbox with updates in it, and a relay that a test runs on a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Message
from sqlalchemy import Engine, func, select

from hangarstack.events import CODECS, DataUpdate, Operation
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.outbox import OUTBOX, append, metadata
from hangarstack.producers.relay import Relay
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from tests.embedded.producers.reading import read
from tests.unit.producers.fakes import FakeIds

CODEC: Any = next(codec for codec in CODECS if codec.event_type is DataUpdate)
TOPIC: str = CODEC.topic


def an_update(aircraft_id: str, version: int) -> DataUpdate:
    """Return an event that is told apart by its aircraft and version."""
    return DataUpdate(
        event_id=new_event_id(),
        occurred_at=now(),
        aircraft_id=aircraft_id,
        operation=Operation.UPDATED,
        version=version,
        changes=(),
        actor="tests",
        reason=None,
    )


@contextmanager
def outbox(settings: Settings) -> Iterator[Engine]:
    """Open the store, with the outbox made when it is missing."""
    engine = open_store(settings, "catalogue")
    metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def write(engine: Engine, updates: Iterable[tuple[str, int]]) -> None:
    """Commit one update after the other."""
    for aircraft_id, version in updates:
        with engine.begin() as tx:
            append(tx, an_update(aircraft_id, version))


def pending(engine: Engine) -> int:
    """Return how many events are in the outbox."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one()


@contextmanager
def running(settings: Settings, ids: FakeIds | None = None) -> Iterator[Relay]:
    """Run a relay until the block ends."""
    relay = Relay(settings, ids=ids or FakeIds())
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield relay
    finally:
        stop.set()
        thread.join()


def arrived(servers: str, wanted: set[tuple[str, int]]) -> list[tuple[str, int]]:
    """Read the topic until all wanted updates are there; return all of their aircraft, partition by partition."""
    messages = read(servers, TOPIC, lambda found: wanted <= set(map(version_in, found)))
    aircraft = {aircraft_id for aircraft_id, _ in wanted}
    return [update for update in map(version_in, messages) if update[0] in aircraft]


def version_in(message: Message) -> tuple[str, int]:
    """Return aircraft and version of the update in a record."""
    event: DataUpdate = CODEC.decode(CODEC.version, (message.value() or b"")[5:])
    return event.aircraft_id, event.version
