"""What a visitor prefers, kept in cookies of their own."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from hangarstack.web.site import UNITS_COOKIE, see

blueprint = Blueprint("preferences", __name__)

_YEAR_S: Final = 31_536_000
_UNITS: Final = frozenset({"metric", "imperial"})


@blueprint.get("/units/<system>")
def units(system: str) -> Response:
    """Choose metric or imperial figures and return to the page that asked; the way without script."""
    if system not in _UNITS:
        abort(404)
    came_from = urlsplit(request.headers.get("Referer", ""))
    local = came_from.netloc == request.host and came_from.path.startswith("/") and not came_from.path.startswith("//")
    query = f"?{came_from.query}" if came_from.query else ""
    answer = see(f"{came_from.path}{query}" if local else "/")
    answer.set_cookie(UNITS_COOKIE, system, max_age=_YEAR_S, samesite="Lax", secure=request.is_secure)
    return answer
