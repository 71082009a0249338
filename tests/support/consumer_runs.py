"""Runtimes on a real broker: feeding topics, running members in threads, waiting for what they do."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Consumer, Producer, TopicPartition
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from hangarstack.broker.config import client_config
from hangarstack.consumers.runtime.ports import Decoder, SystemClock
from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.consumers.runtime.service import Service
from hangarstack.settings import Settings

DEADLINE_S = 30.0


def wait_until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    until = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < until, f"not in {deadline_s:g} s: {what}"
        time.sleep(0.02)


def group_name() -> str:
    """Return the name of a service whose group nobody else is in."""
    return f"counting-{uuid.uuid4().hex[:8]}"


class Feed:
    """Writes records and waits until the broker has them."""

    def __init__(self, settings: Settings) -> None:
        self._producer = Producer({**client_config(settings), "acks": "all", "linger.ms": 2})

    def send(
        self, topic: str, *values: bytes | None, partition: int = -1, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        for number, value in enumerate(values):
            place: dict[str, Any] = {} if partition < 0 else {"partition": partition}
            self._producer.produce(topic, value, key=str(number % 50), headers=list(headers), **place)
            self._producer.poll(0)
        assert self._producer.flush(10) == 0


def read_all(settings: Settings, topic: str, partitions: int, expected: int) -> list[Any]:
    """Return the messages of a topic, at least ``expected`` of them."""
    config = {**client_config(settings), "group.id": "reader", "auto.offset.reset": "earliest"}
    reader = Consumer(config)
    try:
        reader.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
        found: list[Any] = []
        until = time.monotonic() + DEADLINE_S
        while len(found) < expected and time.monotonic() < until:
            found += reader.consume(100, 0.2)
        # A little longer than needed, to see records that should not be there.
        found += reader.consume(100, 0.3)
        return [message for message in found if message.error() is None]
    finally:
        reader.close()


class Skipping:
    """A client that loses some of what it has fetched, once.

    Args:
        client: the real one.
        lost: how many records, from the second poll on.
    """

    def __init__(self, client: Any, lost: int) -> None:
        self._client = client
        self._lost = lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def consume(self, limit: int, wait_s: float) -> list[Any]:
        found: list[Any] = self._client.consume(limit, wait_s)
        lost, self._lost = (self._lost, 0) if len(found) >= self._lost else (0, self._lost)
        return found[lost:]


class SkippingClock(SystemClock):
    """The machine's clock, which a test may put forward so that what is done now and then is done now."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


class Running:
    """A runtime in a thread; a context manager that stops it and shows what it raised."""

    def __init__(self, settings: Settings, service: Service, decoder: Decoder, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self.clock = SkippingClock()
        self.runtime = ConsumerRuntime(settings, service, decoder, engine, clock=self.clock, registry=self.registry)
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="member")

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value; 0 when it was never touched."""
        return self.registry.get_sample_value(f"hangarstack_consumer_{name}", labels) or 0.0

    def wait_ready(self) -> Self:
        wait_until(lambda: self.runtime.ready()[0] or self.error is not None, "ready")
        assert self.error is None
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.runtime.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            self.error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self.error is not None and error is None:
            raise self.error
