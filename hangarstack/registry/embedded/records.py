"""What the registry's file holds, read: versions of subjects and the schemas behind them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hangarstack.registry.embedded import names
from hangarstack.registry.embedded.names import LATEST, Subject
from hangarstack.registry.embedded.rules import Metadata, RuleSet


class Reference(NamedTuple):
    """A schema that another one uses by name."""

    name: str
    subject: str
    version: int

    def answer(self) -> dict[str, Any]:
        """Return its JSON."""
        return self._asdict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a subject."""

    subject: str
    version: int
    context: str
    id: int
    guid: str
    text: str
    references: tuple[Reference, ...]
    metadata: Metadata | None
    rule_set: RuleSet | None
    deleted: bool
    ts: int

    def schema_answer(self) -> dict[str, Any]:
        """Return the JSON of the schema alone, as ``/schemas/ids/N`` gives it."""
        answer: dict[str, Any] = {"guid": self.guid, "schemaType": "AVRO", "schema": self.text}
        if self.references:
            answer["references"] = [reference.answer() for reference in self.references]
        if self.metadata is not None:
            answer["metadata"] = self.metadata
        if self.rule_set is not None:
            answer["ruleSet"] = self.rule_set
        return answer | {"ts": self.ts, "deleted": self.deleted}

    def answer(self) -> dict[str, Any]:
        """Return the JSON of the version, as ``/subjects/S/versions/N`` gives it."""
        return {"subject": self.subject, "version": self.version, "id": self.id, **self.schema_answer()}


_SELECT: Final = """
SELECT v.subject, v.version, v.context, v.id, v.deleted, v.ts, s.guid, s.text, s.refs, s.metadata, s.rules
FROM versions v JOIN schemas s ON s.context = v.context AND s.id = v.id
"""


def versions(db: sqlite3.Connection, subject: Subject, *, deleted: bool = False) -> list[Version]:
    """Return the versions of a subject, oldest first.

    Args:
        db: a connection inside a transaction.
        subject: its name.
        deleted: whether soft-deleted ones count too.
    """
    rows = db.execute(
        f"{_SELECT} WHERE v.subject = ? AND (? OR NOT v.deleted) ORDER BY v.version", (str(subject), deleted)
    )
    return [_version(row) for row in rows]


def version(db: sqlite3.Connection, subject: Subject, number: int, *, deleted: bool = False) -> Version | None:
    """Return one version, or None; the latest is never a soft-deleted one."""
    if number == LATEST:
        sql = f"{_SELECT} WHERE v.subject = ? AND NOT v.deleted ORDER BY v.version DESC LIMIT 1"
        row = db.execute(sql, (str(subject),)).fetchone()
    else:
        sql = f"{_SELECT} WHERE v.subject = ? AND v.version = ? AND (? OR NOT v.deleted)"
        row = db.execute(sql, (str(subject), number, deleted)).fetchone()
    return None if row is None else _version(row)


def has_subjects(db: sqlite3.Connection, subject: Subject | None, *, deleted: bool = False) -> bool:
    """Tell whether the subject has a version; of a bare context, whether it has any subject."""
    found = subject or Subject(context=names.DEFAULT_CONTEXT, name="")
    sql = "SELECT 1 FROM versions WHERE (subject = ? OR (? AND context = ?)) AND (? OR NOT deleted) LIMIT 1"
    return db.execute(sql, (str(found), not found.name, found.context, deleted)).fetchone() is not None


def with_id(db: sqlite3.Connection, context: str, schema_id: int) -> list[Version]:
    """Return every version, soft-deleted ones included, that carries an id."""
    sql = f"{_SELECT} WHERE v.context = ? AND v.id = ? ORDER BY v.subject, v.version"
    return [_version(row) for row in db.execute(sql, (context, schema_id))]


def with_guid(db: sqlite3.Connection, guid: str) -> list[Version]:
    """Return one version for each context in which a schema of that GUID is, the default context first."""
    sql = f"{_SELECT} WHERE s.guid = ? ORDER BY v.context, v.id DESC"
    found: dict[str, Version] = {}
    for row in db.execute(sql, (guid,)):
        found.setdefault(row["context"], _version(row))
    return list(found.values())


def prefixed(db: sqlite3.Connection, prefix: str) -> list[Version]:
    """Return all versions, soft-deleted ones too, of subjects that begin so, by subject and version.

    Args:
        db: a connection inside a transaction.
        prefix: of the qualified name; ``:*:`` before it means in any context.
    """
    anywhere = prefix.startswith(names.EVERY_CONTEXT)
    wanted = prefix.removeprefix(names.EVERY_CONTEXT)
    rows = (_version(row) for row in db.execute(f"{_SELECT} ORDER BY v.subject, v.version"))
    return [row for row in rows if (names.subject(row.subject).name if anywhere else row.subject).startswith(wanted)]


def subjects(db: sqlite3.Connection, prefix: str) -> dict[str, bool]:
    """Return the subjects that begin so, in order, each with whether all of its versions are soft-deleted."""
    anywhere = prefix.startswith(names.EVERY_CONTEXT)
    wanted = prefix.removeprefix(names.EVERY_CONTEXT)
    rows = db.execute("SELECT subject, min(deleted) AS gone FROM versions GROUP BY subject ORDER BY subject")
    return {
        row["subject"]: bool(row["gone"])
        for row in rows
        if (names.subject(row["subject"]).name if anywhere else row["subject"]).startswith(wanted)
    }


def contexts(db: sqlite3.Connection) -> list[str]:
    """Return the contexts in which something was registered, the default one first."""
    rows = db.execute("SELECT context FROM contexts ORDER BY context")
    return [names.DEFAULT_CONTEXT, *(row["context"] for row in rows)]


def forget_context(db: sqlite3.Connection, context: str) -> None:
    """Take a context off the list; the last id that was given in it stays known."""
    db.execute("DELETE FROM contexts WHERE context = ?", (context,))


def referencing(db: sqlite3.Connection, target: str, target_version: int) -> list[int]:
    """Return the ids of the schemas that refer to a version and are not soft-deleted."""
    sql = """SELECT DISTINCT v.id FROM refs r JOIN versions v ON v.subject = r.subject AND v.version = r.version
             WHERE r.target = ? AND r.target_version = ? AND NOT v.deleted ORDER BY v.id"""
    return [row["id"] for row in db.execute(sql, (target, target_version))]


def known_id(db: sqlite3.Connection, context: str, guid: str) -> int | None:
    """Return the id that a schema of that GUID has in a context, or None."""
    sql = "SELECT id FROM schemas WHERE context = ? AND guid = ? ORDER BY rowid DESC LIMIT 1"
    row = db.execute(sql, (context, guid)).fetchone()
    return None if row is None else int(row["id"])


def last_id(db: sqlite3.Connection, context: str) -> int:
    """Return the highest id that was ever given in a context."""
    row = db.execute("SELECT last FROM ids WHERE context = ?", (context,)).fetchone()
    return 0 if row is None else int(row["last"])


def references_from(values: Iterable[Mapping[str, Any]]) -> tuple[Reference, ...]:
    """Return stored or given references as values."""
    return tuple(Reference(each["name"], each["subject"], each["version"]) for each in values)


def _version(row: sqlite3.Row) -> Version:
    return Version(
        subject=row["subject"],
        version=row["version"],
        context=row["context"],
        id=row["id"],
        guid=row["guid"],
        text=row["text"],
        references=references_from(json.loads(row["refs"])),
        metadata=_json(row["metadata"]),
        rule_set=_json(row["rules"]),
        deleted=bool(row["deleted"]),
        ts=row["ts"],
    )


def _json(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
