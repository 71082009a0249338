"""The catalogue: search, filters, results."""

from __future__ import annotations

import time
import uuid
from typing import Final

from flask import Blueprint, Response, request

from hangarstack.catalogue.repository import SearchResult
from hangarstack.errors import AircraftNotFoundError
from hangarstack.events import Action
from hangarstack.web import labels
from hangarstack.web.query import Query, read
from hangarstack.web.site import Site, page, see, site, track

blueprint = Blueprint("catalogue", __name__)

_HERE: Final = "/"
_MOST_POPULAR: Final = 4


@blueprint.get("/")
def catalogue() -> Response:
    """Show the aircraft that match, or all of them; report the search."""
    here, query = site(), read(request.args)
    here.watch.look()
    started = time.perf_counter_ns()
    result = here.search(query)
    micros = (time.perf_counter_ns() - started) // 1000
    chosen = _chosen(here, query)
    search_id = _report(query, result, micros, chosen)
    if chosen is not None:
        return see(f"/aircraft/{chosen}?search={search_id}")
    carried = f"?search={search_id}" if search_id else ""
    home = not query.text and not query.filtered and query.page == 1
    return page(
        "catalogue.html",
        query=query,
        result=result,
        home=home,
        ignored=_ignored(query),
        listing=here.listing(query, carried),
        popular=_popular(here) if home else (),
        active=here.insights.active.get() if home else 0,
        views=here.insights.totals.get().get("aircraft_views", 0) if home else 0,
    )


def _report(query: Query, result: SearchResult, micros: int, chosen: str | None) -> uuid.UUID | None:
    filters = query.filters.as_text()
    search_id = None
    if query.text:
        search_id = track().search(
            query.text,
            filters=filters,
            result_count=result.total,
            latency_micros=micros,
            corrected=result.corrected,
            page_number=query.page,
            chosen=chosen,
        )
    if chosen is None:
        filtering = query.filtered and not query.text
        track().page(_HERE, action=Action.FILTER if filtering else Action.PAGE_VIEW, attributes=filters)
    return search_id


def _ignored(query: Query) -> list[str]:
    """Return a sentence for each filter of the address that makes no sense and was left out."""
    return [f"{labels.parameter(name)} {problem}, so it was left out." for name, problem in query.problems.items()]


def _chosen(here: Site, query: Query) -> str | None:
    """Return the aircraft that the visitor took from the suggestions while typing, if it exists."""
    wanted = request.args.get("go", "")
    if not wanted or not query.text:
        return None
    try:
        return here.deps.catalogue.get(wanted).id
    except AircraftNotFoundError:
        return None


def _popular(here: Site) -> list[tuple[str, str, int]]:
    """Return what is looked at most within the hour: id, name, views."""
    found = []
    for row in here.insights.popular.get()[: 2 * _MOST_POPULAR]:
        try:
            found.append((row.aircraft_id, here.deps.catalogue.get(row.aircraft_id).name, row.views))
        except AircraftNotFoundError:
            continue
    return found[:_MOST_POPULAR]
