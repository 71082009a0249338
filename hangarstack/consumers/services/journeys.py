"""Journeys: keeps each session's course and counts the ways from page to page."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from hangarstack.analytics.buckets import Grain, micros, seconds
from hangarstack.analytics.journeys import PAGE_FLOW, SESSIONS
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.services.reads import Reads
from hangarstack.consumers.services.retention import Retention, Rule
from hangarstack.events import USER_ACTIVITY, Action, UserActivity
from hangarstack.store.upsert import Upsert, add, greatest, least, newest, oldest

SESSIONS_KEPT_S: Final = 90 * 86_400
"""A session is forgotten when it was not seen for so many seconds."""
PAGE_LENGTH: Final = 200
"""Pages are kept to so many characters."""

_MERGE_SESSION = Upsert(
    SESSIONS,
    started_us=least,
    last_seen_us=greatest,
    steps=add,
    pages=add,
    entry_page=oldest("started_us"),
    last_page=newest("last_seen_us"),
)
_ADD_TRANSITIONS = Upsert(PAGE_FLOW, transitions=add)
_RULES = (Rule(column=SESSIONS.c.last_seen_us, keep_s=SESSIONS_KEPT_S, unit=1_000_000),)


class Journeys:
    """The service ``journeys``: authority on ``UserActivity``.

    Args:
        clock: seconds since 1970; decides what is too old to keep.
    """

    name = "journeys"
    owner = "journeys"
    codecs = (USER_ACTIVITY,)
    reads = (Reads(codec=USER_ACTIVITY, fields=("occurred_at", "session_id", "action", "page", "previous_page")),)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._retention = Retention(*_RULES, clock=clock)

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Follow a batch of activities; sums, earliest and latest, so batches and orders do not matter."""
        activities: list[UserActivity] = [received.event for received in events]
        _MERGE_SESSION.run(tx, _sessions(activities))
        _ADD_TRANSITIONS.run(tx, _transitions(activities))
        self._retention.prune_when_due(tx, events)


def _sessions(activities: Iterable[UserActivity]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for activity in activities:
        at, page = micros(activity.occurred_at), activity.page[:PAGE_LENGTH]
        row = rows.setdefault(
            activity.session_id,
            {
                "session_id": activity.session_id,
                "started_us": at,
                "last_seen_us": at,
                "steps": 0,
                "pages": 0,
                "entry_page": page,
                "last_page": page,
            },
        )
        row["steps"] += 1
        row["pages"] += activity.action is Action.PAGE_VIEW
        if at < row["started_us"]:
            row["started_us"], row["entry_page"] = at, page
        if at >= row["last_seen_us"]:
            row["last_seen_us"], row["last_page"] = at, page
    return list(rows.values())


def _transitions(activities: Iterable[UserActivity]) -> list[dict[str, Any]]:
    counts = Counter(
        (
            Grain.DAY.start(seconds(activity.occurred_at)),
            (activity.previous_page or "")[:PAGE_LENGTH],
            activity.page[:PAGE_LENGTH],
        )
        for activity in activities
        if activity.action is Action.PAGE_VIEW
    )
    return [
        {"day": day, "from_page": origin, "to_page": target, "transitions": count}
        for (day, origin, target), count in counts.items()
    ]


__all__ = ["PAGE_LENGTH", "SESSIONS_KEPT_S", "Journeys"]
