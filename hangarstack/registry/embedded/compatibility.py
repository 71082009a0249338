"""Judging a schema against the versions of a subject, with the sentences that Confluent's registry gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from hangarstack.contracts.compatibility import Level, Previous, check_level
from hangarstack.contracts.schema import Record
from hangarstack.registry.embedded import documents, records, refusals, rules, scopes
from hangarstack.registry.embedded.documents import Document, Posted
from hangarstack.registry.embedded.names import LATEST, Subject
from hangarstack.registry.embedded.records import Version

_RESERVED: Final = "confluent:reserved"


def check(
    db: sqlite3.Connection, subject: Subject, given: Posted, *, against: int | None, normalize: bool
) -> list[str]:
    """Return what speaks against registering a schema; an empty list is a yes.

    Args:
        db: a connection inside a transaction.
        subject: where.
        given: what was posted; metadata and rules are not looked at.
        against: one version alone, whatever the level says; None for those that a registration looks at.
        normalize: whether to normalise it first.

    Raises:
        RefusalError: 42201 no schema; 40402 no such version, though the latest of an unknown subject is fine.
    """
    previous = records.versions(db, subject)
    if against is not None:
        found = records.version(db, subject, against)
        if found is None and against != LATEST:
            raise refusals.version_not_found(against)
        previous = [] if found is None else [found]
    if not given.text.strip():
        raise refusals.invalid_schema("Empty schema")
    config = scopes.config_in_scope(db, subject)
    normalize = normalize or config.get("normalize", False)
    document = documents.parse(db, subject, given, new=True, normalize=normalize)
    return problems(db, config, document, previous)


def problems(
    db: sqlite3.Connection, config: scopes.Config, document: Document, previous: Sequence[Version]
) -> list[str]:
    """Return what speaks against a document after some versions, oldest first, and last the level it was judged by.

    Raises:
        RefusalError: 42201 a version can no longer be read.
    """
    validates = config.get("validateFields", False)
    messages = _reserved_fields(document, previous[-1:]) if validates else []
    messages += _level_messages(db, config, document, previous)
    if messages:
        flag = "true" if validates else "false"
        messages.append(f"{{validateFields: '{flag}', compatibility: '{config['compatibilityLevel']}'}}")
    return messages


def _level_messages(
    db: sqlite3.Connection, config: scopes.Config, document: Document, previous: Sequence[Version]
) -> list[str]:
    level = Level(config["compatibilityLevel"])
    judged = _same_group(config, document, previous)
    # What the level does not look at is not parsed: a subject may hold thousands of versions.
    judged = [] if level is Level.NONE else judged if level.transitive else judged[-1:]
    return check_level(
        level,
        document.schema,
        [Previous(schema=documents.stored(db, each).schema, text=each.text, version=each.version) for each in judged],
    )


def _same_group(config: scopes.Config, document: Document, previous: Sequence[Version]) -> Sequence[Version]:
    group = config.get("compatibilityGroup")
    if group is None:
        return previous
    mine = _property(document.metadata, group)
    return [each for each in previous if _property(each.metadata, group) == mine]


def _reserved_fields(document: Document, latest: Sequence[Version]) -> list[str]:
    reserved = _reserved(document.metadata)
    held = _reserved(latest[0].metadata) if latest else []
    messages = [
        f"The new schema has reserved field {name} removed from its metadata "
        "which is present in the old schema's metadata."
        for name in held
        if name not in reserved
    ]
    fields = {each.name for each in document.schema.fields} if isinstance(document.schema, Record) else set()
    return messages + [
        f"The new schema has field that conflicts with the reserved field {name}."
        for name in reserved
        if name in fields
    ]


def _reserved(metadata: rules.Metadata | None) -> list[str]:
    return [name.strip() for name in (_property(metadata, _RESERVED) or "").split(",") if name.strip()]


def _property(metadata: rules.Metadata | None, name: str) -> str | None:
    found = (metadata or {}).get("properties", {}).get(name)
    return None if found is None else str(found)
