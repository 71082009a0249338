"""Finding a schema under a subject: the very same one, or one that means the same."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from hangarstack.contracts.schema.jsontree import same_json
from hangarstack.registry.embedded import documents, records, rules, scopes
from hangarstack.registry.embedded.documents import Document, Posted
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.refusals import RefusalError


def find(
    db: sqlite3.Connection,
    subject: Subject,
    given: Posted,
    *,
    normalize: bool,
    deleted: bool = False,
    latest_only: bool = False,
) -> Version | None:
    """Return the version that a posted schema is, or None.

    Args:
        db: a connection inside a transaction.
        subject: where to look.
        given: what was posted; empty text is found nowhere.
        normalize: whether order and the like count.
        deleted: whether a soft-deleted version counts.
        latest_only: whether only the latest version counts.

    Raises:
        RefusalError: 42201 what was posted is no schema.
    """
    if not given.text.strip():
        return None
    document = documents.parse(db, subject, given, new=False, normalize=normalize)
    if latest_only:
        latest = records.versions(db, subject)[-1:]
        return same(db, document, latest)
    versions = records.versions(db, subject, deleted=deleted)
    guid = document.guid
    exact = next((each for each in reversed(versions) if each.guid == guid), None)
    return exact or same(db, document, versions)


def find_anywhere(
    db: sqlite3.Connection, subject: Subject, given: Posted, *, normalize: bool, deleted: bool
) -> Version | None:
    """Return the version under the subject, else under its namesake in another context.

    What the latest version or the configuration would add to the schema at its registration is added too.

    Raises:
        RefusalError: 42201 what was posted is no schema.
    """
    found = _find_completed(db, subject, given, normalize=normalize, deleted=deleted)
    if found is not None or subject.context != DEFAULT_CONTEXT:
        return found
    for context in records.contexts(db)[1:]:
        namesake = Subject(context=context, name=subject.name)
        try:
            found = _find_completed(db, namesake, given, normalize=normalize, deleted=deleted)
        except RefusalError:
            continue
        if found is not None:
            return found
    return None


def same(db: sqlite3.Connection, document: Document, versions: list[Version]) -> Version | None:
    """Return the newest of some versions that means the same as a document, or None.

    It does when only attributes stand in another order, references are written out, or ``confluent:version`` is
    left out.
    """
    return next((each for each in reversed(versions) if _same(db, document, each)), None)


def completed(
    config: scopes.Config,
    given: Posted,
    previous: Version | None,
    new_version: int | None,
) -> Posted:
    """Return what was posted with the metadata and rules that the subject adds.

    Args:
        config: what holds for the subject.
        given: what was posted.
        previous: the latest version; its metadata and rules go on where the post says nothing.
        new_version: the number that it would get, or None for a look-up.
    """
    metadata = given.metadata if given.metadata is not None or previous is None else previous.metadata
    metadata = rules.merged_metadata(config.get("defaultMetadata"), metadata)
    metadata = rules.merged_metadata(metadata, config.get("overrideMetadata"))
    rule_set = given.rule_set if given.rule_set is not None or previous is None else previous.rule_set
    rule_set = rules.merged_rule_set(config.get("defaultRuleSet"), rule_set)
    rule_set = rules.merged_rule_set(rule_set, config.get("overrideRuleSet"))
    is_versioned = given.version != documents.UNSTATED or rules.stated_version(metadata) is not None
    if new_version is not None and is_versioned:
        metadata = rules.with_version(metadata, new_version)
    return replace(given, metadata=metadata, rule_set=rule_set)


def _find_completed(
    db: sqlite3.Connection, subject: Subject, given: Posted, *, normalize: bool, deleted: bool
) -> Version | None:
    config = scopes.config_in_scope(db, subject)
    normalize = normalize or config.get("normalize", False)
    found = find(db, subject, given, normalize=normalize, deleted=deleted)
    if found is not None:
        return found
    latest = records.versions(db, subject)[-1:]
    if not latest:
        return None
    full = completed(config, given, latest[0], None)
    if full == given:
        return None
    return find(db, subject, full, normalize=normalize, deleted=deleted)


def _same(db: sqlite3.Connection, document: Document, version: Version) -> bool:
    if not _contract_matches(document, version):
        return False
    if not document.references and not version.references:
        # Another order has the same length: most versions need not be read at all.
        is_candidate = len(document.text) == len(version.text)
        return is_candidate and same_json(json.loads(document.text), json.loads(version.text))
    try:
        held = documents.stored(db, version)
    except RefusalError:
        return False
    return same_json(json.loads(document.resolved), json.loads(held.resolved))


def _contract_matches(document: Document, version: Version) -> bool:
    if document.rule_set != version.rule_set:
        return False
    mine, theirs = rules.stated_version(document.metadata), rules.stated_version(version.metadata)
    if mine is None and theirs is not None:
        return rules.without_version(version.metadata) == (document.metadata or {})
    if mine is not None and theirs is None:
        is_right = mine == str(version.version)
        return is_right and rules.without_version(document.metadata) == (version.metadata or {})
    return document.metadata == version.metadata
