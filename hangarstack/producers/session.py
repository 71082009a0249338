"""What an event producer owns in one process: a spool, and the delivery of what is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from hangarstack.errors import DeliveryError
from hangarstack.producers.client import Client
from hangarstack.producers.delivery import Delivery, Ids
from hangarstack.producers.headers import to_text
from hangarstack.producers.metrics import Latencies, Sample
from hangarstack.producers.record import Attributes, Record, Stream
from hangarstack.producers.spool import Spool


class Session:
    """Accepts records into the spool and delivers them; also what it found there and what dead siblings left.

    Args:
        directory: the component's spool directory.
        capacity: bytes that the spool may take.
        fsync: force each record to disk before it counts as accepted.
        client: the Kafka client of this process.
        ids: knows schema ids.

    Raises:
        SpoolError: the spool cannot be opened.
    """

    def __init__(self, directory: Path, capacity: int, fsync: bool, client: Client, ids: Ids) -> None:
        self._fsync = fsync
        self._client = client
        self._closed = False
        self.spool = Spool(directory, capacity)
        self.latencies = Latencies()
        self.delivery = Delivery(client, self, ids, chore=self._adopt)
        self._resume(self.spool.recovered)
        self.delivery.start()

    def accept(self, stream: Stream, key: bytes, headers: Attributes, body: bytes) -> None:
        """Spool a record and send it if its lane is free; does not wait for anybody but, with ``fsync``, the disk.

        Raises:
            SpoolFullError: no room.
            SpoolError: the disk refused.
            DeliveryError: the session is closed.
        """
        attributes = to_text(headers).encode()
        delivery = self.delivery
        with delivery.lock:
            if self._closed:
                raise DeliveryError("the producer is closed", remedy="Publish before close() is called")
            token = self.spool.append(stream, key, attributes, body)
            lane = delivery.lane(stream)
            lane.accepted += 1
            delivery.send(lane, token, key, [*stream.headers, *headers], body)
        if self._fsync:
            self.spool.sync(token)

    def read(self, token: int) -> Record:
        """Return a spooled record."""
        return self.spool.read(token)

    def release(self, token: int) -> None:
        """Forget a record that the broker has acknowledged."""
        self.latencies.add((time.time_ns() - token) / 1e9)
        self.spool.release(token)

    def close(self, timeout_s: float) -> int:
        """Deliver for at most ``timeout_s`` seconds, then close; return how many records stay spooled."""
        with self.delivery.lock:
            self._closed = True
        self.delivery.close(timeout_s)
        left = len(self.spool)
        self.spool.close()
        return left

    def forget(self) -> None:
        """After a fork, in the child: let go of what is the parent's."""
        self.spool.forget()
        self.delivery.abandon()

    def samples(self) -> Iterator[Sample]:
        """Yield the figures of this moment."""
        with self.delivery.lock:
            oldest = self.spool.oldest()
            lanes = list(self.delivery.lanes.values())
        yield Sample("spool_events", (), len(self.spool))
        yield Sample("spool_bytes", (), self.spool.used)
        yield Sample("spool_capacity_bytes", (), self.spool.capacity)
        yield Sample("spool_oldest_seconds", (), _age(oldest))
        for lane in lanes:
            yield Sample("events_accepted", (lane.stream.event,), lane.accepted)
        yield from self.delivery.samples()

    def status(self) -> Mapping[str, object]:
        """Return what a person who asks for the health of the process should see."""
        with self.delivery.lock:
            oldest = self.spool.oldest()
        problems = [*self.spool.problems(), *self.delivery.problems()]
        return {"spooled": len(self.spool), "oldest_s": round(_age(oldest), 1), "problems": problems}

    def _resume(self, found: list[tuple[int, Stream]]) -> None:
        with self.delivery.lock:
            for token, stream in found:
                self.delivery.resume(self.delivery.lane(stream), token)

    def _adopt(self) -> None:
        scanned = self.spool.salvage()
        if scanned:
            with self.delivery.lock:
                found = self.spool.admit(scanned)
            self._resume(found)


def _age(token: int | None) -> float:
    return 0.0 if token is None else max(0.0, (time.time_ns() - token) / 1e9)
