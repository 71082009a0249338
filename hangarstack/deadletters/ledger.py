"""What became of dead letters, and who did it: durable, because Kafka cannot delete one record."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, insert, select, update

from hangarstack.deadletters.ports import Clock, LogKey
from hangarstack.deadletters.tables import HANDLED_LETTERS, REPAIRS
from hangarstack.store.failures import translated
from hangarstack.store.upsert import Upsert

_MICROSECONDS: Final = 1_000_000
_LONGEST_ERROR: Final = 500
_FIRST = Upsert(HANDLED_LETTERS)
"""What somebody else has noted meanwhile stands."""


class Fate(StrEnum):
    """What became of a letter."""

    REPLAYED = "replayed"
    QUARANTINED = "quarantined"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who repairs.

    Args:
        name: of the person.
        via: ``cli`` or ``web``.
    """

    name: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One replay or drop, as the audit keeps it.

    Args:
        id: its number.
        kind: ``replay`` or ``drop``.
        actor: who.
        dry_run: whether nothing was changed.
        selection: the filters, as JSON.
        begun: when, in seconds since 1970.
        ended: when; None while it runs, or when it was killed.
        matched: how many letters were selected.
        fates: how many of them met each fate; of a dry run, would have met.
        failed: how many could not be published.
        error: why it stopped early or what failed; empty otherwise.
    """

    id: int
    kind: str
    actor: Actor
    dry_run: bool
    selection: str
    begun: float
    ended: float | None
    matched: int
    fates: Mapping[Fate, int]
    failed: int
    error: str


class Ledger:
    """Keeps repairs and the fates of letters. Every method blocks on the store and may raise ``StoreError``.

    Args:
        engine: the ``dead_letters`` store.
        clock: the time now.
    """

    def __init__(self, engine: Engine, clock: Clock = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, kind: str, actor: Actor, selection: str, *, dry_run: bool) -> int:
        """Note that a repair begins, before it changes anything, and return its number."""
        values = {
            "kind": kind,
            "actor": actor.name,
            "via": actor.via,
            "dry_run": dry_run,
            "selection": selection,
            "begun_us": self._now_us(),
            "ended_us": None,
            "matched": 0,
            **{fate.value: 0 for fate in Fate},
            "failed": 0,
            "error": "",
        }
        with translated(self._engine), self._engine.begin() as tx:
            return int(tx.execute(insert(REPAIRS).values(values).returning(REPAIRS.c.id)).scalar_one())

    def note(self, repair_id: int, fates: Mapping[tuple[LogKey, int], Fate], *, failed: int, dry_run: bool) -> None:
        """Note, in one transaction, what became of letters, and count them with the repair.

        Args:
            repair_id: of which repair.
            fates: by log and offset.
            failed: how many more could not be published.
            dry_run: count only.
        """
        counted = {fate: list(fates.values()).count(fate) for fate in Fate}
        columns = {fate.value: REPAIRS.c[fate.value] + count for fate, count in counted.items()}
        step = {"matched": REPAIRS.c.matched + len(fates) + failed, "failed": REPAIRS.c.failed + failed, **columns}
        rows = [
            {**key._asdict(), "letter_offset": offset, "fate": fate.value, "repair_id": repair_id}
            for (key, offset), fate in fates.items()
        ]
        with translated(self._engine), self._engine.begin() as tx:
            if not dry_run:
                _FIRST.run(tx, rows)
            tx.execute(update(REPAIRS).where(REPAIRS.c.id == repair_id).values(step))

    def end(self, repair_id: int, error: str = "") -> None:
        """Note that a repair has ended, and why if it was before its time."""
        ended = {"ended_us": self._now_us(), "error": error[:_LONGEST_ERROR]}
        with translated(self._engine), self._engine.begin() as tx:
            tx.execute(update(REPAIRS).where(REPAIRS.c.id == repair_id).values(ended))

    def fates(self, key: LogKey, start: int) -> dict[int, tuple[Fate, int]]:
        """Return the fates of a log's letters from an offset on, each with the number of its repair."""
        table = HANDLED_LETTERS.c
        asked = select(table.letter_offset, table.fate, table.repair_id).where(
            *self._of(key), table.letter_offset >= start
        )
        with translated(self._engine), self._engine.connect() as connection:
            return {row.letter_offset: (Fate(row.fate), row.repair_id) for row in connection.execute(asked)}

    def forget(self, key: LogKey, before: int) -> None:
        """Forget the fates of letters that Kafka does not keep any more."""
        gone = delete(HANDLED_LETTERS).where(*self._of(key), HANDLED_LETTERS.c.letter_offset < before)
        with translated(self._engine), self._engine.begin() as tx:
            tx.execute(gone)

    def repairs(self, limit: int) -> Sequence[Repair]:
        """Return the latest repairs, latest first."""
        asked = select(REPAIRS).order_by(REPAIRS.c.id.desc()).limit(limit)
        with translated(self._engine), self._engine.connect() as connection:
            return [_repair(row) for row in connection.execute(asked)]

    def repair(self, repair_id: int) -> Repair | None:
        """Return one repair."""
        with translated(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(REPAIRS).where(REPAIRS.c.id == repair_id)).one_or_none()
        return None if row is None else _repair(row)

    @staticmethod
    def _of(key: LogKey) -> list[Any]:
        return [HANDLED_LETTERS.c[name] == value for name, value in key._asdict().items()]

    def _now_us(self) -> int:
        return int(self._clock() * _MICROSECONDS)


def _repair(row: Row[Any]) -> Repair:
    return Repair(
        id=row.id,
        kind=row.kind,
        actor=Actor(name=row.actor, via=row.via),
        dry_run=row.dry_run,
        selection=row.selection,
        begun=row.begun_us / _MICROSECONDS,
        ended=None if row.ended_us is None else row.ended_us / _MICROSECONDS,
        matched=row.matched,
        fates={fate: getattr(row, fate.value) for fate in Fate},
        failed=row.failed,
        error=row.error,
    )
