from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, select

from hangarstack.settings import Settings
from hangarstack.store.upsert import Upsert, add, greatest, known, least, newest, oldest, replace
from tests.support.stores import Opened

_TABLE = Table(
    "merged",
    MetaData(),
    Column("key", Text, primary_key=True),
    Column("at", Integer, nullable=True),
    Column("value", Integer, nullable=True),
)


@pytest.fixture
def tx(store_settings: Settings, opened: Opened) -> Iterator[Connection]:
    with opened(store_settings, "popularity").begin() as connection:
        _TABLE.create(connection)
        yield connection


def _after(tx: Connection, upsert: Upsert, *rows: tuple[int | None, int | None]) -> Any:
    for at, value in rows:
        upsert.run(tx, [{"key": "a", "at": at, "value": value}])
    return tx.execute(select(_TABLE.c.at, _TABLE.c.value)).one()


def test_no_rows_are_no_statement(tx: Connection) -> None:
    Upsert(_TABLE, value=add).run(tx, [])
    assert tx.execute(select(_TABLE)).all() == []


def test_without_merges_the_stored_row_stays(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE), (1, 1), (2, 2)) == (1, 1)


def test_add_sums(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, value=add), (1, 3), (2, 4)) == (1, 7)


def test_replace_takes_what_came(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, value=replace), (1, 3), (2, 1)) == (1, 1)


def test_greatest_and_least_keep_the_extreme(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, at=least, value=greatest), (5, 5), (7, 4), (3, 9), (4, 6)) == (3, 9)


def test_known_keeps_the_first_value_that_is_not_null(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, value=known), (1, None), (2, 4), (3, 5)) == (1, 4)


def test_newest_follows_the_clock_and_passes_over_nulls(tx: Connection) -> None:
    upsert = Upsert(_TABLE, at=greatest, value=newest("at"))
    assert _after(tx, upsert, (5, 50), (3, 30), (7, None), (6, 60)) == (7, 50)
    assert _after(tx, upsert, (8, 80)) == (8, 80)


def test_newest_starts_from_a_null_clock(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, at=newest("at"), value=newest("at")), (None, None), (3, 30)) == (3, 30)


def test_oldest_follows_the_clock_back(tx: Connection) -> None:
    assert _after(tx, Upsert(_TABLE, at=least, value=oldest("at")), (5, 50), (7, 70), (3, 30)) == (3, 30)


def test_many_rows_are_merged_at_once(tx: Connection) -> None:
    upsert = Upsert(_TABLE, value=add)
    rows = [{"key": f"k{n:04}", "at": 0, "value": n} for n in range(2500)]
    upsert.run(tx, rows)
    upsert.run(tx, reversed(rows))
    values = {row.key: row.value for row in tx.execute(select(_TABLE))}
    assert values == {f"k{n:04}": 2 * n for n in range(2500)}
