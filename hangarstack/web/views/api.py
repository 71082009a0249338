"""The API for programs: aircraft, search, analytics; described at ``/api/openapi.json``."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Response, request

from hangarstack.analytics.latency import ServiceLatency
from hangarstack.catalogue.model import Aircraft
from hangarstack.web import live, openapi
from hangarstack.web.possible import impossible
from hangarstack.web.query import Query, read
from hangarstack.web.site import site, track
from hangarstack.web.troubles import problem

blueprint = Blueprint("api", __name__, url_prefix="/api")

_PER_PAGE: Final = 50
_MOST_PER_PAGE: Final = 1000
_SUGGESTIONS: Final = 8


@blueprint.get("/v1/aircraft")
def aircraft() -> Response:
    """Return aircraft by filters, a page at a time."""
    here, query = site(), read(request.args)
    here.watch.look()
    size = request.args.get("per_page", str(_PER_PAGE))
    wrong = _wrong(query)
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= _MOST_PER_PAGE):
        wrong["per_page"] = f"must be a whole number from 1 to {_MOST_PER_PAGE}"
    if wrong:
        return problem(400, "A parameter makes no sense.", problems=wrong)
    result = here.search(query)
    first = (query.page - 1) * int(size)
    return _json(
        {
            "total": result.total,
            "page": query.page,
            "per_page": int(size),
            "facets": result.facets,
            "aircraft": [_summary(one) for one in result.aircraft[first : first + int(size)]],
        }
    )


@blueprint.get("/v1/aircraft/<aircraft_id>")
def one_aircraft(aircraft_id: str) -> Response:
    """Return one aircraft's whole record; report the view."""
    here = site()
    here.watch.look()
    found = here.deps.catalogue.get(aircraft_id)
    track().aircraft(found.id, search_id=None, api=True)
    return _json({**found.record, "version": found.version, "url": f"/aircraft/{found.id}"})


@blueprint.get("/v1/aircraft/<aircraft_id>/history")
def history(aircraft_id: str) -> Response:
    """Return the changes of one aircraft, latest first."""
    here = site()
    found = here.deps.catalogue.get(aircraft_id)
    revisions = [
        {
            "version": row.version,
            "operation": row.operation,
            "at": row.at.isoformat(),
            "reason": row.reason,
            "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in row.changes],
        }
        for row in here.insights.aircraft(found.id).history
    ]
    return _json({"aircraft_id": found.id, "version": found.version, "history": revisions})


@blueprint.get("/v1/aircraft/<aircraft_id>/pulse")
def pulse(aircraft_id: str) -> Response:
    """Return the views of one aircraft in each of the last 60 minutes."""
    here = site()
    found = here.deps.catalogue.get(aircraft_id)
    insight = here.insights.aircraft(found.id)
    return _json({"aircraft_id": found.id, "last_hour": insight.last_hour, "per_minute": list(insight.per_minute)})


@blueprint.get("/v1/aircraft/<aircraft_id>/hologram")
def hologram(aircraft_id: str) -> Response:
    """Return the wire frame of one aircraft in centimetres."""
    here = site()
    return _tagged(here.fragments.mesh(here.deps.catalogue.get(aircraft_id)))


@blueprint.get("/v1/search")
def search() -> Response:
    """Search forgivingly; report the search."""
    here, query = site(), read(request.args)
    here.watch.look()
    wrong = _wrong(query)
    if wrong:
        return problem(400, "A parameter makes no sense.", problems=wrong)
    if not query.text:
        return problem(400, "q, the text to search, is missing.", problems={"q": "is required"})
    started = time.perf_counter_ns()
    result = here.search(query)
    search_id = track().search(
        query.text,
        filters=query.filters.as_text(),
        result_count=result.total,
        latency_micros=(time.perf_counter_ns() - started) // 1000,
        corrected=result.corrected,
        page_number=query.page,
    )
    first = (query.page - 1) * _PER_PAGE
    near = () if result.total else here.deps.catalogue.suggest(query.text)
    return _json(
        {
            "query": query.text,
            "corrected": result.corrected,
            "search_id": str(search_id),
            "total": result.total,
            "page": query.page,
            "aircraft": [_summary(one) for one in result.aircraft[first : first + _PER_PAGE]],
            "suggestions": [_summary(one) for one in near],
        }
    )


@blueprint.get("/v1/suggest")
def suggest() -> Response:
    """Return a few aircraft for a text that is still being typed; nothing is reported."""
    here = site()
    asked = read(request.args)
    if "q" in asked.problems:
        return problem(400, "A parameter makes no sense.", problems={"q": asked.problems["q"]})
    query = Query(text=asked.text)
    if not query.text:
        return _json({"query": "", "aircraft": []})
    found = here.search(query).aircraft or here.deps.catalogue.suggest(query.text, _SUGGESTIONS)
    return _json({"query": query.text, "aircraft": [_summary(one) for one in found[:_SUGGESTIONS]]})


@blueprint.get("/v1/analytics/totals")
def totals() -> Response:
    """Return what was counted since the beginning."""
    here = site()
    return _json(live.totals(here.insights, here.deps.sink))


@blueprint.get("/v1/analytics/popularity")
def popularity() -> Response:
    """Return the most viewed aircraft of the last hour, what is trending, and the views of each minute."""
    picture = _picture()
    return _json({key: picture[key] for key in ("top", "trending", "per_minute")})


@blueprint.get("/v1/analytics/searches")
def searches() -> Response:
    """Return top, rising and fruitless searches, and what was chosen after a search."""
    picture = _picture()
    return _json({"top": picture["searches"], **{key: picture[key] for key in ("rising", "zero", "chosen")}})


@blueprint.get("/v1/analytics/journeys")
def journeys() -> Response:
    """Return who is here now, what sessions are like, and the ways through the site."""
    picture = _picture()
    return _json({key: picture[key] for key in ("sessions", "flow")})


@blueprint.get("/v1/analytics/health")
def health() -> Response:
    """Return the state of each part of the platform."""
    return _json({"components": _picture()["health"]})


@blueprint.get("/v1/analytics/changes")
def changes() -> Response:
    """Return the latest changes of the catalogue."""
    return _json({"changes": _picture()["changes"]})


@blueprint.get("/v1/analytics/latency")
def latency() -> Response:
    """Return how long events took from ``occurred_at`` to the commit, per service: buckets, p50 and p99."""
    return _json({"services": [_latency(row) for row in site().insights.latencies.get()]})


@blueprint.get("/openapi.json")
def description() -> Response:
    """Return the description of this API."""
    return _tagged(_description())


@lru_cache(maxsize=1)
def _description() -> str:
    return json.dumps(openapi.document(), separators=(",", ":"))


def _wrong(query: Query) -> dict[str, str]:
    """Return what is wrong with each parameter; a program is told of what a visitor's page leaves out."""
    here = site()
    return {
        **impossible(query.filters.facets, here.deps.schema(), here.search(Query()).facets),
        **query.problems,
    }


def _picture() -> dict[str, Any]:
    here = site()
    return live.snapshot(here.insights, here.deps.catalogue, here.deps.sink)


def _summary(one: Aircraft) -> dict[str, Any]:
    record = one.record
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name,
        "variant": record["variant"],
        "manufacturer": one.manufacturer,
        "country": record["country"],
        "category": one.category,
        "role": one.role,
        "icao": one.icao,
        "nato_name": record.get("nato_name"),
        "aliases": record.get("aliases", []),
        "first_flight": record["first_flight"],
        "url": f"/aircraft/{one.id}",
    }


def _latency(row: ServiceLatency) -> dict[str, Any]:
    return {
        "service": row.service,
        "events": sum(row.counts),
        "p50_ms": row.p50_ms,
        "p99_ms": row.p99_ms,
        # Infinity is no JSON: the last bound is null.
        "buckets": [
            {"le_ms": None if bound == float("inf") else bound, "count": count}
            for bound, count in zip(row.bounds_ms, row.counts, strict=True)
        ],
    }


def _json(value: Mapping[str, Any]) -> Response:
    return _tagged(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _tagged(text: str) -> Response:
    """Return JSON under an entity tag, or 304 when the asker has it already."""
    body = text.encode()
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    known = tag in request.if_none_match
    answer = Response(status=304) if known else Response(body, content_type="application/json")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
