"""Administration: dead letters, listed, shown, replayed and dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, g, request

from hangarstack.deadletters.desk import DROP, REPLAY
from hangarstack.deadletters.headers import ERROR_STACK
from hangarstack.deadletters.ledger import Actor, Fate
from hangarstack.deadletters.letter import letter_id, readable
from hangarstack.deadletters.repairing import Order, Report
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import BrokerError, HangarStackError, LetterNotFoundError, RepairBusyError, RepairError
from hangarstack.web.admission import NotAdmittedError
from hangarstack.web.repair import MOST, TOPICS, chosen, filters
from hangarstack.web.security import same_origin
from hangarstack.web.site import page, see, site

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

_HERE: Final = "/admin/dead-letters"
_LISTED: Final = 50
_AUDITED: Final = 20
_WITHIN_S: Final = 3.0
_KINDS: Final = {REPLAY: "Replay", DROP: "Drop"}
_ONE_AT_A_TIME: Final = threading.Lock()
"""Kafka may keep a page waiting for seconds: only one thread does so, the others are for visitors."""


@blueprint.before_request
def _admit() -> None:
    g.admin = site().admission.admit(request)


@blueprint.after_request
def _keep_out_of_caches(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.errorhandler(NotAdmittedError)
def _closed(error: NotAdmittedError) -> Response:
    answer = _trouble(error.what, error.status)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="HangarStack administration", charset="UTF-8"'
    return answer


@blueprint.errorhandler(RepairError)
def _refused(error: RepairError) -> Response:
    status = 404 if isinstance(error, LetterNotFoundError) else 409 if isinstance(error, RepairBusyError) else 422
    return _trouble(_sentence(error), status, back=True)


@blueprint.errorhandler(BrokerError)
def _away(error: BrokerError) -> Response:
    return _trouble(_sentence(error), 503, back=True)


@blueprint.get("")
def start() -> Response:
    """Lead to the dead letters, all that there is to administer."""
    return see(_HERE)


@blueprint.get("/dead-letters")
def letters() -> Response:
    """List the letters that match the filters, and who did what of late."""
    asked = filters(request.args)
    notice, listing = "", None
    try:
        with _alone():
            listing = site().deps.dead_letters.browse(
                asked.selection(time.time()), limit=_LISTED, handled=asked.handled, within_s=_WITHIN_S
            )
    except (BrokerError, RepairError) as error:
        notice = _sentence(error)
    return _page(
        "letters.html",
        asked=asked,
        topics=TOPICS,
        listing=listing,
        notice=notice,
        done=_repair_of(request.args.get("repair", "")),
        repairs=site().deps.dead_letters.repairs(_AUDITED),
        most=MOST,
    )


@blueprint.get("/dead-letters/<topic>/<partition>/<offset>")
def letter(topic: str, partition: str, offset: str) -> Response:
    """Show one letter: the decoded record beside the error and the schemas."""
    place = letter_id(f"{topic}/{partition}/{offset}")
    chosen([str(place)])
    with _alone():
        shown = site().deps.dead_letters.show(place)
    found = shown.listed.letter
    return _page(
        "letter.html",
        shown=shown,
        letter=found,
        said=shown.explanation,
        key=readable(found.key),
        stack=found.text(ERROR_STACK),
        headers=[(name, readable(value)) for name, value in found.headers if name != ERROR_STACK],
    )


@blueprint.post("/dead-letters/review")
def review() -> Response:
    """Say what would be done, and ask for confirmation; changes nothing."""
    kind, asked = _form(), filters(request.form)
    everything = request.form.get("scope") == "matching"
    selection = asked.selection(time.time()) if everything else chosen(request.form.getlist("letter"))
    report = _carry_out(kind, selection, dry_run=True)
    return _page("review.html", kind=kind, asked=asked, report=report, most=MOST)


@blueprint.post("/dead-letters/carry-out")
def carry_out() -> Response:
    """Replay or drop what was confirmed."""
    kind, asked = _form(), filters(request.form)
    report = _carry_out(kind, chosen(request.form.getlist("letter")), dry_run=False)
    return see(f"{_HERE}?{asked.query}{'&' if asked.query else ''}repair={report.repair_id}")


def _form() -> str:
    own = same_origin(request, site().settings.public_url) and site().tokens.accepts(
        request.form.get("token", ""), _session()
    )
    if not own:
        raise NotAdmittedError("That request did not come from a page of this site.", status=403)
    kind = request.form.get("kind", "")
    if kind not in _KINDS:
        raise RepairError("letters are replayed or dropped, nothing else")
    return kind


def _carry_out(kind: str, selection: Selection, *, dry_run: bool) -> Report:
    order = Order(selection=selection, actor=Actor(name=g.admin, via="web"), most=MOST, dry_run=dry_run)
    with _alone():
        return site().deps.dead_letters.carry_out(kind, order)


@contextmanager
def _alone() -> Iterator[None]:
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RepairBusyError("another page of dead letters is being made just now", remedy="Try again in a moment")
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def _repair_of(text: str) -> Any:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    wanted = int(text)
    return next((one for one in site().deps.dead_letters.repairs(_AUDITED) if one.id == wanted), None)


def _session() -> str:
    return f"admin {g.admin}"


def _page(template: str, **values: Any) -> Response:
    token = site().tokens.issue(_session())
    return page(template, moment=_moment, fates=list(Fate), kinds=_KINDS, admin=g.admin, token=token, **values)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _sentence(error: HangarStackError) -> str:
    # What begins with a place keeps it as it is written.
    text = str(error) if error.where else str(error)[:1].upper() + str(error)[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _trouble(sentence: str, status: int, *, back: bool = False) -> Response:
    asked = filters(request.form).query
    way = (f"{_HERE}?{asked}" if asked else _HERE, "Back to the letters") if back else None
    return page("error.html", status=status, code=status, title="Dead letters", sentence=sentence, way=way)
