"""The editing form of one aircraft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, request

from hangarstack.catalogue.model import Aircraft
from hangarstack.errors import EditConflictError, InvalidAircraftError
from hangarstack.events import Action
from hangarstack.web.characters import without_control
from hangarstack.web.form import Group, changes, groups, merged, readable, shown, typed, unwritable
from hangarstack.web.security import same_origin
from hangarstack.web.site import Site, page, see, site, track

blueprint = Blueprint("editing", __name__)

_HERE: Final = "/aircraft/<id>/edit"
_OPENED: Final = "was."
_LONGEST_REASON: Final = 300
_LARGEST_VERSION: Final = 10**9


@blueprint.get("/aircraft/<aircraft_id>/edit")
def form(aircraft_id: str) -> Response:
    """Show the form with the present values."""
    here = site()
    here.watch.look()
    found = here.deps.catalogue.get(aircraft_id)
    track().page(_HERE, attributes={"aircraft_id": found.id})
    fields = groups(here.deps.schema())
    return _form(here, found, fields, shown(fields, found))


@blueprint.post("/aircraft/<aircraft_id>/edit")
def save(aircraft_id: str) -> Response:
    """Write the change together with its DataUpdate, or show the form again with what is wrong."""
    here = site()
    found = here.deps.catalogue.get(aircraft_id)
    fields = groups(here.deps.schema())
    given = typed(fields, request.form)
    values = readable(fields, given)
    if not _own_form(here):
        notice = "Your session had ended before this form arrived. Nothing is lost: look it over and save once more."
        return _form(here, found, fields, values, status=403, notice=notice)
    wrong = unwritable(fields, given)
    if wrong:
        return _form(here, found, fields, values, status=422, problems=wrong)
    wanted = changes(fields, values, found)
    reason = _reason().strip()[:_LONGEST_REASON] or None
    try:
        with here.writing():
            saved = here.deps.editor.save(
                found.id,
                wanted,
                expected_version=_version(request.form.get("version", "")),
                actor=f"visitor-{track().visit.session_id[:8]}",
                reason=reason,
                traceparent=track().traceparent,
                request=track().request_id,
            )
            if saved.paths:
                here.watch.refresh([found.id])
    except InvalidAircraftError as error:
        return _form(here, found, fields, values, status=422, problems=error.problems)
    except EditConflictError:
        with here.writing():
            here.watch.refresh([found.id])
        return _conflict(here, aircraft_id, fields, values)
    if not saved.paths:
        return _form(here, found, fields, values, notice="Nothing was changed, so nothing was saved.")
    track().also_accepted("DataUpdate")
    track().page(_HERE, action=Action.EDIT, attributes={"aircraft_id": found.id, "fields": ", ".join(saved.paths)})
    return see(f"/aircraft/{found.id}?saved={saved.version}")


def _own_form(here: Site) -> bool:
    token = request.form.get("token", "")
    return same_origin(request, here.settings.public_url) and here.tokens.accepts(token, track().visit.session_id)


def _conflict(here: Site, aircraft_id: str, fields: tuple[Group, ...], values: Mapping[str, str]) -> Response:
    found = here.deps.catalogue.get(aircraft_id)
    present = shown(fields, found)
    values = merged(values, _opened(), present)
    differing = {
        path: f"is now “{present[path]}”" if present[path] else "is now empty"
        for path, text in values.items()
        if text != present[path]
    }
    notice = (
        "Somebody else has changed this aircraft while you were typing. What you typed is kept, everything else is as "
        "it is now, and where the two differ is marked below. Save again to write yours."
    )
    return _form(here, found, fields, values, status=409, notice=notice, problems=differing)


def _opened() -> dict[str, str]:
    """Return what the form showed when it was opened, by field."""
    given = request.form.items()
    return {name.removeprefix(_OPENED): text.replace("\r\n", "\n") for name, text in given if name.startswith(_OPENED)}


def _form(
    here: Site,
    found: Aircraft,
    fields: tuple[Group, ...],
    values: Mapping[str, str],
    *,
    status: int = 200,
    notice: str = "",
    problems: Mapping[str, str] | None = None,
) -> Response:
    known = {field.path for group in fields for field in group.fields}
    wrong = problems or {}
    elsewhere = {path: text for path, text in wrong.items() if path not in known}
    if not track().visit.step:
        # The token belongs to a session, so the answer must carry the session's cookie.
        track().page(_HERE)
    return page(
        "edit.html",
        status=status,
        aircraft=found,
        groups=fields,
        labels_of={field.path: field.label for group in fields for field in group.fields},
        opened=shown(fields, found),
        values=values,
        problems=wrong,
        elsewhere=elsewhere,
        notice=notice,
        reason=_reason(),
        token=here.tokens.issue(track().visit.session_id),
    )


def _reason() -> str:
    return without_control(request.form.get("reason", ""))


def _version(text: str) -> int:
    return min(int(text), _LARGEST_VERSION) if text.isascii() and text.isdigit() and len(text) < 10 else 0
