"""Registering a schema under a subject."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import replace

from hangarstack.registry.embedded import documents, lookup, names, records, refusals, scopes
from hangarstack.registry.embedded.compatibility import problems
from hangarstack.registry.embedded.documents import NEW, UNSTATED, Document, Posted
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, LATEST, Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.store import Store
from hangarstack.registry.embedded.tags import retagged, tags_of


def register(store: Store, subject: Subject, given: Posted, *, normalize: bool) -> Version:
    """Register a schema and return its version; one that is registered already is only returned.

    Blocks while other writers are at work.

    Args:
        store: the registry's file.
        subject: where.
        given: what was posted.
        normalize: whether to normalise it first.

    Raises:
        RefusalError: 409 incompatible; 42201 no schema, or a version that is not the next; 42205 the mode forbids it.
    """
    with store.read() as db:
        # The common case, a producer that registers at every start, takes no lock.
        found = _registered_before(db, subject, given, normalize=normalize)
        if found is not None:
            return found
    with store.write() as db:
        return add(db, subject, given, normalize=normalize)


def add(db: sqlite3.Connection, subject: Subject, given: Posted, *, normalize: bool) -> Version:
    """Register a schema as ``register`` does, inside a write transaction."""
    scopes.refuse_registration(db, subject, imports=given.id != NEW)
    if given.tags_to_add or given.tags_to_remove:
        given = _retagged(db, subject, given)
    return _register(db, subject, given, normalize=normalize)


def _retagged(db: sqlite3.Connection, subject: Subject, given: Posted) -> Posted:
    text = documents.parse(db, subject, given, new=False, normalize=False).text
    # As the latest, not as any version: then the metadata say which version carries the tags.
    return replace(
        given,
        text=retagged(text, add=given.tags_to_add, remove=given.tags_to_remove),
        version=LATEST if given.version == UNSTATED else given.version,
    )


def _registered_before(db: sqlite3.Connection, subject: Subject, given: Posted, *, normalize: bool) -> Version | None:
    config = scopes.config_in_scope(db, subject)
    if given.changes_tags or any(name.startswith(("default", "override")) for name in config):
        return None
    found = lookup.find(
        db,
        subject,
        given,
        normalize=normalize or config.get("normalize", False),
        latest_only=given.version == LATEST,
    )
    if found is None:
        return None
    if given.version in {UNSTATED, LATEST}:
        return found if given.id in {NEW, found.id} else None
    return found if (found.id, found.version) == (given.id, given.version) else None


def _register(db: sqlite3.Connection, subject: Subject, given: Posted, *, normalize: bool) -> Version:
    every = records.versions(db, subject, deleted=True)
    active = [each for each in every if not each.deleted]
    next_version = every[-1].version + 1 if every else 1
    config = scopes.config_in_scope(db, subject)
    imports = scopes.mode_in_scope(db, subject) == "IMPORT"
    if not imports:
        given = _populated(db, config, given, active, next_version)
    if not given.text.strip():
        raise refusals.invalid_schema("Empty schema")
    normalize = normalize or config.get("normalize", False)
    document = documents.parse(db, subject, given, new=given.id == NEW, normalize=normalize)
    known_id = records.known_id(db, subject.context, document.guid)
    if given.version == UNSTATED:
        found = _found(db, document, active, given.id)
        if found is not None:
            return found
    if not imports:
        messages = problems(db, config, document, active)
        if messages:
            raise refusals.incompatible(str(subject), messages)
    if given.version <= UNSTATED:
        if next_version > names.LARGEST:
            raise refusals.not_permitted(f"Subject '{subject}' has no version left: {names.LARGEST} is the last one")
        given = replace(given, version=next_version)
    elif given.version != next_version and not imports:
        raise refusals.invalid_schema("Version is not one more than previous version")
    schema_id = given.id if given.id != NEW else known_id
    return _keep(db, subject, document, version=given.version, schema_id=schema_id)


def _populated(
    db: sqlite3.Connection, config: scopes.Config, given: Posted, active: list[Version], next_version: int
) -> Posted:
    latest = active[-1] if active else None
    if latest is not None and not given.text.strip():
        given = replace(given, text=latest.text, type="AVRO", references=latest.references)
    if latest is not None and given.propagates_tags:
        held = tags_of(documents.stored(db, latest).schema)
        given = replace(given, text=retagged(given.text, add=held, remove={}))
    return lookup.completed(config, given, latest, next_version)


def _found(db: sqlite3.Connection, document: Document, active: list[Version], wanted_id: int) -> Version | None:
    found = next((each for each in reversed(active) if each.guid == document.guid), None)
    found = found or lookup.same(db, document, active)
    return found if found is not None and wanted_id in {NEW, found.id} else None


def _keep(
    db: sqlite3.Connection, subject: Subject, document: Document, *, version: int, schema_id: int | None
) -> Version:
    if schema_id is None:
        schema_id = _next_id(db, subject.context)
    _keep_schema(db, subject.context, document, schema_id)
    name = str(subject)
    row_values = (name, version, subject.context, schema_id, time.time_ns() // 1_000_000)
    db.execute("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, 0, ?)", row_values)
    # A schema has one version in a subject: a new one takes the place of a soft-deleted one.
    old = "SELECT version FROM versions WHERE subject = ? AND id = ? AND deleted AND version < ?"
    for row in db.execute(old, (name, schema_id, version)).fetchall():
        forget_version(db, name, row["version"])
    db.execute("DELETE FROM refs WHERE subject = ? AND version = ?", (name, version))
    db.executemany(
        "INSERT OR IGNORE INTO refs VALUES (?, ?, ?, ?)",
        [(str(documents.target_of(subject, each)), each.version, name, version) for each in document.references],
    )
    if subject.context != DEFAULT_CONTEXT:
        db.execute("INSERT OR IGNORE INTO contexts VALUES (?)", (subject.context,))
    kept = records.version(db, subject, version)
    if kept is None:
        raise refusals.store_failed("The version that was just written is not there")
    return kept


def _next_id(db: sqlite3.Connection, context: str) -> int:
    sql = """INSERT INTO ids VALUES (?, 1) ON CONFLICT (context) DO UPDATE SET last = last + 1 RETURNING last"""
    found = int(db.execute(sql, (context,)).fetchone()["last"])
    if found > names.LARGEST:
        where = names.Subject(context=context, name="").scope
        raise refusals.not_permitted(f"Context {where} has no id left: {names.LARGEST} is the last one")
    return found


def _keep_schema(db: sqlite3.Connection, context: str, document: Document, schema_id: int) -> None:
    held = db.execute("SELECT guid FROM schemas WHERE context = ? AND id = ?", (context, schema_id)).fetchone()
    if held is not None:
        if held["guid"] != document.guid:
            where = names.Subject(context=context, name="").scope
            raise refusals.not_permitted(
                f"Overwrite new schema with id {schema_id} in context {where} is not permitted."
            )
        return
    db.execute(
        "INSERT INTO schemas VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            context,
            schema_id,
            document.guid,
            document.text,
            json.dumps([each.answer() for each in document.references]),
            None if document.metadata is None else json.dumps(document.metadata),
            None if document.rule_set is None else json.dumps(document.rule_set),
        ),
    )
    # An imported id is not given again either.
    sql = "INSERT INTO ids VALUES (?, ?) ON CONFLICT (context) DO UPDATE SET last = max(last, excluded.last)"
    db.execute(sql, (context, schema_id))


def forget_version(db: sqlite3.Connection, subject: str, version: int) -> None:
    """Remove a version for good, and its schema when no other version is of it; the id is not given again."""
    row = db.execute(
        "DELETE FROM versions WHERE subject = ? AND version = ? RETURNING context, id", (subject, version)
    ).fetchone()
    db.execute("DELETE FROM refs WHERE subject = ? AND version = ?", (subject, version))
    sql = """DELETE FROM schemas WHERE context = ? AND id = ?
             AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.context = schemas.context AND v.id = schemas.id)"""
    db.execute(sql, (row["context"], row["id"]))
