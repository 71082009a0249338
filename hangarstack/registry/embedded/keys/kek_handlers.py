"""Handlers of ``/dek-registry/v1/keks``."""

from __future__ import annotations

from typing import Any

from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.keys import kek_keeping, kek_records, requests


def list_all(call: Call) -> list[str]:
    """GET /dek-registry/v1/keks: names, of all or of those with DEKs of such subjects."""
    prefixes, deleted = call.query.get("subjectPrefix", ()), call.flag("deleted")
    with call.store.read() as db:
        if prefixes:
            return call.page(kek_records.names_with_deks(db, prefixes, deleted=deleted))
        return call.page(kek_records.names(db, deleted=deleted))


def create(call: Call) -> dict[str, Any]:
    """POST /dek-registry/v1/keks."""
    wanted = requests.new_kek(call.json())
    if wanted.shared and call.flag("testSharing"):
        kek_keeping.test(call.kms, wanted)
    with call.store.write() as db:
        return kek_keeping.create(db, wanted).answer()


def get(call: Call) -> dict[str, Any]:
    """GET /dek-registry/v1/keks/K."""
    with call.store.read() as db:
        return kek_keeping.held(db, _name(call), deleted=call.flag("deleted")).answer()


def change(call: Call) -> dict[str, Any]:
    """PUT /dek-registry/v1/keks/K."""
    body = call.json()
    with call.store.write() as db:
        there = kek_keeping.held(db, _name(call), deleted=False)
        wanted = requests.changed_kek(body, there)
        if wanted.shared and call.flag("testSharing"):
            kek_keeping.test(call.kms, wanted)
        return kek_keeping.change(db, there, wanted).answer()


def delete(call: Call) -> None:
    """DELETE /dek-registry/v1/keks/K."""
    with call.store.write() as db:
        kek_keeping.delete(db, _name(call), permanent=call.flag("permanent"))


def undelete(call: Call) -> None:
    """POST /dek-registry/v1/keks/K/undelete."""
    with call.store.write() as db:
        kek_keeping.undelete(db, _name(call))


def test(call: Call) -> dict[str, Any]:
    """POST /dek-registry/v1/keks/K/test: whether the registry can use a shared KEK."""
    with call.store.read() as db:
        kek = kek_keeping.held(db, _name(call), deleted=False)
    kek_keeping.test(call.kms, kek)
    return kek.answer()


def _name(call: Call) -> str:
    return requests.kek_name(call.path[0])
