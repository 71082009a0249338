"""Data encryption keys as the registry's file holds them: encrypted, as they were sent."""

from __future__ import annotations

import base64
import sqlite3
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from hangarstack.registry.embedded.names import LATEST

DEFAULT_ALGORITHM: Final = "AES256_GCM"
ALGORITHMS: Final = frozenset({"AES128_GCM", DEFAULT_ALGORITHM, "AES256_SIV"})
FIRST_VERSION: Final = 1


class Line(NamedTuple):
    """The DEKs that follow each other when they are rotated.

    Args:
        kek: the name of the KEK that encrypts them.
        subject: its qualified name.
        algorithm: what they encrypt fields with.
    """

    kek: str
    subject: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dek:
    """A data encryption key.

    Args:
        line: whose it is.
        version: from 1 on.
        material: the key, encrypted by the KEK, in Base64; empty before it is made.
        deleted: softly.
        ts: milliseconds since 1970 of the last write, which its expiry is reckoned from; 0 before any.
    """

    line: Line
    version: int
    material: str = field(repr=False)
    deleted: bool
    ts: int = 0

    def is_equivalent(self, other: Dek) -> bool:
        """Tell whether it is the same but for being deleted or not."""
        return self == replace(other, deleted=self.deleted, ts=self.ts)

    def answer(self, raw: bytes | None = None) -> dict[str, Any]:
        """Return its JSON; ``raw`` is the key itself, which the client of a shared KEK is given."""
        return {
            "kekName": self.line.kek,
            "subject": self.line.subject,
            "version": self.version,
            "algorithm": self.line.algorithm,
            "encryptedKeyMaterial": self.material,
            **({} if raw is None else {"keyMaterial": base64.b64encode(raw).decode()}),
            "ts": self.ts,
            **({"deleted": True} if self.deleted else {}),
        }


def subjects(db: sqlite3.Connection, kek: str, *, deleted: bool) -> list[str]:
    """Return the subjects that a KEK has DEKs of, in order; ``deleted`` counts soft-deleted DEKs too."""
    sql = "SELECT DISTINCT subject FROM deks WHERE kek = ? AND (? OR NOT deleted) ORDER BY subject"
    return [row["subject"] for row in db.execute(sql, (kek, deleted))]


def versions(db: sqlite3.Connection, line: Line, *, deleted: bool) -> list[Dek]:
    """Return the DEKs of a line, oldest first; ``deleted`` counts soft-deleted ones too."""
    sql = """SELECT * FROM deks WHERE kek = ? AND subject = ? AND algorithm = ? AND (? OR NOT deleted)
             ORDER BY version"""
    return [_dek(row) for row in db.execute(sql, (*line, deleted))]


def get(db: sqlite3.Connection, line: Line, version: int, *, deleted: bool) -> Dek | None:
    """Return one DEK, the latest for ``LATEST``, or None; ``deleted`` finds a soft-deleted one too."""
    sql = """SELECT * FROM deks WHERE kek = ? AND subject = ? AND algorithm = ? AND ? IN (version, ?)
             AND (? OR NOT deleted) ORDER BY version DESC LIMIT 1"""
    row = db.execute(sql, (*line, version, LATEST, deleted)).fetchone()
    return None if row is None else _dek(row)


def count(db: sqlite3.Connection) -> int:
    """Return how many there are, soft-deleted ones too."""
    return int(db.execute("SELECT count(*) FROM deks").fetchone()[0])


def put(db: sqlite3.Connection, dek: Dek) -> Dek:
    """Keep a DEK in place of the one of its version, and return it with the time of this write."""
    kept = replace(dek, ts=time.time_ns() // 1_000_000)
    values = (*kept.line, kept.version, kept.material, kept.deleted, kept.ts)
    db.execute("INSERT OR REPLACE INTO deks VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return kept


def forget(db: sqlite3.Connection, dek: Dek) -> None:
    """Remove a DEK."""
    sql = "DELETE FROM deks WHERE kek = ? AND subject = ? AND algorithm = ? AND version = ?"
    db.execute(sql, (*dek.line, dek.version))


def _dek(row: sqlite3.Row) -> Dek:
    return Dek(
        line=Line(row["kek"], row["subject"], row["algorithm"]),
        version=row["version"],
        material=row["material"],
        deleted=bool(row["deleted"]),
        ts=row["ts"],
    )
