"""Which events were applied before, by their id, within a window of the records' time."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text, update

from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.consumers.runtime.record import Record
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import SEEN_EVENTS

_PRUNE_EVERY_S: Final = 10.0
_PRUNE_LEAST: Final = 1000
_FOR_EVER: Final = 2**40
_FROM_BEFORE: Final = b""
"""The log of what was seen before logs were noted; goes with whichever log is pruned, but not within a window
of the migration."""

_EXPIRED = (
    select(SEEN_EVENTS.c.event_id)
    .where(SEEN_EVENTS.c.log.in_([bindparam("log"), _FROM_BEFORE]), SEEN_EVENTS.c.seen_s < bindparam("before"))
    .limit(bindparam("most"))
)
_PRUNE = delete(SEEN_EVENTS).where(SEEN_EVENTS.c.event_id.in_(_EXPIRED.scalar_subquery()))


# All ids come as one value and are cut apart here, so that a batch of any size is the same short statement: a
# statement with a row for each id costs twice the time, and each size of it a piece of SQLite's cache.
_CLAIM: Final = text(
    """
    WITH RECURSIVE place(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count)
    INSERT INTO seen_events (event_id, log, seen_s)
    SELECT substr(:ids, n * 20 + 1, 16), substr(:ids, n * 20 + 17, 4), :now FROM place WHERE true
    ON CONFLICT DO NOTHING RETURNING event_id
    """
)


class SeenEvents:
    """Claims event ids for this transaction and forgets those older than the window.

    The window goes by the time at which records were written: a partition forgets what it has seen only as its
    records come to be a window younger. A service that was stopped for longer than that still knows, when it reads
    on, what it had read before. What was seen less than a window ago by the clock is kept too, because a producer's
    clock may be slow; and what was written after the time of the clock counts as seen when it was written, because the
    clock itself may be slow. Events that were replayed from the dead letters are known for ever: a letter may be
    replayed again as long as it is there, and another one of the same event may be.

    Args:
        window_s: seconds; of two events with one id whose records were written within them, one is applied.
    """

    def __init__(self, window_s: int) -> None:
        self._window_s = window_s
        self._prune_at: dict[PartitionId, float] = {}
        self._logs: dict[PartitionId, bytes] = {}

    def claim(self, tx: Connection, received: Sequence[Received], now: float) -> Sequence[Received]:
        """Return the events that were not applied before, each once, in their order.

        One statement both asks and claims, so that two members that receive copies of one event at the same
        time cannot both have it: the second waits for the first one's transaction.

        Args:
            tx: the transaction that also holds the events' effect.
            received: decoded events.
            now: seconds since 1970.
        """
        first: dict[bytes, Received] = {}
        for one in received:
            first.setdefault(one.event.event_id.bytes, one)
        if not first:
            return ()
        # Sorted, so that two members that claim the same ids do not deadlock; and new ids sort by time.
        ids = b"".join(event_id + self._log(first[event_id][1:3]) for event_id in sorted(first))
        claim = {"ids": ids, "count": len(first), "now": int(now)}
        fresh = {bytes(event_id) for event_id in tx.execute(_CLAIM, claim).scalars()}
        ahead = {event_id: ms for event_id in fresh if (ms := first[event_id].timestamp_ms) > 1000 * now}
        if ahead:
            self.keep(tx, list(ahead), until=max(ahead.values()) // 1000)
        replayed = [one.event.event_id.bytes for one in received if one.replayed]
        if replayed:
            self.keep(tx, replayed)
        if len(fresh) == len(received):
            return received
        return [one for event_id, one in first.items() if event_id in fresh]

    def prune(
        self, tx: Connection, partitions: Collection[PartitionId], records: Iterable[Record], handled: int, now: float
    ) -> None:
        """Forget some of what is older than the window, of each partition for which it is time.

        While there is more to forget, each batch forgets twice what it has added, so that the table cannot
        outgrow the window and no batch waits long.

        Args:
            tx: the batch's transaction.
            partitions: those of the batch.
            records: the batch's.
            handled: the number of events in the batch.
            now: seconds since 1970.
        """
        due = [one for one in partitions if now >= self._prune_at.get(one, 0.0)]
        if not due:
            return
        reached = _reached(records, now)
        most = max(_PRUNE_LEAST, 2 * handled)
        for one in due:
            before = int(reached[one]) - self._window_s
            gone = tx.execute(_PRUNE, {"log": self._log(one), "before": before, "most": most}).rowcount
            self._prune_at[one] = now if gone >= most else now + _PRUNE_EVERY_S

    def trim(self, tx: Connection, reached: Mapping[PartitionId, float]) -> None:
        """Forget all that is older than the window; blocks for as long.

        Args:
            tx: a transaction.
            reached: for each partition, when its last record was written, in seconds since 1970.
        """
        for one, moment in reached.items():
            old = SEEN_EVENTS.c.seen_s < int(moment) - self._window_s
            tx.execute(delete(SEEN_EVENTS).where(SEEN_EVENTS.c.log == self._log(one), old))

    @staticmethod
    def keep(tx: Connection, event_ids: Sequence[bytes], *, until: int = _FOR_EVER) -> None:
        """Remember these, if they were seen, as if that had been later.

        Args:
            tx: a transaction.
            event_ids: at most some thousands.
            until: when they count as seen, in seconds since 1970; never forgotten unless told.
        """
        tx.execute(update(SEEN_EVENTS).where(SEEN_EVENTS.c.event_id.in_(event_ids)).values(seen_s=until))

    def _log(self, one: PartitionId) -> bytes:
        known = self._logs.get(one)
        if known is None:
            # Four bytes, because each event has them. By name: a topic made anew goes on forgetting for the old one.
            known = self._logs[one] = zlib.crc32(f"{one[0]}/{one[1]}".encode()).to_bytes(4, "big")
        return known


def _reached(records: Iterable[Record], now: float) -> Mapping[PartitionId, float]:
    """Return when the oldest of each partition's records was written, or now if that is earlier."""
    oldest: dict[PartitionId, float] = {}
    for record in records:
        one = record.topic(), record.partition()
        written_ms = record.timestamp()[1]
        written = written_ms / 1000 if written_ms >= 0 else now
        oldest[one] = min(oldest.get(one, now), written)
    return oldest


__all__ = ["SeenEvents"]
