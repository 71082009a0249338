"""Making, changing, deleting and undeleting KEKs.

Source: ``AbstractDekRegistry`` of Confluent's registry. As there, a KEK that is there already is refused even when the
request is the very same: clients take that for one that another client made, and read it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from hangarstack.registry.embedded.keys import dek_records, kek_records, kms, refusals
from hangarstack.registry.embedded.keys.kek_records import Kek
from hangarstack.registry.embedded.keys.kms import Kms

MOST: Final = 10_000
"""KEKs, and DEKs, that a registry keeps: the default of ``dek.registry.max.keys``."""

_TEST_SUBJECT: Final = "__TEST"


def held(db: sqlite3.Connection, name: str, *, deleted: bool) -> Kek:
    """Return a KEK.

    Args:
        db: a connection inside a transaction.
        name: its name.
        deleted: whether it may be soft-deleted.

    Raises:
        RefusalError: 40470.
    """
    found = kek_records.get(db, name, deleted=deleted)
    if found is None:
        raise refusals.not_found(name)
    return found


def create(db: sqlite3.Connection, wanted: Kek) -> Kek:
    """Keep a new KEK; one that is soft-deleted comes back if it is the same.

    Raises:
        RefusalError: 40971 there is one of that name; 40972 there are too many; 42272 it is to be deleted and has DEKs.
    """
    there = kek_records.get(db, wanted.name, deleted=True)
    if there is None:
        if kek_records.count(db) >= MOST:
            raise refusals.too_many(MOST)
    elif wanted.deleted == there.deleted or not wanted.is_equivalent(there):
        raise refusals.exists(wanted.name)
    if wanted.deleted:
        _refuse_referenced(db, wanted.name, deleted=False)
    return kek_records.put(db, wanted)


def change(db: sqlite3.Connection, there: Kek, wanted: Kek) -> Kek:
    """Keep a KEK as it is now wanted, and return it; nothing is written when nothing changes."""
    return there if wanted == there else kek_records.put(db, wanted)


def delete(db: sqlite3.Connection, name: str, *, permanent: bool) -> None:
    """Delete a KEK, softly or for good; twice softly is once.

    Raises:
        RefusalError: 40470 there is none; 40471 for good, but not softly before; 42272 it has DEKs, soft-deleted ones
            counted when it is to go for good.
    """
    there = held(db, name, deleted=True)
    _refuse_referenced(db, name, deleted=permanent)
    if not permanent:
        if not there.deleted:
            kek_records.put(db, replace(there, deleted=True))
    elif there.deleted:
        kek_records.forget(db, name)
    else:
        raise refusals.not_soft_deleted(name)


def undelete(db: sqlite3.Connection, name: str) -> None:
    """Bring a soft-deleted KEK back; its DEKs stay as they are.

    Raises:
        RefusalError: 40470 there is none.
    """
    there = held(db, name, deleted=True)
    if there.deleted:
        kek_records.put(db, replace(there, deleted=False))


def test(service: Kms, kek: Kek) -> None:
    """Try whether the registry can have a DEK encrypted by a shared KEK.

    Raises:
        RefusalError: 42271 it is not shared; 50070 it cannot.
    """
    if not kek.shared:
        raise refusals.invalid("shared")
    service.encrypt(kek, kms.new_key(dek_records.DEFAULT_ALGORITHM), subject=_TEST_SUBJECT)


def _refuse_referenced(db: sqlite3.Connection, name: str, *, deleted: bool) -> None:
    if dek_records.subjects(db, name, deleted=deleted):
        raise refusals.referenced(name)
