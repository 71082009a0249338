"""Search insights: counts searched texts and finds out which aircraft they led to."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from hangarstack.analytics.buckets import Grain, seconds
from hangarstack.analytics.search_insights import CHOSEN, SEARCH_CHOICES, SEARCH_LINKS, SEARCHES
from hangarstack.analytics.search_text import normalised
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.services.chunks import chunks
from hangarstack.consumers.services.reads import Reads
from hangarstack.consumers.services.retention import HOURS_KEPT_S, MINUTES_KEPT_S, Retention, Rule
from hangarstack.events import AIRCRAFT_VIEW, SEARCH_QUERY, AircraftView, SearchQuery
from hangarstack.store.upsert import Upsert, add, greatest

LINKS_KEPT_S: Final = 48 * 3600
"""A view is credited to a search that is at most so many seconds old."""
CHOSEN_KEPT_S: Final = 90 * 86_400
"""What a text led to is forgotten when it was not chosen for so many seconds."""

_GRAINS = (Grain.MINUTE, Grain.HOUR, Grain.DAY)
_ADD_SEARCHES = Upsert(SEARCHES, searches=add, empty=add)
_TOUCH_LINK = Upsert(SEARCH_LINKS, at=greatest)
_NOTE_CHOICE = Upsert(SEARCH_CHOICES)
_ADD_CHOSEN = Upsert(CHOSEN, times=add, last_at=greatest)
_SAVE_TEXT = (
    update(SEARCH_LINKS).where(SEARCH_LINKS.c.search_id == bindparam("search")).values(text=bindparam("searched"))
)

_RULES = (
    Rule(column=SEARCHES.c.bucket, keep_s=MINUTES_KEPT_S, where=(SEARCHES.c.grain == Grain.MINUTE,)),
    Rule(column=SEARCHES.c.bucket, keep_s=HOURS_KEPT_S, slice_s=86_400, where=(SEARCHES.c.grain == Grain.HOUR,)),
    Rule(column=SEARCH_LINKS.c.at, keep_s=LINKS_KEPT_S),
    Rule(column=SEARCH_CHOICES.c.at, keep_s=LINKS_KEPT_S),
    Rule(column=CHOSEN.c.last_at, keep_s=CHOSEN_KEPT_S, slice_s=86_400),
)


class SearchInsights:
    """The service ``search-insights``: authority on ``SearchQuery``; reads ``AircraftView`` for what was chosen.

    Args:
        clock: seconds since 1970; decides what is too old to keep.
    """

    name = "search-insights"
    owner = "search_insights"
    codecs = (SEARCH_QUERY, AIRCRAFT_VIEW)
    reads = (
        Reads(
            codec=SEARCH_QUERY,
            fields=("event_id", "occurred_at", "text", "result_count", "chosen_aircraft_id", "page_number"),
        ),
        Reads(codec=AIRCRAFT_VIEW, fields=("occurred_at", "aircraft_id", "search_id")),
    )

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._retention = Retention(*_RULES, clock=clock)

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Count a batch of searches and choices; a view may come before the search that led to it."""
        searches = [r.event for r in events if isinstance(r.event, SearchQuery)]
        views = [r.event for r in events if isinstance(r.event, AircraftView)]
        # Only the first page is a search; turning the page is reading on.
        first_pages = [s for s in searches if s.page_number <= 1 and normalised(s.text)]
        _ADD_SEARCHES.run(tx, _counted(first_pages))
        _link(tx, first_pages, views)
        self._retention.prune_when_due(tx, events)


def _counted(searches: Iterable[SearchQuery]) -> list[dict[str, Any]]:
    counts: Counter[tuple[Grain, int, str]] = Counter()
    empty: Counter[tuple[Grain, int, str]] = Counter()
    for search in searches:
        at, text = seconds(search.occurred_at), normalised(search.text)
        for grain in _GRAINS:
            key = (grain, grain.start(at), text)
            counts[key] += 1
            empty[key] += search.result_count == 0
    return [
        {"grain": int(grain), "bucket": bucket, "text": text, "searches": count, "empty": empty[grain, bucket, text]}
        for (grain, bucket, text), count in counts.items()
    ]


def _link(tx: Connection, searches: Iterable[SearchQuery], views: Iterable[AircraftView]) -> None:
    at: dict[str, int] = {}
    texts: dict[str, str] = {}
    choices: defaultdict[str, set[str]] = defaultdict(set)
    for search in searches:
        key = str(search.event_id)
        at[key], texts[key] = seconds(search.occurred_at), normalised(search.text)
        if search.chosen_aircraft_id is not None:
            choices[key].add(search.chosen_aircraft_id)
    for view in views:
        if view.search_id is not None:
            key = str(view.search_id)
            at[key] = max(at.get(key, 0), seconds(view.occurred_at))
            choices[key].add(view.aircraft_id)
    # Written before it is read: that locks the search's row, so two processes cannot both miss a choice.
    _TOUCH_LINK.run(tx, [{"search_id": key, "at": moment, "text": None} for key, moment in at.items()])
    stored_texts, stored_choices = _stored(tx, list(at))
    news = {key: text for key, text in texts.items() if stored_texts[key] is None}
    if news:
        tx.execute(_SAVE_TEXT, [{"search": key, "searched": text} for key, text in news.items()])
    fresh = {key: choices[key] - stored_choices[key] for key in at}
    _NOTE_CHOICE.run(
        tx,
        [{"search_id": key, "aircraft_id": one, "at": at[key]} for key, chosen in fresh.items() for one in chosen],
    )
    times: Counter[tuple[str, str]] = Counter()
    last_at: dict[tuple[str, str], int] = {}
    for key in at:
        text = stored_texts[key] or news.get(key)
        if text is None:
            continue
        # With the text come the choices that were noted before it.
        for aircraft in fresh[key] | stored_choices[key] if key in news else fresh[key]:
            times[text, aircraft] += 1
            last_at[text, aircraft] = max(last_at.get((text, aircraft), 0), at[key])
    _ADD_CHOSEN.run(
        tx,
        [
            {"text": text, "aircraft_id": aircraft, "times": count, "last_at": last_at[text, aircraft]}
            for (text, aircraft), count in times.items()
        ],
    )


def _stored(tx: Connection, keys: Sequence[str]) -> tuple[Mapping[str, str | None], Mapping[str, set[str]]]:
    texts: dict[str, str | None] = {}
    choices: defaultdict[str, set[str]] = defaultdict(set)
    both = SEARCH_LINKS.outerjoin(SEARCH_CHOICES, SEARCH_LINKS.c.search_id == SEARCH_CHOICES.c.search_id)
    query = select(SEARCH_LINKS.c.search_id, SEARCH_LINKS.c.text, SEARCH_CHOICES.c.aircraft_id).select_from(both)
    for some in chunks(keys):
        for key, text, aircraft in tx.execute(query.where(SEARCH_LINKS.c.search_id.in_(some))):
            texts[key] = text
            if aircraft is not None:
                choices[key].add(aircraft)
    return texts, choices


__all__ = ["CHOSEN_KEPT_S", "LINKS_KEPT_S", "SearchInsights"]
