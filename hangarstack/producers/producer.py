"""The event producer: what is accepted is spooled, and delivered by this process or a later one."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from weakref import WeakSet

import structlog

from hangarstack.broker.config import producer_config
from hangarstack.errors import DeliveryError, SettingsError, SpoolFullError
from hangarstack.events.runtime.codec import Codec
from hangarstack.producers.client import Client, KafkaClient
from hangarstack.producers.delivery import Ids
from hangarstack.producers.headers import headers_of
from hangarstack.producers.metrics import COLLECTOR, Latencies, Sample
from hangarstack.producers.routes import route_of, routes_of
from hangarstack.producers.session import Session
from hangarstack.producers.spans import created
from hangarstack.producers.spool import Spool
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Settings

_COMPONENT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_log = structlog.get_logger(__name__)
_living: WeakSet[EventProducer] = WeakSet()


def kafka_client(settings: Settings, component: str) -> KafkaClient:
    """Return the client with which this package delivers; connects when first used.

    Raises:
        SettingsError: security settings that do not fit each other.
    """
    config = producer_config(settings, f"hangarstack-{component}")
    # The journal holds what librdkafka cannot take, so its own queue need not be large. Batches stay below the
    # message limit that a topic may set, because the broker refuses a larger one whole.
    limits = {
        "queue.buffering.max.messages": 50_000,
        "queue.buffering.max.kbytes": 65_536,
        "message.max.bytes": 1_048_576,
        "batch.size": 131_072,
        # An unknown topic is told after three seconds, not thirty: its events are tried again anyway.
        "topic.metadata.propagation.max.ms": 3_000,
    }
    return KafkaClient({**config, **limits})


class EventProducer:
    """Publishes events; safe to share between threads, and across ``fork``: a child has its own spool and client.

    It opens its spool at once, so that what an earlier process left is delivered even if nothing is published, and
    connects to Kafka when there is something to send. Neither a broker nor a registry need ever have been reached, and
    on a full disk it refuses events until there is room.

    An event that cannot be delivered (broker or registry gone, queue full, topic unknown or not allowed) stays
    spooled and is tried again until it is acknowledged; duplicates are possible then, and told apart by ``event_id``.
    Events of one class with one key are delivered in the order of ``publish``, save for those of a batch that the
    broker refuses, which others may overtake that were sent right behind it, and for what is taken over from a dead
    process.

    Args:
        settings: where Kafka, the registry and the state directory are.
        component: whose events these are, such as ``web``; processes of one component inherit each other's spools.
        codecs: of the event classes that may be published.
        ids: knows schema ids; None: the registry of the settings, asked by each process on its own.
        client: makes the Kafka client of a process; None: the one of the settings.

    Raises:
        SpoolError: the spool cannot be opened.
        SettingsError: settings that do not fit each other, or a component that is no plain name.
    """

    def __init__(
        self,
        settings: Settings,
        component: str,
        *,
        codecs: Iterable[Codec[Any]],
        ids: Ids | None = None,
        client: Callable[[], Client] | None = None,
    ) -> None:
        if not _COMPONENT.fullmatch(component):
            raise SettingsError("not a component name: lower-case letters, digits, - and _ only", where=component[:80])
        self.component = component
        self._settings = settings
        self._routes = routes_of(codecs, component)
        self._ids = ids
        self._client = client or (lambda: kafka_client(settings, component))
        self._opening = threading.Lock()
        self._closed = False
        self._rejected: Counter[tuple[str, str]] = Counter()
        self._session: Session | None = None
        self._refusal = ""
        """Why there is no spool."""
        try:
            self._open()
        except SpoolFullError as error:
            _log.error("events are refused until the disk has room", reason=str(error), error="SpoolFullError")
        _living.add(self)
        COLLECTOR.add(self)

    def publish(self, event: Any, *, traceparent: str | None = None) -> None:
        """Accept an event: on return it is spooled, and on its way if the way is free.

        Never waits for Kafka or the registry; with ``spool_fsync`` it waits for the disk.

        Args:
            event: of a class whose codec was given.
            traceparent: W3C trace context of the request; a malformed one is left out.

        Raises:
            EncodeError: a value does not fit its field, or the class is not one of the codecs'.
            EventTooLargeError: larger than a topic takes.
            SpoolFullError: no room in the spool, or on the disk.
            SpoolError: the disk refused.
            DeliveryError: the producer is closed.
        """
        try:
            route = route_of(self._routes, event)
            with created(route.stream, event, traceparent) as context:
                key, body = route.pack(event)
                session = self._session or self._open()
                session.accept(route.stream, key, headers_of(event, context), body)
        except Exception as error:
            # A mistake of ours costs the event just as a refusal does.
            self._rejected[type(event).__name__, type(error).__name__] += 1
            raise

    @property
    def spooled(self) -> int:
        """How many events this process has accepted, or inherited, that the broker has not acknowledged."""
        session = self._session
        return len(session.spool) if session else 0

    def status(self) -> Mapping[str, object]:
        """Return what a readiness answer may show: ``spooled``, ``oldest_s`` and ``problems``."""
        session = self._session
        if session:
            return session.status()
        return {"spooled": 0, "oldest_s": 0.0, "problems": [self._refusal] if self._refusal else []}

    def close(self, timeout_s: float) -> int:
        """Deliver what can be delivered, then stop; call it on the way out of every process.

        Blocks for ``timeout_s`` seconds at most, or for a second if that is more, whatever hangs.

        Returns:
            How many events stay spooled, for the next process of this component.
        """
        with self._opening:
            self._closed = True
            session, self._session = self._session, None
        return session.close(timeout_s) if session else 0

    @property
    def latencies(self) -> Latencies:
        """How long deliveries took, for the metrics."""
        session = self._session
        return session.latencies if session else Latencies()

    def samples(self) -> Iterator[Sample]:
        """Yield the figures of this moment, for the metrics."""
        session = self._session
        if session:
            yield from session.samples()
        for (event, reason), count in list(self._rejected.items()):
            yield Sample("events_rejected", (event, reason), count)

    def _open(self) -> Session:
        with self._opening:
            if self._closed:
                raise DeliveryError("the producer is closed", remedy="Publish before close() is called")
            if self._session is None:
                self._session = self._begin()
            return self._session

    def _begin(self) -> Session:
        settings = self._settings
        client, ids = self._client(), self._ids or SchemaIds(settings)
        try:
            spool = Spool(settings.home / "spool" / self.component, settings.spool_bytes)
        except SpoolFullError as error:
            self._refusal = f"events are refused: {error}"
            raise
        self._refusal = ""
        return Session(spool, settings.spool_fsync, client, ids)

    def forget(self) -> None:
        """After a fork, in the child: leave the parent what is the parent's, and begin afresh with the next event."""
        self._opening = threading.Lock()
        session, self._session = self._session, None
        if session:
            session.forget()


def _after_fork_in_child() -> None:
    for producer in list(_living):
        producer.forget()


os.register_at_fork(after_in_child=_after_fork_in_child)
