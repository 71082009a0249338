"""The one way in which records reach the broker, for the event producer and for the outbox relay.

A record is handed to librdkafka as soon as its lane is free, by the thread that offers it; librdkafka retries it,
idempotently and in order, for as long as the broker is gone. What cannot be handed over (queue full, schema id not
known, topic refused) waits in its lane for the sender thread. Only an acknowledgement releases a record.

Order: records of one key and one stream are handed over in the order of their tokens, and arrive so unless the broker
refuses some: those that librdkafka had in hand behind a refused batch cannot be called back, and arrive before it is
sent again. Where that matters a journal offers one record of a key at a time, as the relay's does. After a crash, or
when a client had to be replaced, records are sent again: duplicates, never gaps.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol

import structlog
from confluent_kafka import KafkaError, KafkaException, Message

from hangarstack.errors import HangarStackError
from hangarstack.events.runtime.wire import frame
from hangarstack.producers.client import Client
from hangarstack.producers.lanes import PARKED_S, Lane
from hangarstack.producers.metrics import Sample
from hangarstack.producers.record import Headers, Record, Stream
from hangarstack.producers.refusals import Refusal, explained, is_unknown_topic, refusal_of
from hangarstack.producers.spans import end_sent, sent
from hangarstack.telemetry.tracing import Span

_AT_ONCE: Final = 32
_YIELD_S: Final = 0.0002
_QUEUE_FULL_S: Final = 0.02
_SHARE: Final = 0.8
"""Of the time to close, what deliveries may take; the rest is for the end."""
LEAST_S: Final = 1.0
"""Seconds that the end may take in any case."""
_log = structlog.get_logger(__name__)


class Journal(Protocol):
    """Where records are kept until they are delivered; called with the delivery's lock held."""

    def read(self, token: int) -> Record:
        """Return a record that has not been released.

        Raises:
            HangarStackError: it cannot be read.
        """

    def release(self, token: int) -> None:
        """Forget a record: the broker has it."""


class Ids(Protocol):
    """Knows schema ids; ``hangarstack.registry.ids.SchemaIds`` does."""

    def id_of(self, subject: str, schema_text: str) -> int:
        """Return the id of a registered schema; may block.

        Raises:
            RegistryError: the registry cannot be reached or does not know the schema.
        """


class Delivery:
    """Delivers the records of one journal.

    Args:
        client: the Kafka client; connected when the first record comes.
        journal: keeps the records.
        ids: knows schema ids.
        chore: called on the sender thread now and then.
        chore_s: seconds between two calls; the first comes sooner.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        ids: Ids,
        chore: Callable[[], None] = lambda: None,
        chore_s: float = 5.0,
    ) -> None:
        self.lock = threading.Lock()
        self.lanes: dict[int, Lane] = {}
        self._neighbours: defaultdict[str, list[Lane]] = defaultdict(list)
        """The lanes of each topic: their records may share a batch."""
        self._changed = threading.Condition(self.lock)
        self._client = client
        self._journal = journal
        self._ids = ids
        self._chore = chore
        # Processes that start together leave each other time to take their slots.
        self._chore_s = chore_s
        self._chore_at = time.monotonic() + chore_s * random.uniform(0.3, 0.6)  # noqa: S311 - jitter, not a secret
        self._full_until = 0.0
        self._replacing = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Start the sender thread."""
        self._thread.start()

    def lane(self, stream: Stream) -> Lane:
        """Return the lane of a stream; the caller holds ``lock``."""
        lane = self.lanes.get(stream.fingerprint)
        if lane is None:
            lane = self.lanes[stream.fingerprint] = Lane(stream)
            self._neighbours[stream.topic].append(lane)
        return lane

    def send(self, lane: Lane, token: int, key: bytes, headers: Headers, body: bytes) -> None:
        """Send a record that the journal has just got, now if its lane is free; the caller holds ``lock``.

        Never blocks and never fails: what cannot be sent now is sent later.
        """
        if lane.waiting or lane.in_flight >= lane.limit or self._stopping:
            self.resume(lane, token)
        else:
            self._produce(lane, token, key, headers, body)

    def resume(self, lane: Lane, token: int) -> None:
        """Queue a record that the journal holds for the sender thread; the caller holds ``lock``."""
        lane.wait(token)
        if len(lane.waiting) == 1:
            self._changed.notify()

    def close(self, timeout_s: float, then: Callable[[], None] = lambda: None) -> None:
        """Deliver what can be delivered, then stop; what remains stays in the journal.

        Blocks for ``timeout_s`` seconds at most, or for ``LEAST_S`` if that is more, whatever hangs: broker, registry,
        disk. What hangs ends by itself, or with the process.

        Args:
            timeout_s: seconds; four fifths of them are for deliveries.
            then: called last, when nothing here uses the journal any more.
        """
        deliver_until = time.monotonic() + timeout_s * _SHARE
        ending = threading.Thread(target=self._end, args=(deliver_until, then), name="delivery-end", daemon=True)
        ending.start()
        ending.join(max(timeout_s, LEAST_S))
        if ending.is_alive():
            _log.warning("deliveries do not end in time; what was not acknowledged stays", within_s=timeout_s)

    def abandon(self) -> None:
        """After a fork, in the child: the parent's client and threads are not ours."""
        self._client.abandon()

    def problems(self) -> list[str]:
        """Return why records wait, as far as that is known: the client's trouble, then that of each topic."""
        with self.lock:
            lanes = [problem for lane in self.lanes.values() for problem in _problems(lane)]
        return [*([self._client.problem] if self._client.problem else []), *lanes]

    def samples(self) -> Iterator[Sample]:
        """Yield the figures of this moment."""
        with self.lock:
            lanes = list(self.lanes.values())
        for lane in lanes:
            event = lane.stream.event
            yield Sample("events_delivered", (event,), lane.delivered)
            yield Sample("events_retried", (event,), lane.retried)
            yield Sample("events_parked", (event,), lane.parked)
            for reason, count in list(lane.refused.items()):
                yield Sample("events_refused", (event, reason), count)
        for reason, count in list(self._client.errors.items()):
            yield Sample("kafka_client_errors", (reason,), count)

    def _end(self, deliver_until: float, then: Callable[[], None]) -> None:
        while time.monotonic() < deliver_until and self._is_busy():
            with self.lock:
                connected = any(lane.in_flight for lane in self.lanes.values())
            if connected:
                self._client.flush(0.05)
            else:
                time.sleep(0.005)
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()
        self._client.close()
        then()

    def _is_busy(self) -> bool:
        now = time.monotonic()
        with self.lock:
            return any(lane.in_flight or (lane.waiting and not lane.is_held(now)) for lane in self.lanes.values())

    def _produce(self, lane: Lane, token: int, key: bytes, headers: Headers, body: bytes) -> bool:
        """Hand a record over, or queue it again; return whether the lane may go on at once."""
        try:
            span = sent(lane.stream, headers)
            report = partial(self._reported, lane, token, span)
            self._client.produce(lane.stream.topic, lane.prefix + body, key, headers, report)
        except BufferError:
            self._full_until = time.monotonic() + _QUEUE_FULL_S
            self.resume(lane, token)
            return False
        except KafkaException as error:
            self._refused(lane, token, error.args[0], alone=True)
            return False
        except Exception as error:  # noqa: BLE001 - the record was accepted: a mistake of ours delays it, no more
            self._park(lane, token, type(error).__name__, str(error))
            return True
        others = [other for other in self._neighbours[lane.stream.topic] if other.in_flight and other is not lane]
        for other in others:
            other.alone = False
        lane.sent(token, alone=not others)
        return True

    def _reported(self, lane: Lane, token: int, span: Span | None, error: KafkaError | None, message: Message) -> None:
        with self.lock:
            if error is None:
                lane.acknowledged(token)
                self._journal.release(token)
                if self._client.problem:
                    self._client.problem = ""
                    _log.info("Kafka takes events again", topic=lane.stream.topic)
            else:
                lane.in_flight -= 1
                self._refused(lane, token, error, alone=token == lane.probe and lane.alone)
            if lane.waiting and lane.in_flight <= lane.limit // 2:
                self._changed.notify()
        # Last: a span that cannot be ended must cost no report.
        if span is not None:
            end_sent(span, error, message)

    def _refused(self, lane: Lane, token: int, error: KafkaError, *, alone: bool) -> None:
        now = time.monotonic()
        why = explained(error)
        refusal = refusal_of(error, alone=alone)
        if refusal is Refusal.RECORD:
            self._park(lane, token, error.name(), why)
            return
        if refusal in {Refusal.TOPIC, Refusal.UNCLEAR}:
            lane.suspect_topic = is_unknown_topic(error)
            if lane.pause(now, error.name(), why) and refusal is Refusal.TOPIC:
                _log.error("topic refuses records; they stay spooled and are tried again", **_about(lane, why))
        self._replacing = self._replacing or refusal is Refusal.CLIENT
        lane.retried += 1
        self.resume(lane, token)

    def _park(self, lane: Lane, token: int, reason: str, why: str) -> None:
        if lane.park(time.monotonic(), token, reason, why):
            _log.error("record cannot be sent as it is; such are kept apart and tried again", **_about(lane, why))

    def _run(self) -> None:
        while (lanes := self._next()) is not None:
            try:
                self._work(lanes)
            except Exception:  # noqa: BLE001 - accepted events depend on this thread: it outlives any mistake
                _log.exception("delivery goes on after an unexpected error")
                time.sleep(1)

    def _work(self, lanes: list[Lane]) -> None:
        if self._replacing:
            self._client.replace()
            self._replacing = False
        for lane in lanes:
            self._serve(lane)
        if time.monotonic() >= self._chore_at:
            self._chore_at = time.monotonic() + self._chore_s
            self._chore()

    def _next(self) -> list[Lane] | None:
        """Wait until some lanes, or the chore, are due; None: the time has come to stop."""
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                due = [lane for lane in self.lanes.values() if lane.is_due(now)] if now >= self._full_until else []
                if due or now >= self._chore_at or self._replacing:
                    return due
                times = [at for lane in self.lanes.values() if (at := lane.due_at()) is not None]
                wake_at = max(min(times, default=self._chore_at), self._full_until)
                self._changed.wait(max(0.0, min(wake_at, self._chore_at) - now))
        return None

    def _serve(self, lane: Lane) -> None:
        if not lane.prefix and not self._open(lane):
            return
        if lane.suspect_topic:
            self._client.look_again(lane.stream.topic)
            lane.suspect_topic = False
        while self._feed(lane):
            # Lets a thread that publishes have the lock and the interpreter: its page must not wait for a backlog.
            time.sleep(_YIELD_S)

    def _open(self, lane: Lane) -> bool:
        try:
            self._client.connect()
            prefix = frame(self._ids.id_of(lane.stream.subject, lane.stream.schema), b"")
        except (HangarStackError, KafkaException) as error:
            with self.lock:
                if lane.pause(time.monotonic(), type(error).__name__, str(error)):
                    _log.warning("events wait for their schema id", **_about(lane, str(error)))
            return False
        with self.lock:
            lane.open(prefix)
        return True

    def _feed(self, lane: Lane) -> bool:
        """Hand over a few waiting records; return whether there may be more to do at once."""
        with self.lock:
            for _ in range(_AT_ONCE):
                if self._stopping or not lane.is_due(time.monotonic()):
                    return False
                token = lane.take()
                try:
                    record = self._journal.read(token)
                except Exception as error:  # noqa: BLE001 - it stays accepted, and must not stop the others
                    self._park(lane, token, type(error).__name__, str(error))
                    continue
                if not self._produce(lane, token, record.key, record.headers, record.body):
                    return False
        return True


def _problems(lane: Lane) -> Iterator[str]:
    if lane.problem:
        yield f"{lane.stream.topic}: {lane.problem}"
    if lane.parked:
        yield (
            f"{lane.stream.topic}: {lane.parked:,} events are kept apart, because each is refused for itself;"
            f" they are tried again every {PARKED_S:g} s: {lane.parked_problem}"
        )


def _about(lane: Lane, reason: str) -> dict[str, str]:
    return {"topic": lane.stream.topic, "event_class": lane.stream.event, "reason": reason}
