"""Popularity: counts views per aircraft, weighs recent ones, and pairs aircraft that one session viewed."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from hangarstack.analytics.buckets import Grain, seconds
from hangarstack.analytics.popularity import (
    ERA_S,
    ERAS,
    HALF_LIFE_S,
    PAIRS,
    SESSION_AIRCRAFT,
    TRENDS,
    VIEW_SESSIONS,
    VIEWS,
)
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.services.chunks import chunks
from hangarstack.consumers.services.reads import Reads
from hangarstack.consumers.services.retention import HOURS_KEPT_S, MINUTES_KEPT_S, Retention, Rule
from hangarstack.events import AIRCRAFT_VIEW, AircraftView
from hangarstack.store.upsert import Upsert, add, greatest

SESSIONS_KEPT_S: Final = 24 * 3600
"""A session is paired no more when it has viewed nothing for so many seconds."""

_ADD_VIEWS = Upsert(VIEWS, views=add)
_ADD_WEIGHT = Upsert(TRENDS, weight=add)
_TOUCH_SESSION = Upsert(VIEW_SESSIONS, last_seen=greatest)
_ADD_PAIRS = Upsert(PAIRS, sessions=add)
_SAVE_SESSION = (
    update(VIEW_SESSIONS)
    .where(VIEW_SESSIONS.c.session_id == bindparam("session"))
    .values(aircraft_ids=bindparam("ids"))
)

_RULES = (
    Rule(column=VIEWS.c.bucket, keep_s=MINUTES_KEPT_S, where=(VIEWS.c.grain == Grain.MINUTE,)),
    Rule(column=VIEWS.c.bucket, keep_s=HOURS_KEPT_S, slice_s=86_400, where=(VIEWS.c.grain == Grain.HOUR,)),
    Rule(column=TRENDS.c.era, keep_s=(ERAS + 1) * ERA_S, slice_s=ERA_S),
    Rule(column=VIEW_SESSIONS.c.last_seen, keep_s=SESSIONS_KEPT_S),
)


class Popularity:
    """The service ``popularity``: authority on ``AircraftView``.

    Args:
        clock: seconds since 1970; decides what is too old to keep.
    """

    name = "popularity"
    owner = "popularity"
    codecs = (AIRCRAFT_VIEW,)
    reads = (Reads(codec=AIRCRAFT_VIEW, fields=("occurred_at", "aircraft_id", "session_id")),)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._retention = Retention(*_RULES, clock=clock)

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Count a batch of views; all effects are sums, so batches and orders do not matter."""
        views: list[AircraftView] = [received.event for received in events]
        moments = [(view.aircraft_id, seconds(view.occurred_at)) for view in views]
        _ADD_VIEWS.run(tx, _counted(moments))
        _ADD_WEIGHT.run(tx, _weighed(moments))
        _pair(tx, views)
        self._retention.prune_when_due(tx, events)


def _counted(moments: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    counts = Counter((grain, grain.start(at), aircraft) for aircraft, at in moments for grain in Grain)
    return [
        {"grain": int(grain), "bucket": bucket, "aircraft_id": aircraft, "views": views}
        for (grain, bucket, aircraft), views in counts.items()
    ]


def _weighed(moments: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    weights: defaultdict[tuple[int, str], float] = defaultdict(float)
    for aircraft, at in moments:
        offset = at % ERA_S
        weights[at - offset, aircraft] += 2.0 ** (offset / HALF_LIFE_S)
    return [{"era": era, "aircraft_id": aircraft, "weight": w} for (era, aircraft), w in weights.items()]


def _pair(tx: Connection, views: Sequence[AircraftView]) -> None:
    viewed: defaultdict[str, dict[str, None]] = defaultdict(dict)
    last_seen: dict[str, int] = {}
    for view in views:
        viewed[view.session_id][view.aircraft_id] = None
        last_seen[view.session_id] = max(last_seen.get(view.session_id, 0), seconds(view.occurred_at))
    # Written before it is read: that locks the session's row, so two processes cannot both miss a pair.
    _TOUCH_SESSION.run(tx, [{"session_id": s, "last_seen": at, "aircraft_ids": []} for s, at in last_seen.items()])
    pairs: Counter[tuple[str, str]] = Counter()
    grown = []
    for session, known in _sessions(tx, list(viewed)):
        together = known + [a for a in viewed[session] if a not in known][: SESSION_AIRCRAFT - len(known)]
        if len(together) > len(known):
            grown.append({"session": session, "ids": together})
            pairs.update(_new_pairs(known, together))
    if grown:
        tx.execute(_SAVE_SESSION, grown)
    _ADD_PAIRS.run(tx, [{"first_id": a, "second_id": b, "sessions": n} for (a, b), n in pairs.items()])


def _sessions(tx: Connection, ids: Sequence[str]) -> Sequence[tuple[str, list[str]]]:
    columns = VIEW_SESSIONS.c
    query = select(columns.session_id, columns.aircraft_ids)
    return [
        (row.session_id, row.aircraft_ids)
        for some in chunks(ids)
        for row in tx.execute(query.where(columns.session_id.in_(some)))
    ]


def _new_pairs(known: Sequence[str], together: Sequence[str]) -> Iterable[tuple[str, str]]:
    before = frozenset(known)
    for a, b in combinations(sorted(together), 2):
        if a not in before or b not in before:
            yield a, b


__all__ = ["SESSIONS_KEPT_S", "Popularity"]
