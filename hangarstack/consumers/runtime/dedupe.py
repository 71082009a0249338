"""Which events were applied before, by their id, within a window of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text

from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import SEEN_EVENTS

_PRUNE_EVERY_S: Final = 10.0
_PRUNE_LEAST: Final = 1000

_EXPIRED = (
    select(SEEN_EVENTS.c.event_id)
    .where(SEEN_EVENTS.c.seen_s < bindparam("before"))
    .order_by(SEEN_EVENTS.c.seen_s)
    .limit(bindparam("most"))
)
_PRUNE = delete(SEEN_EVENTS).where(SEEN_EVENTS.c.event_id.in_(_EXPIRED.scalar_subquery()))


# All ids come as one value and are cut apart here, so that a batch of any size is the same short statement: a
# statement with a row for each id costs twice the time, and each size of it a piece of SQLite's cache.
_CLAIM: Final = text(
    """
    WITH RECURSIVE place(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count)
    INSERT INTO seen_events (event_id, seen_s)
    SELECT substr(:ids, n * 16 + 1, 16), :now FROM place WHERE true
    ON CONFLICT DO NOTHING RETURNING event_id
    """
)


class SeenEvents:
    """Claims event ids for this transaction and forgets those older than the window.

    Args:
        window_s: seconds in which a second event of one id is recognised.
    """

    def __init__(self, window_s: int) -> None:
        self._window_s = window_s
        self._prune_at = 0.0

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
        claim = {"ids": b"".join(sorted(first)), "count": len(first), "now": int(now)}
        fresh = {bytes(event_id) for event_id in tx.execute(_CLAIM, claim).scalars()}
        if len(fresh) == len(received):
            return received
        return [one for event_id, one in first.items() if event_id in fresh]

    def prune(self, tx: Connection, handled: int, now: float) -> None:
        """Forget some of what is older than the window, when it is time.

        While there is more to forget, each batch forgets twice what it has added, so that the table cannot
        outgrow the window and no batch waits long.

        Args:
            tx: the batch's transaction.
            handled: the number of events in the batch.
            now: seconds since 1970.
        """
        if now < self._prune_at:
            return
        most = max(_PRUNE_LEAST, 2 * handled)
        gone = tx.execute(_PRUNE, {"before": int(now) - self._window_s, "most": most}).rowcount
        self._prune_at = now if gone >= most else now + _PRUNE_EVERY_S


__all__ = ["SeenEvents"]
