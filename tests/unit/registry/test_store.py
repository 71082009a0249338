"""The registry's file when things go wrong."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hangarstack.errors import RegistryDamagedError, RegistryError, RegistryUnavailableError
from hangarstack.registry.embedded import store as module
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.registry.embedded.store import Store

_WRITES_AND_DIES = """
import os, signal, sys
from pathlib import Path
from hangarstack.registry.embedded.store import Store
with Store(Path(sys.argv[1])).write() as db:
    db.execute("INSERT INTO contexts VALUES ('.a')")
    db.execute("INSERT INTO contexts VALUES ('.b')")
    if sys.argv[2] == "before the commit":
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


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


@pytest.mark.parametrize(("where", "kept"), [("before the commit", 0), ("after the commit", 2)])
def test_a_kill_leaves_all_of_a_write_or_nothing(tmp_path: Path, where: str, kept: int) -> None:
    path = tmp_path / "r.sqlite3"
    command = [sys.executable, "-c", _WRITES_AND_DIES, str(path), where]
    killed = subprocess.run(command, check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    store = Store(path)
    assert count(store) == kept
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


@pytest.mark.parametrize("kept", [0, 100, 4096, 20_000])
def test_a_file_that_was_cut_off_is_refused_and_left_as_it_is(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "r.sqlite3"
    Store(path).close()
    whole = path.read_bytes()
    assert len(whole) > kept
    path.write_bytes(whole[:kept])
    with pytest.raises(RegistryDamagedError, match="Put a backup of it back") as refused:
        Store(path)
    assert (refused.value.exit_code, refused.value.where) == (1, str(path))
    assert path.read_bytes() == whole[:kept]


def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE of_another_program (x)")
    other.close()
    with pytest.raises(RegistryDamagedError, match="it has no tables"):
        Store(path)


def test_a_file_that_is_gone_while_its_log_is_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    store = Store(path)
    with store.write() as db:
        db.execute("INSERT INTO contexts VALUES ('.kept')")
    path.unlink()
    with pytest.raises(RegistryDamagedError, match="its write-ahead log is there"):
        Store(path)
    store.close()


def test_what_a_killed_maker_left_is_not_taken_for_the_registry(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    (tmp_path / "r.sqlite3.new").write_bytes(b"half a file")
    store = Store(path)
    assert count(store) == 0
    store.close()
    assert [each.name for each in tmp_path.iterdir()] == ["r.sqlite3"]


def test_many_that_start_at_once_make_one_file(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.sqlite3"
        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(lambda _, path=path: Store(path), range(8)))
        with stores[0].write() as db:
            db.execute("INSERT INTO contexts VALUES ('.one')")
        assert [count(store) for store in stores] == [1] * 8
        for store in stores:
            store.close()
