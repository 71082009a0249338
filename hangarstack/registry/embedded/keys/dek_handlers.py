"""Handlers of ``/dek-registry/v1/keks/K/deks``."""

from __future__ import annotations

import sqlite3
from typing import Any

from hangarstack.registry.embedded import names, scopes
from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.keys import dek_keeping, dek_records, kek_keeping, refusals, requests
from hangarstack.registry.embedded.keys.dek_keeping import EVERY
from hangarstack.registry.embedded.keys.dek_records import FIRST_VERSION, Dek, Line
from hangarstack.registry.embedded.names import Subject


def list_subjects(call: Call) -> list[str]:
    """GET /dek-registry/v1/keks/K/deks."""
    name, deleted = requests.kek_name(call.path[0]), call.flag("deleted")
    with call.store.read() as db:
        kek_keeping.held(db, name, deleted=deleted)
        return call.page(dek_records.subjects(db, name, deleted=deleted))


def create(call: Call) -> dict[str, Any]:
    """POST /dek-registry/v1/keks/K/deks: the subject stands in the request."""
    body = call.json()
    return _created(call, body, requests.subject(body.get("subject")), rewrap=False)


def create_of_subject(call: Call) -> dict[str, Any]:
    """POST /dek-registry/v1/keks/K/deks/S; the request may name the subject too, without its context."""
    body = call.json()
    subject = requests.subject(call.path[1])
    given = body.get("subject")
    if given is not None and requests.subject(given) not in {subject, names.subject(subject.name)}:
        raise refusals.invalid("subject")
    with call.store.read() as db:
        subject = scopes.aliased(db, subject)
    return _created(call, body, subject, rewrap=call.flag("rewrap"))


def get(call: Call) -> dict[str, Any]:
    """GET /dek-registry/v1/keks/K/deks/S: the first version."""
    return _read(call, FIRST_VERSION)


def delete(call: Call) -> None:
    """DELETE /dek-registry/v1/keks/K/deks/S: all versions."""
    with call.store.write() as db:
        dek_keeping.delete(db, _line(db, call), EVERY, permanent=call.flag("permanent"))


def undelete(call: Call) -> None:
    """POST /dek-registry/v1/keks/K/deks/S/undelete: all versions."""
    with call.store.write() as db:
        dek_keeping.undelete(db, _line(db, call), EVERY)


def list_versions(call: Call) -> list[int]:
    """GET /dek-registry/v1/keks/K/deks/S/versions."""
    deleted = call.flag("deleted")
    with call.store.read() as db:
        line = _line(db, call)
        kek_keeping.held(db, line.kek, deleted=deleted)
        return call.page([each.version for each in dek_records.versions(db, line, deleted=deleted)])


def get_version(call: Call) -> dict[str, Any]:
    """GET /dek-registry/v1/keks/K/deks/S/versions/N."""
    return _read(call, names.version(call.path[2]))


def delete_version(call: Call) -> None:
    """DELETE /dek-registry/v1/keks/K/deks/S/versions/N."""
    version = names.version(call.path[2])
    with call.store.write() as db:
        dek_keeping.delete(db, _line(db, call), version, permanent=call.flag("permanent"))


def undelete_version(call: Call) -> None:
    """POST /dek-registry/v1/keks/K/deks/S/versions/N/undelete."""
    version = names.version(call.path[2])
    with call.store.write() as db:
        dek_keeping.undelete(db, _line(db, call), version)


def _created(call: Call, body: dict[str, Any], subject: Subject, *, rewrap: bool) -> dict[str, Any]:
    wanted = Dek(
        line=Line(requests.kek_name(call.path[0]), str(subject), requests.algorithm(body.get("algorithm"))),
        version=requests.version(body),
        material=requests.text(body, "encryptedKeyMaterial") or "",
        deleted=requests.flag(body, "deleted"),
    )
    with call.store.write() as db:
        made = dek_keeping.create(db, call.kms, wanted, rewrap=rewrap)
    return made.dek.answer(made.raw)


def _read(call: Call, version: int) -> dict[str, Any]:
    with call.store.read() as db:
        found = dek_keeping.read(db, call.kms, _line(db, call), version, deleted=call.flag("deleted"))
    return found.dek.answer(found.raw)


def _line(db: sqlite3.Connection, call: Call) -> Line:
    name, subject = requests.kek_name(call.path[0]), requests.subject(call.path[1])
    return Line(name, str(scopes.aliased(db, subject)), requests.algorithm(call.text("algorithm")))
