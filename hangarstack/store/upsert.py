"""Insert-or-merge of many rows at once, in one way for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table, and_, case, func
from sqlalchemy.dialects import postgresql, sqlite

Columns = Any
"""Columns by name: of the stored row, or of the row that came."""
Merge = Callable[[Columns, Columns, str], ColumnElement[Any]]
"""Makes a column's new value from the stored row, the row that came and the column's name."""


def add(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
    """Add what came to what is stored."""
    total: ColumnElement[Any] = stored[name] + came[name]
    return total


def replace(_stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
    """Take what came."""
    value: ColumnElement[Any] = came[name]
    return value


def greatest(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
    """Keep the greater value."""
    return case((came[name] > stored[name], came[name]), else_=stored[name])


def least(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
    """Keep the lesser value."""
    return case((came[name] < stored[name], came[name]), else_=stored[name])


def known(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
    """Keep the stored value unless it is null."""
    return func.coalesce(stored[name], came[name])


def newest(clock: str) -> Merge:
    """Take what came when it is not null and its column ``clock`` is not older than the stored one."""

    def merge(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
        newer = and_(came[clock] >= stored[clock], came[name].is_not(None))
        return case((newer, came[name]), else_=func.coalesce(stored[name], came[name]))

    return merge


def oldest(clock: str) -> Merge:
    """Take what came when its column ``clock`` is older than the stored one."""

    def merge(stored: Columns, came: Columns, name: str) -> ColumnElement[Any]:
        return case((came[clock] < stored[clock], came[name]), else_=stored[name])

    return merge


class Upsert:
    """Inserts rows and merges each into the stored row of the same primary key.

    Args:
        table: the table; its primary key decides what is the same row.
        merge: how each column that may change is merged; without any, a row that is there stays as it is.
    """

    def __init__(self, table: Table, **merge: Merge) -> None:
        self._table = table
        self._merge = merge
        names = [column.name for column in table.primary_key]
        self._key = itemgetter(*names)
        self._statement = cache(self._compose)

    def run(self, tx: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows in one statement, none of them twice; no rows, no statement.

        Args:
            tx: the transaction to write in.
            rows: each with the same columns, and each key once.
        """
        # Sorted, so that two processes that write the same rows lock them in the same order.
        ordered = sorted(rows, key=self._key)
        if ordered:
            tx.execute(self._statement(tx.dialect.name), ordered)

    def _compose(self, dialect: str) -> Insert:
        make = postgresql.insert if dialect == "postgresql" else sqlite.insert
        insert = make(self._table)
        if not self._merge:
            return insert.on_conflict_do_nothing()
        stored, came = self._table.c, insert.excluded
        return insert.on_conflict_do_update(
            index_elements=list(self._table.primary_key),
            set_={name: merge(stored, came, name) for name, merge in self._merge.items()},
        )


__all__ = ["Merge", "Upsert", "add", "greatest", "known", "least", "newest", "oldest", "replace"]
