"""One repair at a time: a lease in the store, so that it holds between machines and ends with its holder."""

from __future__ import annotations

import secrets
import time
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Engine, delete, select, update

from hangarstack.deadletters.ports import Clock
from hangarstack.deadletters.tables import REPAIR_LEASE
from hangarstack.errors import RepairBusyError
from hangarstack.store.failures import translated
from hangarstack.store.upsert import Upsert

LASTS_S: Final = 30.0
"""A holder that was killed keeps the others out for so long; longer than one step of a repair takes."""

_NAME: Final = "repair"
_MICROSECONDS: Final = 1_000_000
_FIRST = Upsert(REPAIR_LEASE)


class Lease:
    """A context manager: taken on entry, given back on exit.

    Args:
        engine: the ``dead_letters`` store.
        who: the holder, as others are told.
        clock: the time now; of all machines, within some seconds.
    """

    def __init__(self, engine: Engine, who: str, clock: Clock = time.time) -> None:
        self._engine = engine
        self._holder = f"{who}#{secrets.token_hex(8)}"
        self._clock = clock
        self._renew_at = 0.0

    def keep(self) -> None:
        """Renew it when it is time; call it often.

        Raises:
            RepairBusyError: somebody else has it.
            StoreError: the store cannot be written.
        """
        if self._clock() >= self._renew_at:
            self.renew()

    def renew(self) -> None:
        """Hold it for another while.

        Raises:
            RepairBusyError: somebody else has it, or had it meanwhile: what this process has read is not true any more.
            StoreError: the store cannot be written.
        """
        begun = self._clock()
        mine = update(REPAIR_LEASE).where(REPAIR_LEASE.c.holder == self._holder)
        with translated(self._engine), self._engine.begin() as tx:
            if not tx.execute(mine.values(until_us=_ends_us(begun))).rowcount:
                raise RepairBusyError(
                    "this process slept for too long, and somebody else has replayed or dropped dead letters meanwhile",
                    remedy="Run it again",
                )
        self._renew_at = begun + LASTS_S / 3

    def __enter__(self) -> Self:
        """Take it.

        Raises:
            RepairBusyError: somebody else has it.
            StoreError: the store cannot be written.
        """
        begun = self._clock()
        now, until = int(begun * _MICROSECONDS), _ends_us(begun)
        over = update(REPAIR_LEASE).where(REPAIR_LEASE.c.name == _NAME, REPAIR_LEASE.c.until_us < now)
        with translated(self._engine), self._engine.begin() as tx:
            # Somebody's or nobody's: from now on there is a row.
            _FIRST.run(tx, [{"name": _NAME, "holder": self._holder, "until_us": until}])
            tx.execute(over.values(holder=self._holder, until_us=until))
            found = tx.execute(select(REPAIR_LEASE.c.holder, REPAIR_LEASE.c.until_us)).one()
        if found.holder != self._holder:
            left = max(1, (found.until_us - now) // _MICROSECONDS)
            raise RepairBusyError(
                f"{found.holder.partition('#')[0]} is replaying or dropping dead letters just now",
                remedy=f"Try again when that is done, or in {left} s if it was killed",
            )
        self._renew_at = begun + LASTS_S / 3
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        with translated(self._engine), self._engine.begin() as tx:
            tx.execute(delete(REPAIR_LEASE).where(REPAIR_LEASE.c.holder == self._holder))


def _ends_us(begun: float) -> int:
    return int((begun + LASTS_S) * _MICROSECONDS)
