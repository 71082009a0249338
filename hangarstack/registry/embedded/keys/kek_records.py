"""Key encryption keys as the registry's file holds them: where the key is, not the key."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hangarstack.registry.embedded.keys.credentials import without_credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Kek:
    """A key encryption key.

    Args:
        name: in every context the same key.
        kms_type: ``aws-kms``, ``azure-kms``, ``gcp-kms``, ``hcvault``, ``local-kms`` or another.
        kms_key_id: names the key within the KMS.
        kms_props: what a client needs to reach the KMS; may hold credentials.
        doc: a description.
        shared: whether the registry itself calls the KMS.
        deleted: softly.
        ts: milliseconds since 1970 of the last write; 0 before any.
    """

    name: str
    kms_type: str
    kms_key_id: str
    kms_props: Mapping[str, str] = field(repr=False)
    doc: str | None
    shared: bool
    deleted: bool
    ts: int = 0

    def is_equivalent(self, other: Kek) -> bool:
        """Tell whether it is the same but for being deleted or not."""
        return self == replace(other, deleted=self.deleted, ts=self.ts)

    def answer(self) -> dict[str, Any]:
        """Return its JSON, without credentials."""
        return {
            "name": self.name,
            "kmsType": self.kms_type,
            "kmsKeyId": self.kms_key_id,
            "kmsProps": without_credentials(self.kms_props),
            **({} if self.doc is None else {"doc": self.doc}),
            "shared": self.shared,
            "ts": self.ts,
            **({"deleted": True} if self.deleted else {}),
        }


def names(db: sqlite3.Connection, *, deleted: bool) -> list[str]:
    """Return the names of all KEKs in order; ``deleted`` counts soft-deleted ones too."""
    return [row["name"] for row in db.execute("SELECT name FROM keks WHERE ? OR NOT deleted ORDER BY name", (deleted,))]


def names_with_deks(db: sqlite3.Connection, prefixes: Sequence[str], *, deleted: bool) -> list[str]:
    """Return the names of the KEKs that encrypt a DEK of a subject that begins with one of some texts."""
    rows = db.execute("SELECT DISTINCT kek, subject FROM deks WHERE ? OR NOT deleted", (deleted,))
    return sorted({row["kek"] for row in rows if row["subject"].startswith(tuple(prefixes))})


def get(db: sqlite3.Connection, name: str, *, deleted: bool) -> Kek | None:
    """Return a KEK, or None; ``deleted`` finds a soft-deleted one too."""
    row = db.execute("SELECT * FROM keks WHERE name = ? AND (? OR NOT deleted)", (name, deleted)).fetchone()
    return None if row is None else _kek(row)


def count(db: sqlite3.Connection) -> int:
    """Return how many there are, soft-deleted ones too."""
    return int(db.execute("SELECT count(*) FROM keks").fetchone()[0])


def put(db: sqlite3.Connection, kek: Kek) -> Kek:
    """Keep a KEK in place of the one of its name, and return it with the time of this write."""
    kept = replace(kek, ts=time.time_ns() // 1_000_000)
    values = (kept.name, kept.kms_type, kept.kms_key_id, json.dumps(dict(kept.kms_props)), kept.doc)
    db.execute(
        "INSERT OR REPLACE INTO keks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, kept.shared, kept.deleted, kept.ts)
    )
    return kept


def forget(db: sqlite3.Connection, name: str) -> None:
    """Remove a KEK."""
    db.execute("DELETE FROM keks WHERE name = ?", (name,))


def _kek(row: sqlite3.Row) -> Kek:
    return Kek(
        name=row["name"],
        kms_type=row["kms_type"],
        kms_key_id=row["kms_key_id"],
        kms_props=json.loads(row["kms_props"]),
        doc=row["doc"],
        shared=bool(row["shared"]),
        deleted=bool(row["deleted"]),
        ts=row["ts"],
    )
