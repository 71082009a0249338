"""What the page's script reports on the way: how long a page was looked at, what was chosen on it."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from hangarstack.errors import AircraftNotFoundError
from hangarstack.events import Action
from hangarstack.web.security import same_origin
from hangarstack.web.site import site, track
from hangarstack.web.troubles import problem
from hangarstack.web.visit import PAGES

blueprint = Blueprint("beacon", __name__)

_LARGEST: Final = 2048
_LONGEST_DWELL_MS: Final = 86_400_000
_ACTIONS: Final = {
    "LEAVE": Action.LEAVE,
    "SELECT_RESULT": Action.SELECT_RESULT,
    "COMPARE": Action.COMPARE,
}


@blueprint.post("/api/v1/activity")
def activity() -> Response:
    """Take one report: ``{"action", "page", "dwell_ms"?, "aircraft_id"?}``, at most 2 KB, from this site only."""
    if not same_origin(request, site().settings.public_url):
        return problem(403, "Only a page of this site may report.")
    if (request.content_length or 0) > _LARGEST:
        return problem(413, f"A report has at most {_LARGEST} bytes.")
    report = _parse(request.get_data())
    if isinstance(report, str):
        return problem(400, report)
    # Who has no session yet has seen no page that could be left.
    if track().visit.step:
        action, page, dwell_ms, attributes = report
        track().action(action, page, dwell_ms=dwell_ms, attributes=attributes)
    return Response(status=204)


def _parse(body: bytes) -> tuple[Action, str, int | None, dict[str, str]] | str:
    """Return the report, or what is wrong with it."""
    try:
        value: Any = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        return "The report is not JSON."
    if not isinstance(value, dict):
        return "The report is not a JSON object."
    action, page, dwell = _ACTIONS.get(str(value.get("action"))), value.get("page"), value.get("dwell_ms")
    if action is None:
        return f"action must be one of {', '.join(_ACTIONS)}."
    if page not in PAGES:
        return "page must be the template of a page."
    if dwell is not None and (type(dwell) is not int or not 0 <= dwell <= _LONGEST_DWELL_MS):
        return "dwell_ms must be a whole number of milliseconds of at most one day."
    return action, str(page), dwell, _attributes(value.get("aircraft_id"))


def _attributes(aircraft_id: object) -> dict[str, str]:
    if not isinstance(aircraft_id, str):
        return {}
    try:
        return {"aircraft_id": site().deps.catalogue.get(aircraft_id).id}
    except AircraftNotFoundError:
        return {}
