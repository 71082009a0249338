"""Changing the tags of a registered schema: the result is the next version of its subject."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from hangarstack.registry.embedded import documents, records, refusals, registration, rules
from hangarstack.registry.embedded.documents import NEW, UNSTATED, Posted
from hangarstack.registry.embedded.keys.rule_params import with_kek_names
from hangarstack.registry.embedded.names import LATEST, Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.tags import posted_tags, retagged


def tag(db: sqlite3.Connection, subject: Subject, base: Version, body: Mapping[str, Any]) -> Version:
    """Register a version's schema with other tags, metadata or rules, and return the new version.

    Args:
        db: a connection inside a write transaction.
        subject: where the new version goes.
        base: the version whose schema it is.
        body: ``tagsToAdd``, ``tagsToRemove``, ``newVersion``, ``metadata``, ``ruleSet``, ``rulesToMerge`` and
            ``rulesToRemove``, each of which may be missing.

    Raises:
        RefusalError: 42201 no such record or field, or ``newVersion`` is not the next; 42210 a rule set that is not
            allowed; 42205 the mode forbids it; 422 it is not of the documented form.
    """
    add, remove = (posted_tags(body.get(name), name) for name in ("tagsToAdd", "tagsToRemove"))
    version = documents.number(body, "newVersion", UNSTATED)
    metadata = rules.metadata(body.get("metadata"))
    given = Posted(
        text=retagged(base.text, add=add, remove=remove),
        type="AVRO",
        references=base.references,
        metadata=rules.with_version(base.metadata if metadata is None else metadata, version),
        rule_set=_rule_set(db, subject, body, LATEST if version == UNSTATED else version - 1),
        version=version,
        id=NEW,
    )
    return registration.add(db, subject, given, normalize=False)


def _rule_set(
    db: sqlite3.Connection, subject: Subject, body: Mapping[str, Any], previous_number: int
) -> rules.RuleSet | None:
    given = with_kek_names(rules.rule_set(body.get("ruleSet")))
    merge = rules.rule_set(body.get("rulesToMerge"))
    remove = rules.rule_names(body.get("rulesToRemove"))
    if merge is None and remove is None:
        return given
    if given is not None:
        raise refusals.invalid_rule_set("ruleSet should be omitted if specifying rulesToMerge or rulesToRemove")
    previous = records.version(db, subject, previous_number)
    merged = rules.merged_rule_set(None if previous is None else previous.rule_set, merge)
    return rules.without_rules(merged, remove or [])
