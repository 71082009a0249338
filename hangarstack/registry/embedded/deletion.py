"""Deleting: softly first, for good afterwards, and never what another schema refers to or a topic needs."""

from __future__ import annotations

import sqlite3

from hangarstack.registry.embedded import association_records, names, records, refusals, scopes
from hangarstack.registry.embedded.names import Subject
from hangarstack.registry.embedded.registration import forget_version


def delete_version(db: sqlite3.Connection, subject: Subject, wanted: str, *, permanent: bool) -> int:
    """Delete one version and return its number.

    Args:
        db: a connection inside a write transaction.
        subject: whose version.
        wanted: a number or ``latest``, as the path has it.
        permanent: whether for good.

    Raises:
        RefusalError: 40401, 40402 not there; 40406 soft-deleted already; 40407 not soft-deleted yet;
            40904 the last version of a subject that a topic is associated with; 42205 read-only; 42206 referenced.
    """
    number = names.version(wanted)
    found = records.version(db, subject, number, deleted=True)
    if found is None:
        if not records.has_subjects(db, subject, deleted=True):
            raise refusals.subject_not_found(str(subject))
        raise refusals.version_not_found(number)
    if found.deleted and not permanent:
        raise refusals.version_soft_deleted(str(subject), wanted)
    scopes.refuse_read_only(db, subject)
    _refuse_referenced(db, subject, found.version)
    if not permanent:
        if [each.version for each in records.versions(db, subject)] == [found.version]:
            _refuse_associated(db, subject)
        _hide(db, subject, found.version)
        return found.version
    if not found.deleted:
        raise refusals.version_not_soft_deleted(str(subject), found.version)
    forget_version(db, str(subject), found.version)
    if not records.has_subjects(db, subject, deleted=True):
        scopes.forget(db, subject)
    return found.version


def delete_subject(db: sqlite3.Connection, subject: Subject, *, permanent: bool) -> list[int]:
    """Delete all versions of a subject and return their numbers.

    Raises:
        RefusalError: 40401 not there; 40404 soft-deleted already; 40405 not soft-deleted yet; 40904 a topic is
            associated with it; 42205 read-only; 42206 a version is referenced.
    """
    every = records.versions(db, subject, deleted=True)
    if not every:
        raise refusals.subject_not_found(str(subject))
    targets = every if permanent else [each for each in every if not each.deleted]
    if not targets:
        raise refusals.subject_soft_deleted(str(subject))
    scopes.refuse_read_only(db, subject)
    for each in targets:
        _refuse_referenced(db, subject, each.version)
        if permanent and not each.deleted:
            raise refusals.subject_not_soft_deleted(str(subject))
    _refuse_associated(db, subject)
    for each in targets:
        if permanent:
            forget_version(db, str(subject), each.version)
        else:
            _hide(db, subject, each.version)
    if permanent:
        scopes.forget(db, subject)
    return [each.version for each in targets]


def _hide(db: sqlite3.Connection, subject: Subject, version: int) -> None:
    db.execute("UPDATE versions SET deleted = 1 WHERE subject = ? AND version = ?", (str(subject), version))


def _refuse_referenced(db: sqlite3.Connection, subject: Subject, version: int) -> None:
    if records.referencing(db, str(subject), version):
        raise refusals.referenced(str(subject), version)


def _refuse_associated(db: sqlite3.Connection, subject: Subject) -> None:
    if association_records.of_subject(db, subject):
        raise refusals.subject_associated(str(subject))
