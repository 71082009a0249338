"""librdkafka's producer, made when first needed, with a thread that serves its callbacks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from hangarstack.broker.quiet import librdkafka_log
from hangarstack.producers.record import Headers

Report = Callable[[KafkaError | None, Message], None]
"""Told once for each record: no error when the broker has it."""

_POLL_S: Final = 0.25
_REPORTS_S: Final = 5.0
_SAME_PROBLEM_S: Final = 60.0
_log = structlog.get_logger(__name__)
_abandoned: list[Producer] = []


class Client(Protocol):
    """What delivery needs of a Kafka client; ``KafkaClient`` is the one in use."""

    errors: Counter[str]
    problem: str

    def connect(self) -> None:
        """Make the client ready to take records; does not wait for a broker."""

    def produce(self, topic: str, value: bytes, key: bytes, headers: Headers, report: Report) -> None:
        """Queue a record; never blocks.

        Raises:
            BufferError: the queue is full.
            KafkaException: the record, the topic or the client is refused at once.
        """

    def look_again(self, topic: str) -> None:
        """Ask the brokers whether a topic exists; blocks for at most two seconds."""

    def replace(self) -> None:
        """Withdraw every record, reporting each, and begin with a new client; blocks until all are reported."""

    def flush(self, timeout_s: float) -> None:
        """Send what is queued without lingering and serve callbacks; blocks for at most ``timeout_s``."""

    def close(self) -> None:
        """Withdraw every record, reporting each, and end; blocks until all are reported."""

    def abandon(self) -> None:
        """After a fork, in the child: never touch the parent's client again."""


class KafkaClient:
    """The client over librdkafka.

    Args:
        config: librdkafka's configuration; holds secrets.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = {**config, "error_cb": self._on_error, "logger": librdkafka_log()}
        self._producer: Producer | None = None
        self._poller: threading.Thread | None = None
        self._closing = False
        self._told_at = float("-inf")
        self.errors: Counter[str] = Counter()
        self.problem = ""

    def connect(self) -> None:
        """Make the producer and the thread; both at the first call only."""
        if self._producer is None:
            self._producer = Producer(self._config)
            self._poller = threading.Thread(target=self._poll, name="delivery-reports", daemon=True)
            self._poller.start()

    def produce(self, topic: str, value: bytes, key: bytes, headers: Headers, report: Report) -> None:
        """Queue a record; see ``Client``."""
        self._connected.produce(topic, value, key, on_delivery=report, headers=headers)

    def look_again(self, topic: str) -> None:
        """Refresh what librdkafka knows of a topic: by itself it would do so after minutes."""
        try:
            self._connected.list_topics(topic, timeout=2)
        except KafkaException as error:
            _log.debug("topic cannot be looked up", topic=topic, reason=str(error))

    def replace(self) -> None:
        """Begin with a new producer, after a fatal error."""
        _log.error("Kafka client failed for good and is replaced; its records are sent again", reason=self.problem)
        old = self._connected
        _withdraw(old)
        self._producer = Producer(self._config)

    def flush(self, timeout_s: float) -> None:
        """Serve callbacks for at most ``timeout_s``."""
        self._connected.flush(timeout_s)

    def close(self) -> None:
        """Withdraw what is queued and let the producer go."""
        self._closing = True
        if self._producer is not None and self._poller is not None:
            _withdraw(self._producer)
            self._poller.join()
            self._producer = None

    def abandon(self) -> None:
        """Keep the parent's producer from being destroyed here: its threads, which that waits for, do not exist."""
        if self._producer is not None:
            _abandoned.append(self._producer)

    @property
    def _connected(self) -> Producer:
        assert self._producer is not None, "connect() comes first"  # noqa: S101 - a mistake in this package
        return self._producer

    def _poll(self) -> None:
        # Returns as soon as there is something to serve: the time-out only bounds how long close() waits.
        while not self._closing:
            try:
                self._connected.poll(_POLL_S)
            except Exception:  # noqa: BLE001 - every acknowledgement comes through here: it outlives any mistake
                _log.exception("delivery reports go on after an unexpected error")

    def _on_error(self, error: KafkaError) -> None:
        self.errors[error.name()] += 1
        # It follows upon the error that says why, and says less.
        if not self.problem or error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - librdkafka's own codes
            self.problem = error.str()
        if time.monotonic() - self._told_at > _SAME_PROBLEM_S:
            self._told_at = time.monotonic()
            _log.warning("Kafka cannot be used; accepted events wait", code=error.name(), reason=error.str())


def _withdraw(producer: Producer) -> None:
    producer.purge()
    # Until the last is reported: a record without a report would hold its place in its lane for ever.
    while producer.flush(_REPORTS_S):
        pass
