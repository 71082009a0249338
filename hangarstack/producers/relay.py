"""The relay: delivers the outbox in its order, and deletes what the broker has acknowledged."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException
from sqlalchemy import Engine, func, select

from hangarstack.errors import LeadLostError, StoreError
from hangarstack.producers.client import Client
from hangarstack.producers.delivery import Ids
from hangarstack.producers.lead import Lead, Row
from hangarstack.producers.metrics import COLLECTOR, Latencies, Sample
from hangarstack.producers.outbox import OUTBOX, OUTBOX_STREAMS, metadata
from hangarstack.producers.producer import kafka_client
from hangarstack.producers.record import Record, Stream, stream_from_text
from hangarstack.producers.watch import Stop, Watch, watch
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import translated
from hangarstack.store.lease import Lease, lease_table

_WINDOW: Final = 2_000
_ENOUGH: Final = 100
"""Of a key of which so many events wait no more are taken up: they would keep those of other keys out of the window."""
_MOST_REFUSED: Final = 10_000
"""Of so many keys an event may be refused before they hold up others: each is named in the query for events."""
_CHUNK: Final = 500
LEAD_S: Final = 5.0
"""A relay that was killed, that is frozen or that has lost the database leads for so long."""
_STAND_BY_S: Final = 0.5
_LOOK_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 5.0
_SHARE_FOR_KAFKA: Final = 0.6
"""Of the time to drain, what the last acknowledgements may take; the rest is for the database and the way out."""
_log = structlog.get_logger(__name__)

RELAY_LEASE: Final = lease_table("relay_lease", metadata)
"""One row while a relay leads."""


class Relay:
    """Delivers the events of the outbox, at least once, per key in the order of their commits.

    Several relays may run on one database: one leads, the others stand by and take over when it ends, or within
    six seconds when it is killed or frozen. Broker, registry and database may go and come back; nothing is deleted
    that was not acknowledged.

    A leader that wakes up sees that another one leads before it takes up an event, and lets go of what is under way.
    What Kafka's client has had in hand by then may still arrive, for the second time: whoever leads begins with the
    oldest event that is not known to have arrived, so the first arrivals of a key are in order whatever else comes.

    Args:
        settings: where database, Kafka and registry are; ``drain_s`` bounds the end.
        ids: knows schema ids; None: the registry of the settings.
        client: makes the Kafka client of a lead; None: the one of the settings.

    Raises:
        SettingsError: settings that do not fit each other.
        StoreUnavailableError: the store's directory cannot be made.
    """

    component: Final = "relay"

    def __init__(
        self, settings: Settings, *, ids: Ids | None = None, client: Callable[[], Client] | None = None
    ) -> None:
        self._settings = settings
        self._engine: Engine = open_store(settings, "catalogue")
        who = f"{socket.gethostname()}:{os.getpid()}"
        self._lease = Lease(self._engine, RELAY_LEASE, self.component, who, lasts_s=LEAD_S)
        self._ids = ids or SchemaIds(settings)
        self._client = client or partial(kafka_client, settings, self.component)
        self._lead: Lead | None = None
        self._arrived: list[int] = []
        """What the last lead left to be deleted."""
        self._streams: dict[str, Stream] = {}
        self._beyond = 0
        self._looked: tuple[int, int | None] = (0, None)
        self._look_at = 0.0
        self._failures = 0
        self._database_errors = 0
        self._state = "starting"
        self.latencies = Latencies()
        COLLECTOR.add(self)

    def run(self, stop: Stop) -> None:
        """Relay until ``stop`` is set, then wait for what is under way: a share of ``drain_s`` seconds."""
        while not stop.is_set():
            try:
                lead = self._stand_by(stop)
                if lead is not None:
                    with closing(self._watch()) as eye:
                        self._relay(lead, eye, stop)
            except LeadLostError as error:
                _log.warning("this relay leads no more", reason=str(error))
                self._step_down()
            except StoreError as error:
                self._failed(error, stop)
        self._end()
        self._engine.dispose()

    def status(self) -> tuple[bool, dict[str, object]]:
        """Tell whether the relay leads or stands by, with the outbox's figures; does not block."""
        lead = self._lead
        pending, lag_s = self._backlog(lead)
        problems = [] if lead is None else lead.delivery.problems()
        details = {"state": self._state, "pending": pending, "lag_s": lag_s, "problems": problems}
        return self._state in {"leading", "standing by"}, details

    def samples(self) -> Iterator[Sample]:
        """Yield the figures of this moment, for the metrics."""
        lead = self._lead
        pending, lag_s = self._backlog(lead)
        yield Sample("outbox_pending", (), pending)
        yield Sample("outbox_lag_seconds", (), lag_s)
        yield Sample("outbox_database_errors", (), self._database_errors)
        if lead is not None:
            yield from lead.delivery.samples()

    def _watch(self) -> Watch:
        with translated(self._engine):
            return watch(self._engine)

    def _stand_by(self, stop: Stop) -> Lead | None:
        """Wait until this relay leads, and return its lead; None when it is asked to stop."""
        while not stop.is_set():
            if self._lease.take():
                return self._lead or self._begin()
            self._step_down()
            self._look()
            self._failures = 0
            self._enter("standing by")
            stop.wait(_STAND_BY_S)
        return None

    def _begin(self) -> Lead:
        client = self._client()
        # Ahead of the first event, which would wait for half a second else; if it fails, that event tells why.
        with suppress(KafkaException):
            client.connect()
        lead = self._lead = Lead(client, self._ids, self.latencies, self._arrived)
        return lead

    def _step_down(self) -> None:
        """Let go of all that is not known to have arrived: another relay delivers it."""
        lead = self._lead
        if lead is None:
            return
        lead.delivery.close(0)
        self._lead = None
        self._arrived = lead.arrived()
        self._beyond = 0
        self._look_at = 0.0

    def _look(self) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOK_S
        query = select(func.count(), func.min(OUTBOX.c.accepted_us))
        with translated(self._engine), self._engine.connect() as connection:
            pending, oldest_us = connection.execute(query).one()
        self._looked = pending, oldest_us

    def _relay(self, lead: Lead, eye: Watch, stop: Stop) -> None:
        changed = True
        while not stop.is_set():
            if self._lease.is_due() and not self._lease.renew():
                raise LeadLostError("another relay leads")
            cleared = self._clear(lead)
            more = (changed or cleared) and self._fetch(lead)
            self._failures = 0
            self._enter("leading")
            changed = more or eye.wait(stop)

    def _fetch(self, lead: Lead) -> bool:
        """Take up events that are not under way yet; return whether there were any."""
        with translated(self._engine), self._engine.connect() as connection:
            # By the database, because a clock does not tell a machine that slept for how long it did.
            if not self._lease.is_mine(connection):
                raise LeadLostError("another relay leads")
            kept = len(lead)
            left_out, behind = lead.left_out(_ENOUGH, _MOST_REFUSED)
            self._beyond += kept - len(lead)
            window = _WINDOW + behind
            query = select(OUTBOX.c.id).order_by(OUTBOX.c.id).limit(window)
            ids = connection.execute(query.where(OUTBOX.c.key.not_in(left_out)) if left_out else query).scalars().all()
            # Not "all above the highest so far": on PostgreSQL a lower id may commit after a higher one.
            fresh = [number for number in ids if number not in lead]
            for start in range(0, len(fresh), _CHUNK):
                chosen = OUTBOX.c.id.in_(fresh[start : start + _CHUNK])
                for row in connection.execute(select(OUTBOX).where(chosen).order_by(OUTBOX.c.id)):
                    if self._lease.is_over():
                        raise LeadLostError("another relay may lead: this one was silent for too long")
                    lead.take_up(row.id, Row(self._record(connection, row), row.accepted_us))
            is_all = len(ids) < window and not left_out
            count = 0 if is_all else connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one()
            self._beyond = max(0, count - len(lead))
        return bool(fresh)

    def _record(self, connection: Any, row: Any) -> Record:
        stream = self._streams.get(row.stream)
        if stream is None:
            query = select(OUTBOX_STREAMS.c.description).where(OUTBOX_STREAMS.c.fingerprint == row.stream)
            stream = self._streams[row.stream] = stream_from_text(connection.execute(query).scalar_one())
        return Record(stream, row.key.encode(), row.attributes, row.body)

    def _clear(self, lead: Lead) -> bool:
        """Delete what has arrived, which is right whoever leads; return whether there was anything."""
        done = lead.arrived()
        for start in range(0, len(done), _CHUNK):
            chunk = done[start : start + _CHUNK]
            with translated(self._engine), self._engine.begin() as tx:
                tx.execute(OUTBOX.delete().where(OUTBOX.c.id.in_(chunk)))
            lead.forget(chunk)
        return bool(done)

    def _failed(self, error: StoreError, stop: Stop) -> None:
        self._database_errors += 1
        self._failures += 1
        if self._failures == 1:
            _log.error("outbox cannot be relayed; trying again", reason=str(error))
        self._enter("without database")
        if self._lease.is_over():
            self._step_down()
        stop.wait(min(_LONGEST_PAUSE_S, 0.1 * 2 ** min(self._failures, 6)))

    def _end(self) -> None:
        lead = self._lead
        if lead is None:
            return
        lead.delivery.close(self._settings.drain_s * _SHARE_FOR_KAFKA)
        try:
            self._clear(lead)
            self._lease.give_back()
        except StoreError as error:
            _log.warning("delivered events stay in the outbox and will be sent again", reason=str(error))

    def _enter(self, state: str) -> None:
        if state != self._state:
            self._state = state
            _log.info("relay", state=state)

    def _backlog(self, lead: Lead | None) -> tuple[int, float]:
        if lead is None:
            pending, oldest_us = self._looked
        else:
            pending, oldest_us = lead.backlog()
            pending += self._beyond
        if oldest_us is None or not pending:
            return pending, 0.0
        return pending, max(0.0, time.time() - oldest_us / 1e6)
