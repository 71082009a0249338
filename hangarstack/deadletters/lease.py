"""One repair at a time, on whatever machine."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Engine

from hangarstack.deadletters.ports import Clock
from hangarstack.deadletters.tables import REPAIR_LEASE
from hangarstack.errors import RepairBusyError
from hangarstack.store import lease

LASTS_S: Final = 30.0
"""A holder that was killed keeps the others out for so long; longer than one step of a repair takes."""


class Lease:
    """A context manager: taken on entry, given back on exit.

    Args:
        engine: the ``dead_letters`` store.
        who: the holder, as others are told.
        clock: the time now; of all machines, within some seconds.
    """

    def __init__(self, engine: Engine, who: str, clock: Clock = time.time) -> None:
        self._lease = lease.Lease(engine, REPAIR_LEASE, "repair", who, lasts_s=LASTS_S, clock=clock)

    def keep(self) -> None:
        """Renew it when it is time; call it often.

        Raises:
            RepairBusyError: somebody else has it.
            StoreError: the store cannot be written.
        """
        if self._lease.is_due():
            self.renew()

    def renew(self) -> None:
        """Hold it for another while.

        Raises:
            RepairBusyError: somebody else has it, or had it meanwhile: what this process has read is not true any more.
            StoreError: the store cannot be written.
        """
        if not self._lease.renew():
            raise RepairBusyError(
                "this process slept for too long, and somebody else has replayed or dropped dead letters meanwhile",
                remedy="Run it again",
            )

    def __enter__(self) -> Self:
        """Take it.

        Raises:
            RepairBusyError: somebody else has it.
            StoreError: the store cannot be written.
        """
        if not self._lease.take():
            who, left_s = self._lease.other()
            raise RepairBusyError(
                f"{who} is replaying or dropping dead letters just now",
                remedy=f"Try again when that is done, or in {max(1, int(left_s))} s if it was killed",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self._lease.give_back()
