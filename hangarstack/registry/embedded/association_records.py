"""Associations as the registry's file holds them: which subject a resource's keys or values are of."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from hangarstack.registry.embedded.association_requests import STRONG, Resource
from hangarstack.registry.embedded.names import Subject

ANY: Final = "-"
"""Stands for any name, or any namespace, where associations are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """That the keys or values of a resource are of a subject.

    Args:
        resource: a topic.
        type: ``key`` or ``value``.
        subject: its qualified name.
        guid: of this association, not of a schema.
        lifecycle: ``STRONG``, the subject is the resource's own; ``WEAK``, it may be shared.
        frozen: whether it stays as it is until subject and association are deleted together.
        created: milliseconds since 1970.
        updated: milliseconds since 1970.
    """

    resource: Resource
    type: str
    subject: str
    guid: str
    lifecycle: str
    frozen: bool
    created: int
    updated: int

    @property
    def is_strong(self) -> bool:
        """Tell whether the subject is the resource's own."""
        return self.lifecycle == STRONG

    def brief(self) -> dict[str, Any]:
        """Return its JSON where the resource is known."""
        return {
            "subject": self.subject,
            "associationType": self.type,
            "lifecycle": self.lifecycle,
            "frozen": self.frozen,
        }

    def answer(self) -> dict[str, Any]:
        """Return its JSON."""
        stamps = {"guid": self.guid, "createTs": self.created, "updateTs": self.updated}
        return {**self.brief(), **self.resource.answer(), **stamps}


class Filter(NamedTuple):
    """Which associations are asked for; an empty type or lifecycle asks for any."""

    resource_type: str
    types: Collection[str] = ()
    lifecycle: str = ""

    def takes(self, each: Association) -> bool:
        """Tell whether an association is asked for."""
        return (
            each.resource.type == self.resource_type
            and (not self.types or each.type in self.types)
            and self.lifecycle in {"", each.lifecycle}
        )


_SELECT: Final = "SELECT * FROM associations"
_ORDER: Final = "ORDER BY resource_name, resource_namespace, resource_type, type, subject, resource_id"


def of_resource(db: sqlite3.Connection, resource_type: str, resource_id: str) -> list[Association]:
    """Return the associations of a resource, in Confluent's order, as the other lists are."""
    sql = f"{_SELECT} WHERE resource_type = ? AND resource_id = ? {_ORDER}"
    return [_association(row) for row in db.execute(sql, (resource_type, resource_id))]


def of_subject(db: sqlite3.Connection, subject: Subject) -> list[Association]:
    """Return the associations of a subject."""
    return [_association(row) for row in db.execute(f"{_SELECT} WHERE subject = ? {_ORDER}", (str(subject),))]


def named(db: sqlite3.Connection, namespace: str, name: str) -> list[Association]:
    """Return the associations of the resources of a name and namespace, ``-`` for any; ids may differ."""
    sql = f"{_SELECT} WHERE ? IN ('{ANY}', resource_namespace) AND ? IN ('{ANY}', resource_name) {_ORDER}"
    return [_association(row) for row in db.execute(sql, (namespace, name))]


def everything(db: sqlite3.Connection) -> list[Association]:
    """Return all associations."""
    return named(db, ANY, ANY)


def latest_id(found: Collection[Association]) -> str:
    """Return the id of the resource that was associated last, empty when there is none.

    A topic that is deleted and made anew keeps its name and gets another id.
    """
    newest = max(found, key=lambda each: (each.updated, each.resource.id), default=None)
    return "" if newest is None else newest.resource.id


def add(
    db: sqlite3.Connection, resource: Resource, *, kind: str, subject: Subject, lifecycle: str, frozen: bool
) -> Association:
    """Keep a new association of a type that the resource has none of, and return it."""
    now = _now()
    new = Association(
        resource=resource,
        type=kind,
        subject=str(subject),
        guid=str(uuid.uuid4()),
        lifecycle=lifecycle,
        frozen=frozen,
        created=now,
        updated=now,
    )
    db.execute(
        "INSERT INTO associations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(resource.type, resource.id, kind, resource.name, resource.namespace),
            *(new.subject, new.guid, lifecycle, frozen, now, now),
        ),
    )
    return new


def update(db: sqlite3.Connection, held: Association, *, lifecycle: str) -> Association:
    """Set an association's lifecycle, and return it as it is now."""
    changed = replace(held, lifecycle=lifecycle, updated=_now())
    sql = "UPDATE associations SET lifecycle = ?, updated = ? WHERE guid = ?"
    db.execute(sql, (lifecycle, changed.updated, held.guid))
    return changed


def forget(db: sqlite3.Connection, held: Association) -> None:
    """Remove an association."""
    db.execute("DELETE FROM associations WHERE guid = ?", (held.guid,))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _association(row: sqlite3.Row) -> Association:
    return Association(
        resource=Resource(
            type=row["resource_type"],
            id=row["resource_id"],
            name=row["resource_name"],
            namespace=row["resource_namespace"],
        ),
        type=row["type"],
        subject=row["subject"],
        guid=row["guid"],
        lifecycle=row["lifecycle"],
        frozen=bool(row["frozen"]),
        created=row["created"],
        updated=row["updated"],
    )
