from __future__ import annotations

import threading

from sqlalchemy import Column, Integer, MetaData, Table, insert, inspect

from hangarstack.settings import Settings
from hangarstack.store.tables import make_tables
from tests.support.stores import Opened

BOXES = MetaData()
BOX = Table("box", BOXES, Column("size", Integer, primary_key=True))
LIDS = MetaData()
Table("lid", LIDS, Column("size", Integer, primary_key=True))


def test_missing_tables_are_made_by_many_at_once_and_those_that_are_there_stay(
    store_settings: Settings, opened: Opened
) -> None:
    make_tables(store_settings, "boxes", BOXES)
    engine = opened(store_settings, "boxes")
    with engine.begin() as tx:
        tx.execute(insert(BOX).values(size=3))
    failed: list[Exception] = []

    def make() -> None:
        try:
            make_tables(store_settings, "boxes", BOXES, LIDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with engine.connect() as connection:
        assert connection.execute(BOX.select()).all() == [(3,)]
        assert set(inspect(connection).get_table_names(schema=None)) >= {"lid"}
