"""What the answers of the API are made of, as JSON Schemas."""

from __future__ import annotations

from typing import Any, Final

from hangarstack.web.live import TOTALS

Shape = dict[str, Any]

TEXT: Final[Shape] = {"type": "string"}
COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
NUMBER: Final[Shape] = {"type": "number"}
_TEXT_OR_NULL: Final[Shape] = {"type": ["string", "null"]}
_FLAG: Final[Shape] = {"type": "boolean"}


def made_of(**properties: Shape) -> Shape:
    """Return an object that has all of these properties."""
    return {"type": "object", "required": list(properties), "properties": properties}


def many(items: Shape) -> Shape:
    """Return an array."""
    return {"type": "array", "items": items}


def shapes() -> dict[str, Shape]:
    """Return the answers that are not lists of aircraft, by name."""
    ranked = many(made_of(id=TEXT, name=TEXT, value=NUMBER))
    texts = many(made_of(name=TEXT, value=COUNT))
    point = {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3}
    spinner = made_of(centre=point, radius=NUMBER, axis={"enum": [0, 1, 2]}, blades=COUNT)
    change = made_of(path=TEXT, before=_TEXT_OR_NULL, after=_TEXT_OR_NULL)
    revision = made_of(version=COUNT, operation=TEXT, at=_moment(), reason=_TEXT_OR_NULL, changes=many(change))
    return {
        "History": made_of(aircraft_id=TEXT, version=COUNT, history=many(revision)),
        "Pulse": made_of(aircraft_id=TEXT, last_hour=COUNT, per_minute=many(COUNT)),
        "Hologram": made_of(
            length=NUMBER, width=NUMBER, height=NUMBER, lines=many(many(NUMBER)), spinners=many(spinner)
        ),
        "Suggestions": made_of(query=TEXT, aircraft=many({"$ref": "#/components/schemas/Summary"})),
        "Popularity": made_of(top=ranked, trending=ranked, per_minute=many(COUNT)),
        "Searches": made_of(
            top=texts,
            rising=many(made_of(name=TEXT, value=COUNT, before=COUNT)),
            zero=texts,
            chosen=many(made_of(text=TEXT, id=TEXT, name=TEXT, value=COUNT)),
        ),
        "Journeys": made_of(
            sessions=made_of(active=COUNT, today=COUNT, pages=NUMBER, median_s=COUNT, bounces=COUNT),
            flow=many(
                {
                    "type": "object",
                    "required": ["from", "to", "value"],
                    "properties": {"from": TEXT, "to": TEXT, "value": COUNT},
                }
            ),
        ),
        "Health": made_of(components=many(_component())),
        "Changes": made_of(
            changes=many(made_of(id=TEXT, name=TEXT, version=COUNT, operation=TEXT, at=_moment(), fields=many(TEXT)))
        ),
        "Totals": made_of(**dict.fromkeys(TOTALS, COUNT)),
        "Alive": made_of(status={"const": "alive"}),
        "Ready": made_of(
            status={"const": "ready"}, aircraft=COUNT, spooled=COUNT, oldest_s=NUMBER, problems=many(TEXT)
        ),
        "NotReady": made_of(status={"const": "not ready"}, reason=TEXT),
    }


def operations() -> dict[str, Any]:
    """Return the addresses that are not below ``/api``: the stream, health and metrics."""
    stream = "The live picture: event `snapshot` with all of it, then `change` with the keys that moved, each JSON"
    return {
        "/stream": _answers(
            stream, {"200": _plain(stream, "text/event-stream"), "503": _plain("Too many listen already", "text/plain")}
        ),
        "/healthz": _answers("The process lives", {"200": _json("It does", "Alive")}),
        "/readyz": _answers(
            "Pages can be served", {"200": _json("They can", "Ready"), "503": _json("Not yet, and why", "NotReady")}
        ),
        "/metrics": _answers("Every metric, for Prometheus", {"200": _plain("Prometheus' text format", "text/plain")}),
    }


def _component() -> Shape:
    return made_of(
        component=TEXT,
        state={"enum": ["running", "stale", "stopped"]},
        part=_FLAG,
        instances=COUNT,
        errors=NUMBER,
        message=TEXT,
    )


def _moment() -> Shape:
    return {"type": "string", "format": "date-time"}


def _answers(summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": responses}}


def _plain(description: str, kind: str) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": TEXT}}}


def _json(description: str, name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": description, "content": content}
