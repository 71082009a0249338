"""The registry's file when things go wrong."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hangarstack.errors import RegistryError, RegistryUnavailableError
from hangarstack.registry.embedded import store as module
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.registry.embedded.store import Store


def count(store: Store) -> int:
    with store.read() as db:
        return int(db.execute("SELECT count(*) FROM contexts").fetchone()[0])


def test_a_write_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")

    def fail() -> None:
        with store.write() as db:
            db.execute("INSERT INTO contexts VALUES ('.a')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(store) == 0
    with store.write() as db:
        db.execute("INSERT INTO contexts VALUES ('.a')")
    assert count(store) == 1
    store.close()


def test_a_statement_that_fails_is_50001(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")
    with pytest.raises(RefusalError) as refused, store.write() as db:
        db.execute("INSERT INTO nothing VALUES (1)")
    assert (refused.value.status, refused.value.code) == (500, 50001)
    assert count(store) == 0
    store.close()


def test_a_full_disk_is_50001_and_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")
    with store.write() as db:
        db.execute("INSERT INTO contexts VALUES ('.kept')")
        # As if the disk ended here; the limit belongs to this connection, which goes back to the pool.
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
    rows = [(f".{number}",) for number in range(10_000)]
    with pytest.raises(RefusalError) as refused, store.write() as db:
        db.executemany("INSERT INTO contexts VALUES (?)", rows)
    assert refused.value.code == 50001
    assert "full" in refused.value.what
    assert count(store) == 1
    store.close()


def test_a_lock_that_nobody_lets_go_is_50002(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOCK_WAIT_S", 0.05)
    path = tmp_path / "r.sqlite3"
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RefusalError) as refused, store.write():
        pass
    assert (refused.value.status, refused.value.code) == (500, 50002)
    other.execute("ROLLBACK")
    other.close()
    assert count(store) == 0
    store.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(RegistryError, match="layout 99, this program knows 1"):
        Store(path)


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryUnavailableError, match="the registry's file cannot be opened"):
        Store(tmp_path / "file" / "r.sqlite3")
