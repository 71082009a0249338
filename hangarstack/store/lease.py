"""A right that one process at a time has: a row with a holder and an end, so that it holds between machines."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    delete,
    or_,
    select,
    update,
)

from hangarstack.store.failures import translated
from hangarstack.store.upsert import Upsert

_MICROSECONDS: Final = 1_000_000


def lease_table(name: str, metadata: MetaData) -> Table:
    """Return a table of leases, one row each: name, holder, microseconds since 1970 at which it ends."""
    return Table(
        name,
        metadata,
        Column("name", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("until_us", BigInteger, nullable=False),
    )


class Lease:
    """One process's claim to a right. It ends by itself when its holder dies, freezes or loses the database.

    The holder must ask now and then, for another may have the right by the time that a frozen process wakes up. All
    methods but ``is_over`` block for a transaction and raise ``StoreError`` when the store does not answer.

    Args:
        engine: the store.
        table: made by ``lease_table``.
        name: of the right.
        who: the holder, as others are told; what follows a ``#`` is not.
        lasts_s: a holder that was killed keeps the others out for so long.
        clock: seconds since 1970; of all machines, within a second or two.
    """

    def __init__(
        self,
        engine: Engine,
        table: Table,
        name: str,
        who: str,
        *,
        lasts_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._table = table
        self._first = Upsert(table)
        self._name = name
        self._holder = f"{who}#{secrets.token_hex(8)}"
        self._lasts_s = lasts_s
        self._clock = clock
        self._taken_at = 0.0

    def take(self) -> bool:
        """Have the right for another while, unless somebody else has it; tell whether this process has it."""
        begun, row = self._clock(), self._table.c
        now, lasts = int(begun * _MICROSECONDS), int(self._lasts_s * _MICROSECONDS)
        # One that ends later than any that is given now was given by a clock that has been set back since.
        over = or_(row.holder == self._holder, row.until_us < now, row.until_us > now + 2 * lasts)
        values = {"holder": self._holder, "until_us": now + lasts}
        with translated(self._engine), self._engine.begin() as tx:
            # Somebody's or nobody's: from now on there is a row, which the next statement decides about.
            self._first.run(tx, [{"name": self._name, **values}])
            mine = update(self._table).where(row.name == self._name, over).values(**values)
            taken = bool(tx.execute(mine).rowcount)
        if taken:
            self._taken_at = begun
        return taken

    def is_due(self) -> bool:
        """Tell whether it is time to have it for another while: a third of it is over."""
        return not 0 <= self._clock() - self._taken_at < self._lasts_s / 3

    def is_over(self) -> bool:
        """Tell whether it may be another's by now."""
        return not 0 <= self._clock() - self._taken_at < self._lasts_s

    def renew(self) -> bool:
        """Have it for another while; False: another process has, or had, it meanwhile."""
        begun = self._clock()
        until = int((begun + self._lasts_s) * _MICROSECONDS)
        with translated(self._engine), self._engine.begin() as tx:
            kept = bool(tx.execute(update(self._table).where(*self._is_mine()).values(until_us=until)).rowcount)
        if kept:
            self._taken_at = begun
        return kept

    def is_mine(self, connection: Connection) -> bool:
        """Tell whether no other process has had it meanwhile, as the caller's transaction sees it."""
        return connection.execute(select(self._table.c.name).where(*self._is_mine())).first() is not None

    def other(self) -> tuple[str, float]:
        """Return who has it and for how many seconds; nobody, and 0, when it has just been given back."""
        query = select(self._table.c.holder, self._table.c.until_us).where(self._table.c.name == self._name)
        with translated(self._engine), self._engine.connect() as connection:
            found = connection.execute(query).first()
        if found is None:
            return "nobody", 0.0
        return found.holder.partition("#")[0], found.until_us / _MICROSECONDS - self._clock()

    def give_back(self) -> None:
        """Let others have it at once."""
        with translated(self._engine), self._engine.begin() as tx:
            tx.execute(delete(self._table).where(*self._is_mine()))

    def _is_mine(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return self._table.c.name == self._name, self._table.c.holder == self._holder


__all__ = ["Lease", "lease_table"]
