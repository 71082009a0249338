"""What changed in this registry since an exporter looked last, and what there is to do about it.

The log of changes holds for each version and configuration where it changed last, not how: what is to be done is read
from what it is now. A change that is done twice leaves the same.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final, TypeAlias

from hangarstack.registry.embedded import documents, names, records, scopes
from hangarstack.registry.embedded.exporting.requests import Definition
from hangarstack.registry.embedded.names import Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.scopes import Config

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A version is there, maybe softly deleted.

    Args:
        version: it.
        referenced: those that it refers to, directly or not, each after those it refers to itself.
        is_whole: whether they are all there. What a softly deleted version refers to may have been deleted for good.
    """

    version: Version
    referenced: tuple[Version, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """A version was deleted for good.

    Args:
        subject: whose it was.
        version: its number.
        config: what is set for the subject, which may have been set since; None for nothing.
    """

    subject: Subject
    version: int
    config: Config | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """What is set for a subject, for a context (without a name), or for all; None for nothing."""

    subject: Subject
    config: Config | None


Action: TypeAlias = Copy | Remove | Configure


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next step of an exporter.

    Args:
        position: the number of the last change that is dealt with when the step is done.
        action: None when no change up to there concerns the exporter.
    """

    position: int
    action: Action | None


def next_step(db: sqlite3.Connection, definition: Definition, position: int) -> Step | None:
    """Return what an exporter has to do next, or None when it has caught up.

    Args:
        db: a connection inside a transaction.
        definition: what the exporter is to do.
        position: the number of the change that it has dealt with last.
    """
    sql = "SELECT seq, kind, name, version FROM changes WHERE seq > ? ORDER BY seq LIMIT ?"
    selection = definition.selection
    last = position
    for row in db.execute(sql, (position, _AT_ONCE)):
        subject = names.subject(row["name"])
        if selection.takes(subject):
            is_config = row["kind"] == "config"
            action = _configure(db, subject) if is_config else _copy_or_remove(db, subject, row["version"])
            return Step(position=row["seq"], action=action)
        last = row["seq"]
    return Step(position=last, action=None) if last != position else None


def _configure(db: sqlite3.Connection, subject: Subject) -> Configure:
    is_all = subject == Subject(context=names.DEFAULT_CONTEXT, name="")
    return Configure(subject=subject, config=scopes.stored_config(db, None if is_all else subject))


def _copy_or_remove(db: sqlite3.Connection, subject: Subject, number: int) -> Copy | Remove:
    version = records.version(db, subject, number, deleted=True)
    if version is None:
        return Remove(subject=subject, version=number, config=scopes.stored_config(db, subject))
    referenced = _referenced(db, version)
    found = tuple(each for each in referenced if each is not None)
    return Copy(version=version, referenced=found, is_whole=len(found) == len(referenced))


def _referenced(db: sqlite3.Connection, version: Version) -> list[Version | None]:
    found: dict[tuple[str, int], Version | None] = {}
    seen: set[tuple[str, int]] = set()

    def visit(parent: Version) -> None:
        for each in parent.references:
            target = documents.target_of(names.subject(parent.subject), each)
            key = (str(target), each.version)
            if key in seen:
                continue
            seen.add(key)
            held = records.version(db, target, each.version, deleted=True)
            if held is not None:
                visit(held)
            found[key] = held

    visit(version)
    return list(found.values())
