"""A schema as a request gives it, and as the registry keeps it: parsed, in its one text, with a GUID."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hangarstack.contracts.schema import REGISTRY_NEW, REGISTRY_STORED, Parser, Rules, Schema
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.errors import InvalidSchemaError
from hangarstack.registry.embedded import names, records, refusals, rules
from hangarstack.registry.embedded.canonical import canonical, named_types
from hangarstack.registry.embedded.names import LATEST, Subject
from hangarstack.registry.embedded.records import Reference, Version
from hangarstack.registry.embedded.tags import Tags, posted_tags

UNSTATED: Final = 0
"""The version of a request that names none."""
NEW: Final = -1
"""The id of a request that names none."""

_SHOWN: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The body of a registration, look-up or check.

    Args:
        text: may be empty: the latest version's then.
        version: ``UNSTATED``, ``LATEST``, or a number.
        id: ``NEW``, or the id to import under.
        tags_to_add: tags to write into the text before it is registered.
        tags_to_remove: tags to take out of it.
        propagates_tags: whether the tags of the latest version are written into it too.
    """

    text: str
    type: str
    references: tuple[Reference, ...]
    metadata: rules.Metadata | None
    rule_set: rules.RuleSet | None
    version: int
    id: int
    tags_to_add: Tags = field(default_factory=dict)
    tags_to_remove: Tags = field(default_factory=dict)
    propagates_tags: bool = False

    @property
    def changes_tags(self) -> bool:
        """Tell whether the text that is registered may be another than the one that was posted."""
        return bool(self.tags_to_add or self.tags_to_remove or self.propagates_tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A schema that was parsed."""

    text: str
    schema: Schema
    references: tuple[Reference, ...]
    metadata: rules.Metadata | None
    rule_set: rules.RuleSet | None

    @property
    def guid(self) -> str:
        """The same in every registry: Confluent's MD5 over text, references, metadata and rules."""
        digest = hashlib.md5(self.text.encode(), usedforsecurity=False)
        for reference in self.references:
            digest.update(reference.name.encode() + reference.subject.encode())
            digest.update(reference.version.to_bytes(4, "big", signed=True))
        for part in rules.hash_parts(self.metadata, self.rule_set):
            digest.update(part)
        return str(uuid.UUID(bytes=digest.digest()))

    @property
    def resolved(self) -> str:
        """The text with the referenced types written out."""
        return canonical(self.schema)


def posted(body: Mapping[str, Any]) -> Posted:
    """Read a request's body.

    Raises:
        RefusalError: 422 it is not of the documented form; 42210 the rule set is not allowed.
    """
    text = body.get("schema")
    if text is not None and not isinstance(text, str):
        raise refusals.plain(422, "schema must be text")
    return Posted(
        text=text or "",
        type=str(body.get("schemaType") or "AVRO"),
        references=_references(body.get("references")),
        metadata=rules.metadata(body.get("metadata")),
        rule_set=rules.rule_set(body.get("ruleSet")),
        version=number(body, "version", UNSTATED),
        id=number(body, "id", NEW),
        tags_to_add=posted_tags(body.get("schemaTagsToAdd"), "schemaTagsToAdd"),
        tags_to_remove=posted_tags(body.get("schemaTagsToRemove"), "schemaTagsToRemove"),
        propagates_tags=body.get("propagateSchemaTags") is True,
    )


def parse(db: sqlite3.Connection, subject: Subject, given: Posted, *, new: bool, normalize: bool) -> Document:
    """Parse what was posted, its references first.

    Args:
        db: a connection inside a transaction.
        subject: whose context unqualified references are of.
        given: with a text.
        new: whether to judge names and defaults as a registration does.
        normalize: whether to forget the order of what has none.

    Raises:
        RefusalError: 42201 not an Avro schema, or a reference that is not there.
    """
    if given.type != "AVRO":
        raise refusals.invalid_schema(f"Invalid schema type {given.type}")
    strictness = REGISTRY_NEW if new else REGISTRY_STORED
    try:
        references = tuple(_pinned(db, subject, each) for each in given.references)
        texts = _resolve(db, subject, references, deleted=not new)
        schema, known = _read(texts, given.text, strictness)
        text = canonical(schema, known=known, ordered=normalize)
        if normalize:
            references = tuple(sorted(set(references), key=lambda each: (each.subject, each.version)))
            schema, known = _read(texts, text, strictness)
        text.encode()
    except (InvalidSchemaError, RecursionError, UnicodeEncodeError) as error:
        raise _refusal(subject, given, error) from error
    return Document(text=text, schema=schema, references=references, metadata=given.metadata, rule_set=given.rule_set)


def stored(db: sqlite3.Connection, version: Version) -> Document:
    """Parse a version that is in the registry; its references may have been soft-deleted since.

    Raises:
        RefusalError: 42201 it can no longer be read.
    """
    given = Posted(
        text=version.text,
        type="AVRO",
        references=version.references,
        metadata=version.metadata,
        rule_set=version.rule_set,
        version=version.version,
        id=version.id,
    )
    return parse(db, names.subject(version.subject), given, new=False, normalize=False)


def with_contract(document: Document, metadata: rules.Metadata | None, rule_set: rules.RuleSet | None) -> Document:
    """Return the same schema under other metadata and rules."""
    return replace(document, metadata=metadata, rule_set=rule_set)


def _read(known_texts: Iterable[str], text: str, strictness: Rules) -> tuple[Schema, set[str]]:
    parser = Parser(strictness)
    known: set[str] = set()
    for at, each in enumerate(known_texts):
        side = f"reference {at}"
        known |= named_types(parser.parse(read_json(each, where=side), side=side))
    return parser.parse(read_json(text, where="schema"), side="schema"), known


def _resolve(db: sqlite3.Connection, subject: Subject, references: Iterable[Reference], *, deleted: bool) -> list[str]:
    """Return the texts of all schemas that are referred to, directly or not, each after those it refers to."""
    texts: dict[str, str] = {}
    visiting: set[str] = set()

    def visit(parent: Subject, each: Reference) -> None:
        if each.name in visiting:
            return
        visiting.add(each.name)
        found = _referenced(db, parent, each, deleted=deleted)
        for inner in found.references:
            visit(names.subject(found.subject), inner)
        texts[each.name] = found.text

    for reference in references:
        visit(subject, reference)
    return list(texts.values())


def _referenced(db: sqlite3.Connection, parent: Subject, each: Reference, *, deleted: bool) -> Version:
    target = target_of(parent, each)
    found = records.version(db, target, each.version, deleted=deleted)
    if found is None:
        what = f'No schema reference found for subject "{target}" and version {each.version}'
        raise InvalidSchemaError(what, where=each.name, remedy="Register the referenced schema first")
    return found


def target_of(parent: Subject, each: Reference) -> Subject:
    """Return the subject that a reference means: an unqualified one is in its parent's context."""
    target = names.subject(each.subject)
    is_qualified = target.context != names.DEFAULT_CONTEXT
    return target if is_qualified else Subject(context=parent.context, name=target.name)


def _pinned(db: sqlite3.Connection, subject: Subject, each: Reference) -> Reference:
    """Replace the version "latest" of a reference by the number it has now."""
    if each.version != LATEST:
        return each
    return each._replace(version=_referenced(db, subject, each, deleted=False).version)


def _references(value: object) -> tuple[Reference, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise refusals.plain(422, "references must be an array of objects")
    kinds = {"name": str, "subject": str, "version": int}
    for each in value:
        if any(type(each.get(name)) is not kind for name, kind in kinds.items()):
            raise refusals.invalid_schema("Invalid schema reference")
    return records.references_from(value)


def number(body: Mapping[str, Any], name: str, default: int) -> int:
    """Return a whole number of a request's body, the default when it is missing.

    Raises:
        RefusalError: 422, it is none.
    """
    value = body.get(name)
    if value is None:
        return default
    if type(value) is not int or not LATEST <= value < 2**31:
        raise refusals.plain(422, f"{name} must be a whole number")
    return value


def _refusal(subject: Subject, given: Posted, error: Exception) -> refusals.RefusalError:
    shown = given.text if len(given.text) <= _SHOWN else f"{given.text[:_SHOWN]}..."
    what = {
        RecursionError: "it nests too deeply",
        UnicodeEncodeError: "it escapes half of a character",
    }.get(type(error), str(error))
    references = ", ".join(
        f"{{name='{each.name}', subject='{each.subject}', version={each.version}}}" for each in given.references
    )
    return refusals.invalid_schema(
        f"Invalid schema {{subject={subject},version={given.version},id={given.id},schemaType={given.type},"
        f"references=[{references}],metadata={_shown(given.metadata)},ruleSet={_shown(given.rule_set)},"
        f"schema={shown}}}"
        f" with refs [{references}] of type {given.type}, details: {what}"
    )


def _shown(value: dict[str, Any] | None) -> str:
    return "null" if value is None else json.dumps(value)
