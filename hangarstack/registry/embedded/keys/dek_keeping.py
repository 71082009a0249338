"""Making, rewrapping, deleting and undeleting DEKs, and unwrapping those of shared KEKs.

Source: ``AbstractDekRegistry`` of Confluent's registry; that nothing is kept which could not be read again is its pull
request 4320.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final, NamedTuple

from hangarstack.registry.embedded import names, scopes
from hangarstack.registry.embedded.keys import dek_records, kek_keeping, kms, refusals
from hangarstack.registry.embedded.keys.dek_records import Dek, Line
from hangarstack.registry.embedded.keys.kek_records import Kek
from hangarstack.registry.embedded.keys.kms import Kms

EVERY: Final = 0
"""The version that stands for all of them, where DEKs are deleted or undeleted."""


class Unwrapped(NamedTuple):
    """A DEK, and the key itself where its KEK is shared."""

    dek: Dek
    raw: bytes | None


def read(db: sqlite3.Connection, service: Kms, line: Line, version: int, *, deleted: bool) -> Unwrapped:
    """Return one DEK, the latest for ``names.LATEST``.

    Raises:
        RefusalError: 40470 there is none, or no such KEK; 50070 its KEK is shared, and the KMS does not decrypt it.
    """
    kek = kek_keeping.held(db, line.kek, deleted=deleted)
    found = dek_records.get(db, line, version, deleted=deleted)
    if found is None:
        raise refusals.not_found(line.subject)
    return Unwrapped(found, _raw(service, kek, found) if kek.shared else None)


def create(db: sqlite3.Connection, service: Kms, wanted: Dek, *, rewrap: bool) -> Unwrapped:
    """Keep a new DEK; one that is soft-deleted comes back if it is the same.

    Args:
        db: a connection inside a write transaction.
        service: encrypts it where it comes without material, which a shared KEK allows.
        wanted: the DEK.
        rewrap: whether it may be there already: the same key, encrypted anew.

    Raises:
        RefusalError: 40470 no such KEK; 40971 it is there; 40972 there are too many; 42271 it has no material; 50070
            the KMS does not encrypt or decrypt it.
    """
    kek = kek_keeping.held(db, wanted.line.kek, deleted=wanted.deleted)
    there = dek_records.get(db, wanted.line, wanted.version, deleted=True)
    if there is None:
        if dek_records.count(db) >= kek_keeping.MOST:
            raise refusals.too_many(kek_keeping.MOST)
    elif not rewrap and (wanted.deleted == there.deleted or not wanted.is_equivalent(there)):
        raise refusals.exists(wanted.line.subject)
    new = _with_material(service, kek, wanted, there)
    raw = _raw(service, kek, new) if kek.shared else None
    kept = dek_records.put(db, new)
    # A copy of another registry's keys is not told what they are.
    is_copied = scopes.mode_in_scope(db, names.subject(wanted.line.subject)) == "IMPORT"
    return Unwrapped(kept, None if is_copied else raw)


def delete(db: sqlite3.Connection, line: Line, version: int, *, permanent: bool) -> None:
    """Delete a DEK, or ``EVERY`` one of the line, softly or for good; twice softly is once.

    Raises:
        RefusalError: 40470 there is none; 40471 for good, but not softly before.
    """
    chosen = _chosen(db, line, version)
    if permanent and not all(each.deleted for each in chosen):
        raise refusals.not_soft_deleted(line.subject)
    for each in chosen:
        if permanent:
            dek_records.forget(db, each)
        elif not each.deleted:
            dek_records.put(db, replace(each, deleted=True))


def undelete(db: sqlite3.Connection, line: Line, version: int) -> None:
    """Bring a soft-deleted DEK back, or ``EVERY`` one of the line.

    Raises:
        RefusalError: 40470 there is none; 40472 its KEK is soft-deleted.
    """
    chosen = _chosen(db, line, version)
    if kek_keeping.held(db, line.kek, deleted=True).deleted:
        raise refusals.soft_deleted(line.kek)
    for each in chosen:
        if each.deleted:
            dek_records.put(db, replace(each, deleted=False))


def _chosen(db: sqlite3.Connection, line: Line, version: int) -> list[Dek]:
    kek_keeping.held(db, line.kek, deleted=True)
    if version == EVERY:
        found = dek_records.versions(db, line, deleted=True)
    else:
        one = dek_records.get(db, line, version, deleted=True)
        found = [] if one is None else [one]
    if not found:
        raise refusals.not_found(line.subject)
    return found


def _with_material(service: Kms, kek: Kek, wanted: Dek, there: Dek | None) -> Dek:
    if wanted.material:
        if kek.shared and there is not None:
            # Whether it is the same key, encrypted anew, only the registry could tell.
            raise refusals.exists(wanted.line.subject)
        return wanted
    if not kek.shared:
        raise refusals.invalid("encryptedKeyMaterial")
    raw = kms.new_key(wanted.line.algorithm) if there is None else _raw(service, kek, there)
    return replace(wanted, material=service.encrypt(kek, raw, subject=wanted.line.subject))


def _raw(service: Kms, kek: Kek, dek: Dek) -> bytes:
    return service.decrypt(kek, dek.material, subject=dek.line.subject)
