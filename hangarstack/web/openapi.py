"""The API's description, OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from hangarstack import __version__
from hangarstack.catalogue.filters import FACETS, RANGES, SORTS
from hangarstack.web.openapi_shapes import COUNT, TEXT, operations, shapes
from hangarstack.web.units import IMPERIAL_RANGES


def document() -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "HangarStack",
            "version": __version__,
            "description": "An aircraft encyclopaedia whose every interaction is a governed event.",
        },
        "paths": {**_catalogue(), **_analytics(), **_reports(), **operations()},
        "components": {"schemas": _schemas()},
    }


def _catalogue() -> dict[str, Any]:
    one = [_path_id()]
    return {
        "/api/v1/aircraft": _get(
            "Aircraft by filters", "AircraftPage", parameters=[_query("q"), *_filters(), _page(), _per_page()]
        ),
        "/api/v1/aircraft/{id}": _get("One aircraft's record", "Aircraft", parameters=one, missing=True),
        "/api/v1/aircraft/{id}/history": _get("Its changes, latest first", "History", parameters=one, missing=True),
        "/api/v1/aircraft/{id}/pulse": _get("Its views in the last 60 minutes", "Pulse", parameters=one, missing=True),
        "/api/v1/aircraft/{id}/hologram": _get(
            "Its wire frame in centimetres", "Hologram", parameters=one, missing=True
        ),
        "/api/v1/search": _get(
            "Forgiving search", "SearchResult", parameters=[_query("q", required=True), *_filters(), _page()]
        ),
        "/api/v1/suggest": _get("Aircraft for a text that is being typed", "Suggestions", parameters=[_query("q")]),
    }


def _analytics() -> dict[str, Any]:
    return {
        "/api/v1/analytics/totals": _get("Everything counted since the beginning", "Totals"),
        "/api/v1/analytics/popularity": _get("Most viewed, trending, views per minute", "Popularity"),
        "/api/v1/analytics/searches": _get("Top, rising and fruitless searches", "Searches"),
        "/api/v1/analytics/journeys": _get("Visitors now, sessions, page flow", "Journeys"),
        "/api/v1/analytics/health": _get("State of each part of the platform", "Health"),
        "/api/v1/analytics/changes": _get("Latest changes of the catalogue", "Changes"),
        "/api/v1/analytics/latency": _get("From event to read model, per service", "Latency"),
    }


def _reports() -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["action", "page"],
        "properties": {
            "action": {"enum": ["LEAVE", "SELECT_RESULT", "COMPARE"]},
            "page": TEXT,
            "dwell_ms": COUNT,
            "aircraft_id": TEXT,
        },
    }
    return {
        "/api/v1/activity": {
            "post": {
                "summary": "Report what was done on a page; for pages of this site only",
                "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                "responses": {
                    "204": {"description": "Taken"},
                    "400": _problem("Not a report"),
                    "403": _problem("Another site asked"),
                    "413": _problem("Larger than 2 KB"),
                },
            }
        }
    }


def _schemas() -> dict[str, Any]:
    summary = {"type": "object", "properties": {"id": TEXT, "version": COUNT, "name": TEXT, "url": TEXT}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Summary"}}
    latency = {
        "type": "object",
        "properties": {
            "service": TEXT,
            "events": COUNT,
            "p50_ms": {"type": ["number", "null"]},
            "p99_ms": {"type": ["number", "null"]},
            "buckets": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"le_ms": {"type": ["number", "null"]}, "count": COUNT},
                },
            },
        },
    }
    return {
        **shapes(),
        "Summary": summary,
        "Aircraft": {"type": "object", "description": "data/aircraft.schema.json, with version and url"},
        "AircraftPage": {
            "type": "object",
            "properties": {"total": COUNT, "page": COUNT, "per_page": COUNT, "aircraft": listed},
        },
        "SearchResult": {
            "type": "object",
            "properties": {
                "query": TEXT,
                "corrected": {"type": ["string", "null"]},
                "search_id": {"type": "string", "format": "uuid"},
                "total": COUNT,
                "aircraft": listed,
                "suggestions": listed,
            },
        },
        "Latency": {"type": "object", "properties": {"services": {"type": "array", "items": latency}}},
        "Problem": {
            "type": "object",
            "properties": {"title": TEXT, "status": COUNT, "detail": TEXT, "problems": {"type": "object"}},
        },
    }


def _get(
    summary: str, schema: str, *, parameters: list[dict[str, Any]] | None = None, missing: bool = False
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {
            "description": summary,
            "headers": {"ETag": {"schema": TEXT}},
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "304": {"description": "As it was under the given If-None-Match"},
    }
    if missing:
        answers["404"] = _problem("No aircraft has that id")
    elif parameters:
        answers["400"] = _problem("A parameter makes no sense")
    return {"get": {"summary": summary, "parameters": parameters or [], "responses": answers}}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _query(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": TEXT}


def _filters() -> list[dict[str, Any]]:
    names = [*RANGES, *(imperial.name for imperial in IMPERIAL_RANGES.values())]
    ranges = [f"{name}_{end}" for name in names for end in ("min", "max")]
    numbers = [{"name": name, "in": "query", "schema": {"type": "number"}} for name in ranges]
    sort = {"name": "sort", "in": "query", "schema": {"enum": list(SORTS)}}
    return [*map(_query, FACETS), *numbers, sort]


def _page() -> dict[str, Any]:
    return {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}


def _per_page() -> dict[str, Any]:
    return {"name": "per_page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}


def _path_id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": TEXT}
