"""The page of one aircraft."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, request

from hangarstack.analytics.popularity import Companion
from hangarstack.catalogue.model import Aircraft
from hangarstack.errors import AircraftNotFoundError
from hangarstack.web.chart import Chart, chart
from hangarstack.web.insights import MINUTES
from hangarstack.web.site import Site, page, site, track

blueprint = Blueprint("aircraft", __name__)

_HERE: Final = "/aircraft/<id>"
_SIMILAR: Final = 4


@blueprint.get("/aircraft/<aircraft_id>")
def aircraft(aircraft_id: str) -> Response:
    """Show an aircraft's record and what others do with it; report the view."""
    here = site()
    here.watch.look()
    found = here.deps.catalogue.get(aircraft_id)
    search_id = _search_id(request.args.get("search", ""))
    track().aircraft(found.id, search_id=search_id)
    attributes = {"aircraft_id": found.id, **({"search_id": str(search_id)} if search_id else {})}
    track().page(_HERE, attributes=attributes)
    alike = here.similar(found, _SIMILAR)
    insight = here.insights.aircraft(found.id)
    return page(
        "aircraft.html",
        aircraft=found,
        body=here.fragments.body(found),
        last_hour=insight.last_hour,
        pulse=pulse(insight.per_minute),
        together=_together(here, insight.together),
        similar=[here.fragments.card(one) for one in alike],
        similar_ids=[one.id for one in alike],
        history=insight.history,
        saved=request.args.get("saved") == str(found.version),
    )


def pulse(per_minute: Sequence[int]) -> Chart:
    """Return the views of the last hour as a small chart."""
    return chart(per_minute or [0] * MINUTES, width=240, height=44)


def _search_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _together(here: Site, rows: Sequence[Companion]) -> list[tuple[Aircraft, int]]:
    found = []
    for row in rows:
        try:
            found.append((here.deps.catalogue.get(row.aircraft_id), row.sessions))
        except AircraftNotFoundError:
            continue
    return found
