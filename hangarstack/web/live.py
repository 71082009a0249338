"""The live picture of the platform: what the analytics page shows and the stream sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from hangarstack.analytics.catalogue_changes import Revision
from hangarstack.analytics.search_insights import SearchedText
from hangarstack.analytics.totals import SERVICE_OWNERS
from hangarstack.catalogue.repository import Catalogue
from hangarstack.errors import AircraftNotFoundError
from hangarstack.web.insights import Insights
from hangarstack.web.ports import EventSink

TOTALS: Final = (
    "aircraft_views",
    "user_activities",
    "search_queries",
    "data_updates",
    "system_events",
    "dead_letters",
    "spooled",
)
"""Keys of the totals, in the order in which they are shown."""
_SHOWN: Final = 10
_PARTS: Final = {"web", "relay", *(owner.replace("_", "-") for owner in SERVICE_OWNERS)}
"""What the platform consists of; anything else that reports, such as the doctor, may come and go."""


def totals(insights: Insights, sink: EventSink) -> dict[str, int]:
    """Return every total; 0 for one that could not be read yet."""
    counted = {**insights.totals.get(), "spooled": sink.spooled}
    return {name: int(counted.get(name, 0)) for name in TOTALS}


def snapshot(insights: Insights, catalogue: Catalogue, sink: EventSink) -> dict[str, Any]:
    """Return everything that moves, as JSON values; each key is sent on its own when it changes."""

    def named(aircraft_id: str) -> str:
        try:
            return catalogue.get(aircraft_id).name
        except AircraftNotFoundError:
            return aircraft_id

    popular = insights.popular.get()
    sessions = insights.sessions.get()
    return {
        "totals": totals(insights, sink),
        "per_minute": list(insights.per_minute.get()),
        "top": [
            {"id": row.aircraft_id, "name": named(row.aircraft_id), "value": row.views} for row in popular[:_SHOWN]
        ],
        "trending": [
            {"id": row.aircraft_id, "name": named(row.aircraft_id), "value": round(row.score, 1)}
            for row in insights.trending.get()
        ],
        "searches": _texts(insights.searches.get()),
        "rising": [{"name": row.text, "value": row.searches, "before": row.before} for row in insights.rising.get()],
        "zero": [{"name": row.text, "value": row.empty} for row in insights.zero.get()],
        "chosen": [
            {"text": row.text, "id": row.aircraft_id, "name": named(row.aircraft_id), "value": row.times}
            for row in insights.chosen.get()
        ],
        "sessions": {
            "active": insights.active.get(),
            "today": sessions.sessions,
            "pages": round(sessions.mean_pages, 1),
            "median_s": round(sessions.median_duration_s),
            "bounces": round(100 * sessions.bounces),
        },
        "flow": [
            {"from": edge.from_page or "", "to": edge.to_page, "value": edge.transitions}
            for edge in insights.flow.get()
        ],
        "health": _health(insights),
        "latency": [
            {
                "service": row.service,
                "events": sum(row.counts),
                "p50_ms": _rounded(row.p50_ms),
                "p99_ms": _rounded(row.p99_ms),
            }
            for row in insights.latencies.get()
        ],
        "changes": [_change(row, named(row.aircraft_id)) for row in insights.changes.get()],
    }


def _texts(rows: Iterable[SearchedText]) -> list[dict[str, Any]]:
    return [{"name": row.text, "value": row.searches} for row in rows]


def _health(insights: Insights) -> list[dict[str, Any]]:
    errors = insights.errors.get()
    return [
        {
            "component": part.component,
            "state": str(part.state),
            "part": part.component in _PARTS,
            "instances": sum(instance.state == "running" for instance in part.instances),
            "errors": round(errors.get(part.component, 0.0), 1),
            "message": part.instances[0].message if part.instances else "",
        }
        for part in insights.components.get()
    ]


def _change(row: Revision, name: str) -> dict[str, Any]:
    return {
        "id": row.aircraft_id,
        "name": name,
        "version": row.version,
        "operation": row.operation.lower(),
        "at": row.at.isoformat(timespec="seconds"),
        "fields": [change.path for change in row.changes],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
