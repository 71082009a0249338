"""Error pages, and error answers of the API."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from hangarstack.catalogue.model import Aircraft
from hangarstack.errors import AircraftNotFoundError, ContractError, StoreError
from hangarstack.web.site import page, site

_SENTENCES: Final = {
    400: "The request makes no sense as it stands.",
    403: "That request did not come from a page of this site.",
    404: "There is nothing at this address.",
    405: "This address does not answer that kind of request.",
    413: "That is more than this form takes.",
    500: "Something broke on our side. It has been noted; nothing that you entered before is lost.",
    503: "The catalogue cannot be reached just now. It is being looked after; try again in a moment.",
}
_RETRY_S: Final = "5"
_SUGGESTIONS: Final = 4
_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Answer every error in the look of the site, or as JSON below ``/api``."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(AircraftNotFoundError, _no_such_aircraft)
    app.register_error_handler(StoreError, _store_error)
    app.register_error_handler(ContractError, _contract_error)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: str, **more: object) -> Response:
    """Return an error answer of the API (RFC 9457)."""
    answer = jsonify(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def nothing_here(sentence: str, links: Mapping[str, str]) -> Response:
    """Return the page for an address that leads nowhere.

    Args:
        sentence: what is not there.
        links: address of what may have been meant, and what it is called.
    """
    return page("error.html", status=404, code=404, title=HTTPStatus.NOT_FOUND.phrase, sentence=sentence, links=links)


def _answer(status: int, *, detail: str = "", suggestions: tuple[Aircraft, ...] = ()) -> Response:
    sentence = detail or _SENTENCES.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    if request.path.startswith("/api/"):
        near = [{"id": one.id, "name": one.name} for one in suggestions]
        return problem(status, sentence, **({"suggestions": near} if near else {}))
    cards = [site().fragments.card(one) for one in suggestions]
    return page(
        "error.html", status=status, code=status, title=HTTPStatus(status).phrase, sentence=sentence, cards=cards
    )


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        # A redirect of the router's.
        return Response(error.get_body(), code, error.get_headers())
    answer = _answer(code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _no_such_aircraft(_error: AircraftNotFoundError) -> Response:
    wanted = str((request.view_args or {}).get("aircraft_id", ""))[:80]
    near = site().deps.catalogue.suggest(wanted, _SUGGESTIONS)
    return _answer(404, detail=f"The catalogue has no aircraft called “{wanted}”.", suggestions=near)


def _store_error(error: StoreError) -> Response:
    _log.error("%s", error)
    answer = _answer(503)
    answer.headers["Retry-After"] = _RETRY_S
    return answer


def _contract_error(error: ContractError) -> Response:
    _log.error("%s", error)
    return _answer(503, detail="The contracts cannot be read just now. It is being looked after.")


def _unexpected(_error: Exception) -> Response:
    _log.exception("%s %s failed", request.method, request.path)
    return _answer(500)
