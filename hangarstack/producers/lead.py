"""What a relay has under way while it leads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from hangarstack.producers.client import Client
from hangarstack.producers.delivery import Delivery, Ids
from hangarstack.producers.metrics import Latencies
from hangarstack.producers.record import Record


@dataclass(frozen=True, slots=True)
class Row:
    """One event of the outbox, and when it was accepted, in microseconds since 1970."""

    record: Record
    accepted_us: int


class Lead:
    """The events that were taken up from the outbox, as a journal, and their delivery.

    Of each key of a topic one event is sent at a time, the next upon its acknowledgement. So events of one key arrive
    in their order whatever the broker refuses meanwhile, and whatever the class and the schema of each: one that stays
    refused holds up those of its key and no other. Nothing else of its key is kept here meanwhile.

    Args:
        client: the Kafka client of this lead.
        ids: knows schema ids.
        latencies: are told how long each event took.
        arrived: events that an earlier lead knows to have arrived and has not deleted yet.
    """

    def __init__(self, client: Client, ids: Ids, latencies: Latencies, arrived: Iterable[int]) -> None:
        self._latencies = latencies
        self._rows: dict[int, Row] = {}
        self._queues: dict[tuple[str, bytes], deque[int]] = {}
        """The events of each key, the one that is on its way first."""
        self._arrived = dict.fromkeys(arrived)
        self.delivery = Delivery(client, self, ids)
        self.delivery.start()

    def __contains__(self, number: int) -> bool:
        return number in self._rows or number in self._arrived

    def __len__(self) -> int:
        return len(self._rows) + len(self._arrived)

    def take_up(self, number: int, row: Row) -> None:
        """Send an event once those of its key have arrived that were taken up before."""
        with self.delivery.lock:
            self._rows[number] = row
            queue = self._queues.setdefault(_key(row.record), deque())
            queue.append(number)
            if len(queue) == 1:
                self._send(number)

    def read(self, token: int) -> Record:
        """Return an event under way."""
        return self._rows[token].record

    def release(self, token: int) -> None:
        """Remember that the broker has an event, and send the next of its key."""
        row = self._rows.pop(token)
        self._arrived[token] = None
        self._latencies.add(time.time() - row.accepted_us / 1e6)
        key = _key(row.record)
        queue = self._queues[key]
        queue.popleft()
        if queue:
            self._send(queue[0])
        else:
            del self._queues[key]

    def arrived(self) -> list[int]:
        """Return the events that the broker has, and that were not forgotten."""
        with self.delivery.lock:
            return list(self._arrived)

    def forget(self, numbers: Iterable[int]) -> None:
        """Forget events that have arrived: they are in the outbox no more."""
        with self.delivery.lock:
            for number in numbers:
                del self._arrived[number]

    def left_out(self, enough: int, most: int) -> tuple[list[str], int]:
        """Return the keys of which no more is to be taken up, and how many events wait of the others behind the first.

        These are the keys of which enough events wait, and those whose first one is refused for itself. What waits
        behind such a one is let go: it is in the outbox, and taken up again once the first has arrived.

        Args:
            enough: so many events of a key, and no more, may wait.
            most: so many keys whose first event is refused, and no more: the others are as if it were not.
        """
        keys, behind, refused = [], 0, 0
        with self.delivery.lock:
            apart = set[int]().union(*(lane.apart for lane in self.delivery.lanes.values()))
            for (_, key), queue in self._queues.items():
                if refused < most and queue[0] in apart:
                    refused += 1
                    while len(queue) > 1:
                        del self._rows[queue.pop()]
                elif len(queue) <= enough:
                    behind += len(queue) - 1
                    continue
                keys.append(key.decode())
        return keys, behind

    def backlog(self) -> tuple[int, int | None]:
        """Return how many events have not arrived, and when the first of them was accepted, in microseconds."""
        with self.delivery.lock:
            oldest = next(iter(self._rows.values()), None)
            return len(self._rows), oldest.accepted_us if oldest else None

    def _send(self, number: int) -> None:
        record = self._rows[number].record
        lane = self.delivery.lane(record.stream)
        self.delivery.send(lane, number, record.key, record.headers, record.body)


def _key(record: Record) -> tuple[str, bytes]:
    return record.stream.topic, record.key


__all__ = ["Lead", "Row"]
