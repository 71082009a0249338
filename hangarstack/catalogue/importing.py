"""Records from files into the store, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update

from hangarstack.catalogue.tables import aircraft as table
from hangarstack.errors import CatalogueError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """How many records were new, renewed from their file, kept because somebody edited them, or already the same."""

    added: int
    renewed: int
    kept: int
    unchanged: int


def import_records(engine: Engine, records: Iterable[Mapping[str, Any]]) -> ImportReport:
    """Bring the store up to the files in one transaction; idempotent.

    A record that was edited in the catalogue (version above 1) is kept: the encyclopaedia is the authority on it.

    Args:
        engine: the ``catalogue`` store.
        records: valid records, as ``load_records`` returns them.
    """
    counts = {"added": 0, "renewed": 0, "kept": 0, "unchanged": 0}
    with engine.begin() as tx:
        stored = {row.id: row for row in tx.execute(select(table.c.id, table.c.version, table.c.imported))}
        for record in records:
            text = json.dumps(record)
            print_ = hashlib.sha256(text.encode()).hexdigest()
            values = {"record": text, "imported": print_, "updated_at": datetime.now(UTC)}
            row = stored.get(record["id"])
            if row is None:
                tx.execute(insert(table).values(id=record["id"], version=1, **values))
                counts["added"] += 1
            elif row.imported == print_:
                counts["unchanged"] += 1
            elif row.version > 1:
                counts["kept"] += 1
            else:
                tx.execute(update(table).where(table.c.id == record["id"]).values(**values))
                counts["renewed"] += 1
    return ImportReport(**counts)


def export_records(engine: Engine, directory: Path) -> int:
    """Write every stored record to ``directory/<id>.json`` and return how many; makes the directory.

    Raises:
        CatalogueError: the directory cannot be made or written.
    """
    with engine.connect() as connection:
        rows = connection.execute(select(table.c.id, table.c.record).order_by(table.c.id)).all()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for row in rows:
            text = json.dumps(json.loads(row.record), indent=2, ensure_ascii=False)
            (directory / f"{row.id}.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CatalogueError(
            f"the records cannot be written: {error.strerror}",
            where=str(directory),
            remedy="Name a directory that you may write, on a disk with room",
        ) from error
    return len(rows)
