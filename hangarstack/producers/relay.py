"""The relay: delivers the outbox in its order, and deletes what the broker has acknowledged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException
from sqlalchemy import Engine, func, select

from hangarstack.errors import StoreError
from hangarstack.producers.client import Client
from hangarstack.producers.delivery import Delivery, Ids
from hangarstack.producers.metrics import COLLECTOR, Latencies, Sample
from hangarstack.producers.outbox import OUTBOX, OUTBOX_STREAMS
from hangarstack.producers.producer import kafka_client
from hangarstack.producers.record import Record, Stream, stream_from_text
from hangarstack.producers.watch import Stop, Watch, watch
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import translated

_WINDOW: Final = 2_000
_CHUNK: Final = 500
_STAND_BY_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    record: Record
    accepted_us: int


class Relay:
    """Delivers the events of the outbox, at least once, per key and event class in the order of their commits.

    Several relays may run on one database: one leads, the others stand by and take over when it ends. Broker,
    registry and database may go and come back; nothing is deleted that was not acknowledged.

    Args:
        settings: where database, Kafka and registry are; ``drain_s`` bounds the end.
        ids: knows schema ids; None: the registry of the settings.
        client: the Kafka client; None: the one of the settings.

    Raises:
        SettingsError: settings that do not fit each other.
        StoreUnavailableError: the store's directory cannot be made.
    """

    component: Final = "relay"

    def __init__(self, settings: Settings, *, ids: Ids | None = None, client: Client | None = None) -> None:
        self._settings = settings
        self._engine: Engine = open_store(settings, "catalogue")
        self._client = client or kafka_client(settings, self.component)
        self._delivery = Delivery(self._client, self, ids or SchemaIds(settings))
        self._streams: dict[str, Stream] = {}
        self._rows: dict[int, _Row] = {}
        self._acknowledged: list[int] = []
        self._beyond = 0
        self._failures = 0
        self._database_errors = 0
        self._state = "starting"
        self.latencies = Latencies()
        COLLECTOR.add(self)

    def run(self, stop: Stop) -> None:
        """Relay until ``stop`` is set, then deliver what is under way, for at most ``drain_s`` seconds."""
        # Ahead of the first event, which would wait for half a second else; if it fails, that event tells why.
        with suppress(KafkaException):
            self._client.connect()
        self._delivery.start()
        while not stop.is_set():
            try:
                with closing(self._watch()) as eye:
                    self._stand_by(eye, stop)
                    self._relay(eye, stop)
            except StoreError as error:
                self._failed(error, stop)
        self._delivery.close(self._settings.drain_s)
        try:
            self._clear()
        except StoreError as error:
            _log.warning("delivered events stay in the outbox and will be sent again", reason=str(error))
        self._engine.dispose()

    def status(self) -> tuple[bool, dict[str, object]]:
        """Tell whether the relay leads or stands by, with its figures; does not block."""
        pending, lag_s = self._backlog()
        details = {"state": self._state, "pending": pending, "lag_s": lag_s, "problems": self._delivery.problems()}
        return self._state in {"leading", "standing by"}, details

    def samples(self) -> Iterator[Sample]:
        """Yield the figures of this moment, for the metrics."""
        pending, lag_s = self._backlog()
        yield Sample("outbox_pending", (), pending)
        yield Sample("outbox_lag_seconds", (), lag_s)
        yield Sample("outbox_database_errors", (), self._database_errors)
        yield from self._delivery.samples()

    def read(self, token: int) -> Record:
        """Return an event under way."""
        return self._rows[token].record

    def release(self, token: int) -> None:
        """Remember that the broker has an event; its row is deleted soon."""
        self.latencies.add(time.time() - self._rows[token].accepted_us / 1e6)
        self._acknowledged.append(token)

    def _watch(self) -> Watch:
        with translated(self._engine):
            return watch(self._engine, self._settings.home)

    def _stand_by(self, eye: Watch, stop: Stop) -> None:
        while not eye.lead() and not stop.is_set():
            self._enter("standing by")
            stop.wait(_STAND_BY_S)

    def _relay(self, eye: Watch, stop: Stop) -> None:
        changed = True
        while not stop.is_set():
            cleared = self._clear()
            more = (changed or cleared) and self._fetch()
            self._failures = 0
            self._enter("leading")
            changed = more or eye.wait(stop)

    def _fetch(self) -> bool:
        """Take up events that are not under way yet; return whether there were any."""
        with translated(self._engine), self._engine.connect() as connection:
            ids = connection.execute(select(OUTBOX.c.id).order_by(OUTBOX.c.id).limit(_WINDOW)).scalars().all()
            # Not "all above the highest so far": on PostgreSQL a lower id may commit after a higher one.
            fresh = [number for number in ids if number not in self._rows]
            full = len(ids) == _WINDOW
            count = connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one() if full else len(ids)
            self._beyond = count - len(ids)
            for start in range(0, len(fresh), _CHUNK):
                chosen = OUTBOX.c.id.in_(fresh[start : start + _CHUNK])
                for row in connection.execute(select(OUTBOX).where(chosen).order_by(OUTBOX.c.id)):
                    self._send(row.id, _Row(self._record(connection, row), row.accepted_us))
        return bool(fresh)

    def _send(self, number: int, row: _Row) -> None:
        record = row.record
        with self._delivery.lock:
            self._rows[number] = row
            lane = self._delivery.lane(record.stream)
            self._delivery.send(lane, number, record.key, record.headers, record.body)

    def _record(self, connection: Any, row: Any) -> Record:
        stream = self._streams.get(row.stream)
        if stream is None:
            query = select(OUTBOX_STREAMS.c.description).where(OUTBOX_STREAMS.c.fingerprint == row.stream)
            stream = self._streams[row.stream] = stream_from_text(connection.execute(query).scalar_one())
        return Record(stream, row.key.encode(), row.attributes, row.body)

    def _clear(self) -> bool:
        """Delete what was acknowledged; return whether there was anything."""
        with self._delivery.lock:
            done = list(self._acknowledged)
        for start in range(0, len(done), _CHUNK):
            chunk = done[start : start + _CHUNK]
            with translated(self._engine), self._engine.begin() as tx:
                tx.execute(OUTBOX.delete().where(OUTBOX.c.id.in_(chunk)))
            with self._delivery.lock:
                del self._acknowledged[: len(chunk)]
                for number in chunk:
                    del self._rows[number]
        return bool(done)

    def _failed(self, error: StoreError, stop: Stop) -> None:
        self._database_errors += 1
        self._failures += 1
        if self._failures == 1:
            _log.error("outbox cannot be relayed; trying again", reason=str(error))
        self._enter("without database")
        stop.wait(min(_LONGEST_PAUSE_S, 0.1 * 2 ** min(self._failures, 6)))

    def _enter(self, state: str) -> None:
        if state != self._state:
            self._state = state
            _log.info("relay", state=state)

    def _backlog(self) -> tuple[int, float]:
        with self._delivery.lock:
            oldest = next(iter(self._rows.values()), None)
            pending = len(self._rows) - len(self._acknowledged) + self._beyond
        if oldest is None or not pending:
            return pending, 0.0
        return pending, max(0.0, time.time() - oldest.accepted_us / 1e6)
