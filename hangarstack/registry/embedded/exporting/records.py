"""Exporters as the registry's file holds them: what each is to do, how far it has come, and which server runs it."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.registry.embedded.exporting import refused
from hangarstack.registry.embedded.exporting.requests import Definition

STARTING: Final = "STARTING"
RUNNING: Final = "RUNNING"
PAUSED: Final = "PAUSED"

LEASE_MS: Final = 5_000
"""An exporter of a server that is silent for so long is another server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """An exporter.

    Args:
        name: unique.
        definition: what it is to do.
        state: ``STARTING`` until it has caught up, then ``RUNNING``; or ``PAUSED``.
        position: the number of the last change that it has copied.
        ts: when state, position or trace changed, in milliseconds since 1970.
        trace: what went wrong last, until something goes right; empty for nothing.
        epoch: another one after each request that changes what it does.
        owner: the server that runs it; empty for none.
        leased_until: to when, in milliseconds since 1970.
    """

    name: str
    definition: Definition
    state: str
    position: int
    ts: int
    trace: str
    epoch: str
    owner: str
    leased_until: int

    @property
    def is_free(self) -> bool:
        """Tell whether a server may take it: nobody has it, or not any more, or the clock was set back."""
        return not self.owner or not 0 < self.lease_ms <= LEASE_MS

    @property
    def lease_ms(self) -> int:
        """Milliseconds until the owner must have renewed its lease."""
        return self.leased_until - _now()

    def status(self) -> dict[str, Any]:
        """Return its status as JSON."""
        return {"name": self.name, "state": self.state, "offset": self.position, "ts": self.ts, "trace": self.trace}


def everything(db: sqlite3.Connection) -> list[Exporter]:
    """Return all exporters by name."""
    return [_exporter(row) for row in db.execute("SELECT * FROM exporters ORDER BY name")]


def get(db: sqlite3.Connection, name: str) -> Exporter:
    """Return an exporter.

    Raises:
        RefusalError: 40450 there is none of that name.
    """
    row = db.execute("SELECT * FROM exporters WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise refused.not_found(name)
    return _exporter(row)


def is_held(db: sqlite3.Connection, exporter: Exporter) -> bool:
    """Tell whether an exporter is still to do the same, and still its owner's."""
    sql = "SELECT 1 FROM exporters WHERE name = ? AND epoch = ? AND owner = ?"
    return db.execute(sql, (exporter.name, exporter.epoch, exporter.owner)).fetchone() is not None


def source_id(db: sqlite3.Connection) -> str:
    """Return the id of this registry, made at random with its file."""
    return str(db.execute("SELECT id FROM source").fetchone()["id"])


def put(
    db: sqlite3.Connection, name: str, definition: Definition, *, state: str, position: int, trace: str = ""
) -> None:
    """Keep what an exporter is to do from now on, in the place of what it did; no server runs it yet."""
    db.execute(
        "INSERT OR REPLACE INTO exporters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)",
        (
            *(name, definition.context_type, definition.context, json.dumps(definition.subjects)),
            *(definition.rename_format, json.dumps(definition.config)),
            *(state, position, _now(), trace, uuid.uuid4().hex),
        ),
    )


def forget(db: sqlite3.Connection, name: str) -> None:
    """Remove an exporter."""
    db.execute("DELETE FROM exporters WHERE name = ?", (name,))


def lease(db: sqlite3.Connection, exporter: Exporter, owner: str) -> None:
    """Give an exporter to a server, or to the one that has it for longer."""
    sql = "UPDATE exporters SET owner = ?, leased_until = ? WHERE name = ? AND epoch = ?"
    db.execute(sql, (owner, _now() + LEASE_MS, exporter.name, exporter.epoch))


def release(db: sqlite3.Connection, owner: str) -> None:
    """Let other servers have all that one has."""
    db.execute("UPDATE exporters SET owner = '' WHERE owner = ?", (owner,))


def save(db: sqlite3.Connection, exporter: Exporter, *, state: str, position: int, trace: str) -> bool:
    """Keep how far an exporter has come; False when it is not its owner's any more, or is to do something else."""
    sql = """UPDATE exporters SET state = ?, position = ?, trace = ?, ts = ?
             WHERE name = ? AND epoch = ? AND owner = ?"""
    values = (state, position, trace, _now(), exporter.name, exporter.epoch, exporter.owner)
    return db.execute(sql, values).rowcount == 1


def _now() -> int:
    return time.time_ns() // 1_000_000


def _exporter(row: sqlite3.Row) -> Exporter:
    definition = Definition(
        context_type=row["context_type"],
        context=row["context"],
        subjects=tuple(json.loads(row["subjects"])),
        rename_format=row["rename_format"],
        config=json.loads(row["config"]),
    )
    rest = {key: row[key] for key in ("name", "state", "position", "ts", "trace", "epoch", "owner", "leased_until")}
    return Exporter(definition=definition, **rest)
