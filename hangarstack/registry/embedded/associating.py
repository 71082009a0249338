"""Associating subjects with resources, and ending that.

Confluent's releases differ in what they refuse here; what one of them takes is taken. All of them hold to this: a
strong association is a subject's only one, a subject has an active version as long as it has an association, and a
frozen association ends only together with its subject.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any, NamedTuple

from hangarstack.registry.embedded import (
    association_records,
    deletion,
    lookup,
    names,
    records,
    refusals,
    registration,
    scopes,
)
from hangarstack.registry.embedded.association_records import Association, Filter
from hangarstack.registry.embedded.association_requests import STRONG, WEAK, Resource, Wanted
from hangarstack.registry.embedded.names import Subject
from hangarstack.registry.embedded.records import Version


class Kept(NamedTuple):
    """An association, and the version that its request brought, if any."""

    association: Association
    version: Version | None

    def answer(self) -> dict[str, Any]:
        """Return its JSON, as the answer to its request gives it."""
        return self.association.brief() | ({} if self.version is None else {"schema": self.version.answer()})


def located(db: sqlite3.Connection, resource: Resource) -> Resource:
    """Return a resource with the id that its name has now, when a dry run leaves it out."""
    if resource.id:
        return resource
    namesakes = association_records.named(db, resource.namespace, resource.name)
    return replace(resource, id=association_records.latest_id(namesakes))


def associate(db: sqlite3.Connection, resource: Resource, wanted: Wanted, *, may_update: bool) -> Kept:
    """Create an association, or change the one that the resource has of that type.

    One that is there as wanted already is returned as it is.

    Args:
        db: a connection inside a write transaction.
        resource: what to associate.
        wanted: how.
        may_update: whether another association of that type may be there.

    Raises:
        RefusalError: 40903 another one is there, and may not be; 40904, 40905 the subject's other associations do not
            allow it; 40907 the subject has no version, and none is given; 40908 it is frozen; 42205 the subject's mode
            forbids it; 42212 it cannot be so; or what a registration refuses.
    """
    same_type = (each for each in _held(db, resource) if each.type == wanted.type)
    held = next(same_type, None)
    if held is None:
        return _create(db, resource, wanted)
    is_as_wanted = _is_as_wanted(held, resource, wanted)
    if may_update:
        if not is_as_wanted:
            held = _change(db, held, resource, wanted)
        return Kept(held, _registered(db, names.subject(held.subject), wanted))
    version = _found(db, held, wanted) if is_as_wanted else None
    if not is_as_wanted or (wanted.schema is not None and version is None):
        raise refusals.resource_associated(wanted.type, resource.id or resource.name)
    return Kept(held, version)


def dissociate_all(db: sqlite3.Connection, resource_id: str, wanted: Filter, *, cascade: bool) -> None:
    """End associations of a resource.

    Args:
        db: a connection inside a write transaction.
        resource_id: whose.
        wanted: which of them.
        cascade: whether subjects that are the resource's own are deleted too, softly.

    Raises:
        RefusalError: 40410 there is none; 40908 one is frozen, and its subject is to stay; 42205 read-only; 42206 a
            subject is referenced.
    """
    held = association_records.of_resource(db, wanted.resource_type, resource_id)
    found = [each for each in held if wanted.takes(each)]
    if not found:
        raise refusals.association_not_found(resource_id)
    for each in found:
        _dissociate(db, each, cascade=cascade)


def _dissociate(db: sqlite3.Connection, held: Association, *, cascade: bool) -> None:
    subject = names.subject(held.subject)
    if held.frozen and not cascade:
        raise refusals.association_frozen(held.type, held.subject)
    scopes.refuse_read_only(db, subject)
    association_records.forget(db, held)
    if cascade and held.is_strong:
        deletion.delete_subject(db, subject, permanent=False)


def _held(db: sqlite3.Connection, resource: Resource) -> list[Association]:
    return association_records.of_resource(db, resource.type, resource.id)


def _is_as_wanted(held: Association, resource: Resource, wanted: Wanted) -> bool:
    return (
        held.resource == resource
        and wanted.subject in {None, names.subject(held.subject)}
        and wanted.lifecycle in {None, held.lifecycle}
        and wanted.frozen in {None, held.frozen}
    )


def _create(db: sqlite3.Connection, resource: Resource, wanted: Wanted) -> Kept:
    own = resource.own_subject(wanted.type)
    # A schema that comes with its topic is the topic's own, unless the request says otherwise.
    is_own = wanted.schema is not None and wanted.lifecycle != WEAK and wanted.subject in {None, own}
    subject = own if is_own else wanted.subject
    if subject is None:
        raise refusals.invalid_association("subject", "must be given unless the schema of a STRONG association is")
    frozen = wanted.frozen if wanted.frozen is not None else is_own
    lifecycle = wanted.lifecycle or (STRONG if frozen or is_own else WEAK)
    if frozen:
        _refuse_freezing(db, subject, wanted)
    _refuse_taken(subject, lifecycle, association_records.of_subject(db, subject))
    scopes.refuse_read_only(db, subject)
    version = _registered(db, subject, wanted)
    if version is None and records.version(db, subject, names.LATEST) is None:
        raise refusals.no_active_version(str(subject))
    kept = association_records.add(db, resource, kind=wanted.type, subject=subject, lifecycle=lifecycle, frozen=frozen)
    return Kept(kept, version)


def _refuse_freezing(db: sqlite3.Connection, subject: Subject, wanted: Wanted) -> None:
    if scopes.mode_in_scope(db, subject) == "IMPORT":
        # What is copied from another registry has its schemas already, and keeps their ids.
        return
    if wanted.schema is None:
        raise refusals.invalid_association("schema", "must be provided when creating a frozen association")
    if records.has_subjects(db, subject):
        reason = "cannot create a frozen association when schemas already exist in the subject"
        raise refusals.invalid_association("frozen", reason)


def _change(db: sqlite3.Connection, held: Association, resource: Resource, wanted: Wanted) -> Association:
    if held.resource != resource:
        raise refusals.invalid_association("resourceName", "the resource of an association cannot be changed")
    if wanted.subject not in {None, names.subject(held.subject)}:
        raise refusals.invalid_association("subject", "subject of association cannot be changed")
    if wanted.frozen not in {None, held.frozen}:
        raise refusals.invalid_association("frozen", "frozen attribute of association cannot be changed")
    if held.frozen:
        raise refusals.association_frozen(held.type, held.subject)
    subject, lifecycle = names.subject(held.subject), wanted.lifecycle or held.lifecycle
    others = [each for each in association_records.of_subject(db, subject) if each != held]
    _refuse_taken(subject, lifecycle, others)
    scopes.refuse_read_only(db, subject)
    return association_records.update(db, held, lifecycle=lifecycle)


def _refuse_taken(subject: Subject, lifecycle: str, others: list[Association]) -> None:
    if others and lifecycle == STRONG:
        raise refusals.subject_associated(str(subject))
    if any(each.is_strong for each in others):
        raise refusals.subject_strongly_associated(str(subject))


def _registered(db: sqlite3.Connection, subject: Subject, wanted: Wanted) -> Version | None:
    if wanted.schema is None:
        return None
    return registration.add(db, subject, wanted.schema, normalize=wanted.normalize)


def _found(db: sqlite3.Connection, held: Association, wanted: Wanted) -> Version | None:
    if wanted.schema is None:
        return None
    return lookup.find(db, names.subject(held.subject), wanted.schema, normalize=wanted.normalize)
