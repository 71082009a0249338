"""The live page of what happens on the platform."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response

from hangarstack.web import labels
from hangarstack.web.chart import chart
from hangarstack.web.insights import MINUTES
from hangarstack.web.live import snapshot
from hangarstack.web.site import page, site, track

blueprint = Blueprint("analytics", __name__)

_HERE: Final = "/analytics"
CHART_WIDTH: Final = 720
CHART_HEIGHT: Final = 160
NAMES: Final = {
    "aircraft_views": "Aircraft views",
    "user_activities": "Steps taken",
    "search_queries": "Searches",
    "data_updates": "Edits",
    "system_events": "System events",
    "dead_letters": "Dead letters",
    "spooled": "Waiting in the spool",
}
"""What the totals are called on the page."""


@blueprint.get("/analytics")
def analytics() -> Response:
    """Show the live picture as it is now; the script of the page lets the stream move it on."""
    here = site()
    track().page(_HERE)
    live = snapshot(here.insights, here.deps.catalogue, here.deps.sink)
    values = live["per_minute"] or [0] * MINUTES
    return page(
        "analytics.html",
        live=live,
        views=chart(values, width=CHART_WIDTH, height=CHART_HEIGHT),
        names=NAMES,
        flow=[{"name": _way(edge), "value": edge["value"]} for edge in live["flow"]],
    )


def _way(edge: dict[str, str]) -> str:
    return f"{labels.page(edge['from'])} → {labels.page(edge['to'])}"
