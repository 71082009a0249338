"""Handlers of ``/subjects``."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from hangarstack.registry.embedded import (
    deletion,
    documents,
    lookup,
    names,
    records,
    refusals,
    registration,
    scopes,
    tagging,
)
from hangarstack.registry.embedded.calls import Call, Raw
from hangarstack.registry.embedded.keys.rule_params import with_kek_names
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.tags import tagged


def list_all(call: Call) -> list[str]:
    """GET /subjects."""
    only_deleted = call.flag("deletedOnly", "deleted_only")
    with call.store.read() as db:
        found = records.subjects(db, call.text("subjectPrefix", names.EVERY_CONTEXT))
    wanted = [
        name for name, is_gone in found.items() if (is_gone if only_deleted else not is_gone or call.flag("deleted"))
    ]
    return call.page(wanted)


def look_up(call: Call) -> dict[str, Any]:
    """POST /subjects/S: the version that a schema is."""
    given = documents.posted(call.json())
    deleted = call.flag("deleted")
    with call.store.read() as db:
        subject = scopes.aliased(db, call.subject())
        found = lookup.find_anywhere(db, subject, given, normalize=call.flag("normalize"), deleted=deleted)
        if found is None:
            if not records.has_subjects(db, subject, deleted=deleted):
                raise refusals.subject_not_found(str(subject))
            raise refusals.schema_not_found()
        return formatted(db, call, found).answer()


def latest_with_metadata(call: Call) -> dict[str, Any]:
    """GET /subjects/S/metadata: the latest version whose properties are as asked."""
    pairs = zip(call.query.get("key", ()), call.query.get("value", ()), strict=False)
    wanted = set(pairs)
    with call.store.read() as db:
        subject = scopes.aliased(db, call.subject())
        for version in reversed(records.versions(db, subject, deleted=call.flag("deleted"))):
            properties = (version.metadata or {}).get("properties")
            if properties is not None and wanted <= set(properties.items()):
                return formatted(db, call, version).answer()
        if not records.has_subjects(db, subject, deleted=call.flag("deleted")):
            raise refusals.subject_not_found(str(subject))
        raise refusals.schema_not_found()


def delete(call: Call) -> list[int]:
    """DELETE /subjects/S."""
    with call.store.write() as db:
        subject = scopes.aliased(db, call.subject())
        return deletion.delete_subject(db, subject, permanent=call.flag("permanent"))


def list_versions(call: Call) -> list[int]:
    """GET /subjects/S/versions."""
    only_deleted = call.flag("deletedOnly", "deleted_only")
    as_negative = call.flag("deletedAsNegative")
    with call.store.read() as db:
        subject = scopes.aliased(db, call.subject())
        every = records.versions(db, subject, deleted=True)
    active = [each for each in every if not each.deleted]
    shown = every if only_deleted or as_negative or call.flag("deleted") else active
    if not shown:
        raise refusals.subject_not_found(str(subject))
    if only_deleted:
        shown = [each for each in shown if each.deleted]
    return call.page([-each.version if as_negative and each.deleted else each.version for each in shown])


def register(call: Call) -> dict[str, Any]:
    """POST /subjects/S/versions."""
    given = documents.posted(call.json())
    given = replace(given, rule_set=with_kek_names(given.rule_set))
    with call.store.read() as db:
        subject = scopes.aliased(db, call.subject())
    return _registered(registration.register(call.store, subject, given, normalize=call.flag("normalize")))


def modify_tags(call: Call) -> dict[str, Any]:
    """POST /subjects/S/versions/N/tags: the same schema with other tags, as the next version."""
    body = call.json()
    with call.store.write() as db:
        base = _wanted(db, call, deleted=False)
        return _registered(tagging.tag(db, scopes.aliased(db, call.subject()), base, body))


def get_version(call: Call) -> dict[str, Any]:
    """GET /subjects/S/versions/N."""
    with call.store.read() as db:
        version = _wanted(db, call, deleted=call.flag("deleted"))
        return formatted(db, call, version).answer() | found_tags(db, call, version)


def get_schema(call: Call) -> Raw:
    """GET /subjects/S/versions/N/schema."""
    with call.store.read() as db:
        return Raw(formatted(db, call, _wanted(db, call, deleted=call.flag("deleted"))).text)


def referenced_by(call: Call) -> list[int]:
    """GET /subjects/S/versions/N/referencedby: ids of the schemas that refer to it."""
    with call.store.read() as db:
        version = _wanted(db, call, deleted=True)
        return call.page(records.referencing(db, version.subject, version.version))


def delete_version(call: Call) -> int:
    """DELETE /subjects/S/versions/N."""
    with call.store.write() as db:
        subject = scopes.aliased(db, call.subject())
        return deletion.delete_version(db, subject, call.path[1], permanent=call.flag("permanent"))


def formatted(db: sqlite3.Connection, call: Call, version: Version) -> Version:
    """Return the version, its text with referenced types written out when ``format=resolved`` asks for it."""
    if call.text("format").lower() != "resolved" or not version.references:
        return version
    return replace(version, text=documents.stored(db, version).resolved)


def found_tags(db: sqlite3.Connection, call: Call, version: Version) -> dict[str, Any]:
    """Return ``schemaTags`` when ``findTags`` asks for it, else nothing."""
    wanted = set(call.query.get("findTags", ()))
    return {"schemaTags": tagged(documents.stored(db, version).schema, wanted)} if wanted else {}


def _registered(version: Version) -> dict[str, Any]:
    return {name: value for name, value in version.answer().items() if name != "subject"}


def _wanted(db: sqlite3.Connection, call: Call, *, deleted: bool) -> Version:
    number = names.version(call.path[1])
    subject = scopes.aliased(db, call.subject())
    candidates = [subject]
    if subject.context == DEFAULT_CONTEXT:
        candidates += [Subject(context=each, name=subject.name) for each in records.contexts(db)[1:]]
    found = (records.version(db, each, number, deleted=deleted) for each in candidates)
    version = next((each for each in found if each is not None), None)
    if version is not None:
        return version
    if not records.has_subjects(db, subject, deleted=deleted):
        raise refusals.subject_not_found(str(subject))
    raise refusals.version_not_found(number)
