"""Handlers of ``/config`` and ``/mode``; without a subject, or with the default context, they mean all."""

from __future__ import annotations

from typing import Any

from hangarstack.registry.embedded import refusals, scopes
from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, Subject


def get_config(call: Call) -> dict[str, Any]:
    """GET /config, GET /config/S."""
    subject = _subject(call)
    with call.store.read() as db:
        if call.flag("defaultToGlobal"):
            return scopes.config_in_scope(db, subject)
        found = scopes.config(db, subject)
    if found is None:
        raise refusals.level_not_configured(str(subject))
    return found


def put_config(call: Call) -> dict[str, Any]:
    """PUT /config, PUT /config/S."""
    body = call.json()
    with call.store.write() as db:
        now = scopes.set_config(db, _subject(call), body)
    # The answer spells the level as the request does.
    return {("compatibility" if name == "compatibilityLevel" else name): now[name] for name in now}


def delete_config(call: Call) -> dict[str, Any]:
    """DELETE /config, DELETE /config/S."""
    with call.store.write() as db:
        return scopes.delete_config(db, _subject(call))


def get_mode(call: Call) -> dict[str, Any]:
    """GET /mode, GET /mode/S."""
    subject = _subject(call)
    with call.store.read() as db:
        found = scopes.mode_in_scope(db, subject) if call.flag("defaultToGlobal") else scopes.mode(db, subject)
    if found is None:
        raise refusals.mode_not_configured(str(subject))
    return {"mode": found}


def put_mode(call: Call) -> dict[str, Any]:
    """PUT /mode, PUT /mode/S."""
    body = call.json()
    if "mode" not in body:
        raise refusals.invalid_mode()
    with call.store.write() as db:
        scopes.set_mode(db, _subject(call), body["mode"], force=call.flag("force"))
    return {"mode": body["mode"]}


def delete_mode(call: Call) -> dict[str, Any]:
    """DELETE /mode, DELETE /mode/S."""
    with call.store.write() as db:
        return {"mode": scopes.delete_mode(db, _subject(call))}


def _subject(call: Call) -> Subject | None:
    if not call.path:
        return None
    subject = call.subject()
    is_all = subject.context == DEFAULT_CONTEXT and not subject.name
    return None if is_all else subject
