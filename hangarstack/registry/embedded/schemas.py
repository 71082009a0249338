"""Handlers of ``/schemas``, ``/compatibility`` and ``/contexts``."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from hangarstack.registry.embedded import compatibility, documents, names, records, refusals, rules, scopes
from hangarstack.registry.embedded.association_listing import Listing
from hangarstack.registry.embedded.calls import Call, Raw
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.registry.embedded.subjects import formatted, found_tags

_MOST_SCHEMAS: Final = 1000


def list_all(call: Call) -> list[dict[str, Any]]:
    """GET /schemas."""
    rule_type = call.text("ruleType")
    prefix = call.text("subjectPrefix")
    with call.store.read() as db:
        listing = Listing(db, call)
        aliases = scopes.aliases(db, prefix) if call.flag("aliases") else {}
        found = records.prefixed(db, prefix)
        named = {each.subject for each in found}
        for target in sorted(set(aliases) - named):
            found += records.versions(db, names.subject(target), deleted=True)
    found.sort(key=lambda each: (each.subject, each.version))
    found = [each for each in found if call.flag("deleted") or not each.deleted]
    if call.flag("latestOnly"):
        found = list({each.subject: each for each in found}.values())
    if rule_type:
        found = [each for each in found if rules.has_type(each.rule_set, rule_type)]
    found = [each for each in found if listing.takes(each.subject)]
    return [
        each.answer()
        | ({"aliases": aliases[each.subject]} if each.subject in aliases else {})
        | listing.answer(each.subject)
        for each in call.page(found, _MOST_SCHEMAS)
    ]


def types(_call: Call) -> list[str]:
    """GET /schemas/types."""
    return ["AVRO"]


def by_id(call: Call) -> dict[str, Any]:
    """GET /schemas/ids/N."""
    with call.store.read() as db:
        version = _carriers(db, call)[0]
        answer = formatted(db, call, version).schema_answer()
        if call.text("subject"):
            answer = {"subject": version.subject, "version": version.version, **answer}
        answer |= found_tags(db, call, version)
        if call.flag("fetchMaxId"):
            answer["maxId"] = records.last_id(db, version.context)
    return answer


def text_by_id(call: Call) -> Raw:
    """GET /schemas/ids/N/schema."""
    with call.store.read() as db:
        return Raw(formatted(db, call, _carriers(db, call)[0]).text)


def subjects_by_id(call: Call) -> list[str]:
    """GET /schemas/ids/N/subjects."""
    with call.store.read() as db:
        found = _active(call, _carriers(db, call))
    return call.page(list(dict.fromkeys(each.subject for each in found)))


def versions_by_id(call: Call) -> list[dict[str, Any]]:
    """GET /schemas/ids/N/versions."""
    with call.store.read() as db:
        found = _active(call, _carriers(db, call))
    return call.page([{"subject": each.subject, "version": each.version} for each in found])


def by_guid(call: Call) -> dict[str, Any]:
    """GET /schemas/guids/G."""
    with call.store.read() as db:
        found = records.with_guid(db, call.path[0])
        if not found:
            raise refusals.schema_not_found(call.path[0])
        return formatted(db, call, found[0]).schema_answer()


def ids_by_guid(call: Call) -> list[dict[str, Any]]:
    """GET /schemas/guids/G/ids."""
    with call.store.read() as db:
        found = records.with_guid(db, call.path[0])
    if not found:
        raise refusals.schema_not_found(call.path[0])
    return [{"context": each.context, "id": each.id} for each in found]


def test_one(call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/S/versions/N."""
    return _tested(call, names.version(call.path[1]))


def test_all(call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/S/versions."""
    return _tested(call, None)


def contexts(call: Call) -> list[str]:
    """GET /contexts."""
    with call.store.read() as db:
        return call.page(records.contexts(db))


def delete_context(call: Call) -> None:
    """DELETE /contexts/C: forgets an empty context; its ids are not given again."""
    context = names.subject(names.context_scope(call.path[0])).context
    with call.store.write() as db:
        if context not in records.contexts(db)[1:]:
            raise refusals.context_not_found(context)
        if records.has_subjects(db, names.Subject(context=context, name=""), deleted=True):
            raise refusals.context_not_empty(context)
        records.forget_context(db, context)


def _tested(call: Call, against: int | None) -> dict[str, Any]:
    given = documents.posted(call.json())
    verbose = call.flag("verbose")
    with call.store.read() as db:
        subject = scopes.aliased(db, call.subject())
        try:
            messages = compatibility.check(db, subject, given, against=against, normalize=call.flag("normalize"))
        except RefusalError as refusal:
            if not verbose or refusal.code != refusals.INVALID_SCHEMA:
                raise
            messages = [refusal.what]
    answer: dict[str, Any] = {"is_compatible": not messages}
    return {**answer, "messages": messages} if verbose else answer


def _carriers(db: sqlite3.Connection, call: Call) -> list[Version]:
    """Return the versions that carry the id of the path; those of the subject asked for come first."""
    text = call.path[0]
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise refusals.plain(404, "HTTP 404 Not Found")
    wanted = names.subject(call.text("subject"))
    order = [wanted.context]
    if wanted.context == names.DEFAULT_CONTEXT and wanted.name:
        order += records.contexts(db)[1:]
    fallback: list[Version] = []
    for context in order:
        found = records.with_id(db, context, int(text))
        name = str(names.Subject(context=context, name=wanted.name))
        mine = [each for each in found if each.subject == name]
        if mine:
            return mine + [each for each in found if each not in mine]
        fallback = fallback or (found if context == wanted.context else [])
    if not fallback:
        raise refusals.schema_not_found(text)
    return fallback


def _active(call: Call, found: list[Version]) -> list[Version]:
    return [each for each in found if call.flag("deleted") or not each.deleted]
