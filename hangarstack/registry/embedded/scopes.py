"""Compatibility levels and modes: set for a subject, else for its context, else for all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from hangarstack.registry.embedded import names, records, refusals, rules
from hangarstack.registry.embedded.names import Subject

Config: TypeAlias = dict[str, Any]

LEVELS: Final = frozenset(
    {"NONE", "BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE"}
)
MODES: Final = frozenset({"READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"})
DEFAULT_LEVEL: Final = "BACKWARD"
DEFAULT_MODE: Final = "READWRITE"

_FLAGS: Final = ("normalize", "validateFields")
_TEXTS: Final = ("alias", "compatibilityGroup")
_DOCUMENTS: Final = {
    "defaultMetadata": rules.metadata,
    "overrideMetadata": rules.metadata,
    "defaultRuleSet": rules.rule_set,
    "overrideRuleSet": rules.rule_set,
}


def config(db: sqlite3.Connection, subject: Subject | None) -> Config | None:
    """Return what is set for a subject itself, or None; for all (None) the defaults fill in."""
    found = stored_config(db, subject)
    return found if subject is not None else {"compatibilityLevel": DEFAULT_LEVEL, **(found or {})}


def stored_config(db: sqlite3.Connection, subject: Subject | None) -> Config | None:
    """Return what was set for a subject itself, or for all (None), without any default; None when nothing was."""
    row = db.execute("SELECT config FROM configs WHERE scope = ?", (_key(subject),)).fetchone()
    return None if row is None else json.loads(row["config"])


def config_in_scope(db: sqlite3.Connection, subject: Subject | None) -> Config:
    """Return what holds for a subject: the nearest configuration, its level from further out when it has none."""
    found = [config(db, scope) for scope in _scopes(subject)]
    nearest: Config = next((each for each in found if each is not None), {})
    level = next((each["compatibilityLevel"] for each in found if each and "compatibilityLevel" in each), None)
    return {**nearest, "compatibilityLevel": level or DEFAULT_LEVEL}


def set_config(db: sqlite3.Connection, subject: Subject | None, body: Mapping[str, Any]) -> Config:
    """Change what a request names, keep the rest; an explicit null clears. Return all that is set now.

    Raises:
        RefusalError: 42203 no such level; 42210 a rule set that is not allowed; 42205 the subject is read-only.
    """
    changes = _changes(body)
    refuse_read_only(db, subject)
    now = {**(stored_config(db, subject) or {}), **changes}
    now = {name: value for name, value in now.items() if value is not None}
    sql = "INSERT INTO configs VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET config = excluded.config"
    db.execute(sql, (_key(subject), json.dumps(now)))
    return now


def delete_config(db: sqlite3.Connection, subject: Subject | None) -> Config:
    """Forget what was set, and return it.

    Raises:
        RefusalError: 40401 nothing was set for the subject; 42205 it is read-only.
    """
    found = config(db, subject)
    if found is None:
        raise refusals.subject_not_found(str(subject))
    refuse_read_only(db, subject)
    db.execute("DELETE FROM configs WHERE scope = ?", (_key(subject),))
    return found


def mode(db: sqlite3.Connection, subject: Subject | None) -> str | None:
    """Return the mode set for a subject itself, or None; for all (None) the default fills in."""
    row = db.execute("SELECT mode FROM modes WHERE scope = ?", (_key(subject),)).fetchone()
    if row is not None:
        return str(row["mode"])
    return DEFAULT_MODE if subject is None else None


def mode_in_scope(db: sqlite3.Connection, subject: Subject | None) -> str:
    """Return the mode that holds for a subject; READONLY_OVERRIDE for all beats any nearer one."""
    if mode(db, None) == "READONLY_OVERRIDE":
        return "READONLY_OVERRIDE"
    found = (mode(db, scope) for scope in _scopes(subject))
    return next((each for each in found if each is not None), DEFAULT_MODE)


def set_mode(db: sqlite3.Connection, subject: Subject | None, value: object, *, force: bool) -> None:
    """Set a mode; None clears it.

    Raises:
        RefusalError: 42204 no such mode; 42205 schemas exist where IMPORT is asked for, and no force.
    """
    if value is None:
        db.execute("DELETE FROM modes WHERE scope = ?", (_key(subject),))
        return
    wanted = str(value).upper()
    if wanted not in MODES:
        raise refusals.invalid_mode()
    starts_import = wanted == "IMPORT" and mode_in_scope(db, subject) != "IMPORT"
    if starts_import and not force and records.has_subjects(db, subject):
        raise refusals.not_permitted("Cannot import since found existing subjects")
    sql = "INSERT INTO modes VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET mode = excluded.mode"
    db.execute(sql, (_key(subject), wanted))


def delete_mode(db: sqlite3.Connection, subject: Subject | None) -> str:
    """Forget a mode, and return it.

    Raises:
        RefusalError: 40401 none was set for the subject.
    """
    found = mode(db, subject)
    if found is None:
        raise refusals.subject_not_found(str(subject))
    db.execute("DELETE FROM modes WHERE scope = ?", (_key(subject),))
    return found


def forget(db: sqlite3.Connection, subject: Subject) -> None:
    """Forget level and mode of a subject that is no more."""
    for table in ("configs", "modes"):
        db.execute(f"DELETE FROM {table} WHERE scope = ?", (_key(subject),))  # noqa: S608 - two fixed names


def refuse_read_only(db: sqlite3.Connection, subject: Subject | None) -> None:
    """Let a write go on unless the mode forbids it.

    Raises:
        RefusalError: 42205.
    """
    if mode_in_scope(db, subject) in {"READONLY", "READONLY_OVERRIDE"}:
        raise refusals.not_permitted(f"{_place(subject)} is in read-only mode")


def refuse_registration(db: sqlite3.Connection, subject: Subject, *, imports: bool) -> None:
    """Let a registration go on if the mode allows it.

    Args:
        db: a connection inside a transaction.
        subject: where.
        imports: whether the request names the id itself.

    Raises:
        RefusalError: 42205.
    """
    refuse_read_only(db, subject)
    found = mode_in_scope(db, subject)
    if imports and found != "IMPORT":
        raise refusals.not_permitted(f"{_place(subject)} is not in import mode")
    if not imports and found != "READWRITE":
        raise refusals.not_permitted(f"{_place(subject)} is not in read-write mode")


def aliased(db: sqlite3.Connection, subject: Subject) -> Subject:
    """Return the subject that this one is configured to be another name of, else itself."""
    alias = (config(db, subject) or {}).get("alias")
    if alias is None:
        return subject
    target = names.subject(alias)
    is_qualified = target.context != names.DEFAULT_CONTEXT
    return target if is_qualified else Subject(context=subject.context, name=target.name)


def aliases(db: sqlite3.Connection, prefix: str) -> dict[str, list[str]]:
    """Return the subjects that have other names which begin so, each with those names."""
    found: dict[str, list[str]] = {}
    rows = db.execute("SELECT scope FROM configs WHERE config LIKE '%\"alias\"%' ORDER BY scope")
    for name in [row["scope"] for row in rows if row["scope"].startswith(prefix)]:
        subject = names.subject(name)
        target = aliased(db, subject)
        if target != subject:
            found.setdefault(str(target), []).append(name)
    return found


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in ("compatibilityLevel", "compatibility"):
        if name in body:
            changes["compatibilityLevel"] = _level(body[name])
    for name in _FLAGS:
        if name in body:
            changes[name] = None if body[name] is None else body[name] is True
    for name in _TEXTS:
        if name in body:
            changes[name] = None if body[name] is None else str(body[name])
    for name, read in _DOCUMENTS.items():
        if name in body:
            changes[name] = read(body[name])
    return changes


def _level(value: object) -> str | None:
    if value is None:
        return None
    level = str(value).upper()
    if level not in LEVELS:
        raise refusals.invalid_level()
    return level


def _scopes(subject: Subject | None) -> list[Subject | None]:
    if subject is None:
        return [None]
    if subject.context == names.DEFAULT_CONTEXT:
        return [subject, None]
    return [subject, Subject(context=subject.context, name="")]


def _key(subject: Subject | None) -> str:
    return "" if subject is None else str(subject)


def _place(subject: Subject | None) -> str:
    return f"Subject {subject} in context {'' if subject is None else subject.scope}"
