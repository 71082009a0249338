from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, column, select, table, text

from hangarstack.errors import SettingsError, StoreDamagedError, StoreSchemaError, StoreUnavailableError
from hangarstack.settings import Secret, Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import reading, store_name, translated
from hangarstack.store.migrations import migrate
from tests.support.stores import Opened

_N = table("counter", column("n")).c.n


@pytest.fixture
def counter(store_settings: Settings, opened: Opened) -> Engine:
    engine = opened(store_settings, "popularity")
    with engine.begin() as tx:
        tx.execute(text("CREATE TABLE counter (n int)"))
        tx.execute(text("INSERT INTO counter VALUES (0)"))
    return engine


def _value(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT n FROM counter")).scalar_one())


def test_writers_that_read_first_queue_and_lose_no_update(counter: Engine) -> None:
    def write() -> None:
        for _ in range(10):
            with counter.begin() as tx:
                # SQLite's writers hold the whole file from BEGIN on; PostgreSQL locks rows when told.
                n = tx.execute(select(_N).with_for_update()).scalar_one()
                tx.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _value(counter) == 40


def test_a_reader_does_not_wait_for_an_open_write(counter: Engine) -> None:
    with counter.begin() as tx:
        tx.execute(text("UPDATE counter SET n = 5"))
        begun = time.perf_counter()
        assert _value(counter) == 0
        assert time.perf_counter() - begun < 1
    assert _value(counter) == 5


def test_a_failed_transaction_leaves_nothing_not_even_a_table(counter: Engine) -> None:
    def fail() -> None:
        with counter.begin() as tx:
            tx.execute(text("UPDATE counter SET n = 9"))
            tx.execute(text("CREATE TABLE other (n int)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert _value(counter) == 0
    with pytest.raises(StoreSchemaError), reading(counter) as connection:
        connection.execute(text("SELECT * FROM other"))


def test_owners_do_not_see_each_others_tables(counter: Engine, store_settings: Settings, opened: Opened) -> None:
    assert _value(counter) == 0
    with pytest.raises(StoreSchemaError), reading(opened(store_settings, "journeys")) as connection:
        connection.execute(text("SELECT n FROM counter"))


def test_reading_joins_the_callers_transaction(counter: Engine) -> None:
    with counter.begin() as tx:
        tx.execute(text("UPDATE counter SET n = 3"))
        with reading(tx) as connection:
            assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 3


def test_a_sqlite_store_is_in_wal_mode_with_foreign_keys(sqlite_settings: Settings, opened: Opened) -> None:
    with opened(sqlite_settings, "catalogue").connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_first_connection_waits_for_another_that_holds_the_new_file(
    empty_sqlite_settings: Settings, opened: Opened
) -> None:
    engine = opened(empty_sqlite_settings, "journeys")
    first = sqlite3.connect(str(engine.url.database), isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, first.execute, ["ROLLBACK"])
    release.start()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    release.join()
    first.close()


def test_a_state_directory_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreUnavailableError) as refused:
        open_store(Settings(home=tmp_path / "home"), "catalogue")
    assert "HANGARSTACK_HOME" in refused.value.remedy


def test_a_file_that_is_no_database_is_named_with_what_to_do_about_it(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "journeys.sqlite3").write_bytes(b"not a database" * 100)
    engine = opened(Settings(home=tmp_path), "journeys")
    with pytest.raises(StoreDamagedError, match="file is not a database") as refused, reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    assert refused.value.where.endswith("journeys.sqlite3")
    assert "put a backup of it back" in refused.value.remedy


def test_a_file_that_was_cut_off_is_damaged_too(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    migrate(settings, ["journeys"])
    file = tmp_path / "store" / "journeys.sqlite3"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(StoreDamagedError, match="malformed"):
        migrate(settings, ["journeys"])


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@h/d",
        "hunter2 is not a url",
        "postgresql://u:hunter2@h:notaport/d",
        "postgresql://u:hunter2@[::1/d",
        "postgresql://u:unescaped@hunter2@h/d",
        "postgresql://u:unescaped@/hunter2@h/d",
        "postgresql://h/d?plugin=hunter2",
    ],
)
def test_a_url_of_no_postgresql_is_refused_without_showing_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        open_store(Settings(home=tmp_path, database_url=Secret(url)), "catalogue")
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@127.0.0.1:1/nothing", "postgresql://127.0.0.1:1/nothing"),
        ("postgresql://127.0.0.1:1/nothing?user=u&password=hunter2", "postgresql://127.0.0.1:1/nothing"),
        ("postgresql://u@127.0.0.1:1/nothing?sslpassword=hunter2", "postgresql://127.0.0.1:1/nothing"),
        ("postgresql:///nothing?host=127.0.0.1&port=1&password=hunter2", "postgresql://127.0.0.1:1/nothing"),
        (
            "postgresql://me:hunter2@/nothing?host=127.0.0.1:1&host=127.0.0.1:2",
            "postgresql://127.0.0.1:1,127.0.0.1:2/nothing",
        ),
    ],
)
def test_a_database_that_is_gone_is_named_without_anything_secret(
    url: str, shown: str, tmp_path: Path, opened: Opened
) -> None:
    engine = opened(Settings(home=tmp_path, database_url=Secret(url)), "catalogue")
    with pytest.raises(StoreUnavailableError) as refused, translated(engine), engine.connect():
        pass
    assert "hunter2" not in str(refused.value)
    assert refused.value.where == store_name(engine) == shown
