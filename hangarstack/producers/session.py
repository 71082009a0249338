"""What an event producer owns in one process: a spool, and the delivery of what is in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress

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
        spool: the journal, just opened; closed with the session.
        fsync: force each record to disk before it is sent and counts as accepted.
        client: the Kafka client of this process.
        ids: knows schema ids.
    """

    def __init__(self, spool: Spool, fsync: bool, client: Client, ids: Ids) -> None:
        self._fsync = fsync
        self._client = client
        self._closed = False
        self.spool = spool
        self.latencies = Latencies()
        self.delivery = Delivery(client, self, ids, chore=self._adopt)
        self._forcing = 0
        """Publishers that wait for the disk."""
        self._forced = threading.Condition(self.delivery.lock)
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
        with self.delivery.lock:
            if self._closed:
                raise DeliveryError("the producer is closed", remedy="Publish before close() is called")
            token = self.spool.append(stream, key, attributes, body)
            if not self._fsync:
                self._hand_on(stream, token, key, headers, body)
                return
            self._forcing += 1
        try:
            # Without the lock, so that others publish meanwhile. What is refused was not handed on yet.
            self._force(token)
            with self.delivery.lock:
                self._hand_on(stream, token, key, headers, body)
        finally:
            with self._forced:
                self._forcing -= 1
                self._forced.notify_all()

    def read(self, token: int) -> Record:
        """Return a spooled record."""
        return self.spool.read(token)

    def release(self, token: int) -> None:
        """Forget a record that the broker has acknowledged."""
        self.latencies.add((time.time_ns() - token) / 1e9)
        self.spool.release(token)

    def close(self, timeout_s: float) -> int:
        """Deliver what can be delivered, then close; return how many records stay spooled.

        Blocks as ``Delivery.close`` does. While something hangs the files stay open, and so do those of a publisher
        that waits for the disk: whether its event is accepted is still to be told.
        """
        self._closed = True
        self.delivery.close(timeout_s, self._end)
        return len(self.spool)

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
        yield Sample("spool_unread_files", (), self.spool.unread)
        yield Sample("spool_clock_behind", (), self.spool.clock_behind)
        with suppress(OSError):
            yield Sample("spool_aside_files", (), self.spool.aside())
        for lane in lanes:
            yield Sample("events_accepted", (lane.stream.event,), lane.accepted)
        yield from self.delivery.samples()

    def status(self) -> Mapping[str, object]:
        """Return what a person who asks for the health of the process should see."""
        with self.delivery.lock:
            oldest = self.spool.oldest()
        problems = [*self.spool.problems(), *self.delivery.problems()]
        return {"spooled": len(self.spool), "oldest_s": round(_age(oldest), 1), "problems": problems}

    def _hand_on(self, stream: Stream, token: int, key: bytes, headers: Attributes, body: bytes) -> None:
        lane = self.delivery.lane(stream)
        lane.accepted += 1
        # Closed meanwhile: it is on disk, and the next process sends it.
        if not self._closed:
            self.delivery.send(lane, token, key, [*stream.headers, *headers], body)

    def _force(self, token: int) -> None:
        try:
            self.spool.sync(token)
        except BaseException:
            with self.delivery.lock:
                self.spool.release(token)
            raise

    def _end(self) -> None:
        with self._forced:
            while self._forcing:
                self._forced.wait()
            self.spool.close()

    def _resume(self, found: list[tuple[int, Stream]]) -> None:
        with self.delivery.lock:
            for token, stream in found:
                self.delivery.resume(self.delivery.lane(stream), token)

    def _adopt(self) -> None:
        scanned = self.spool.salvage()
        with self.delivery.lock:
            found = self.spool.admit(scanned)
        self._resume(found)


def _age(token: int | None) -> float:
    return 0.0 if token is None else max(0.0, (time.time_ns() - token) / 1e9)
