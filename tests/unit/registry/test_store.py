"""The registry's file when things go wrong."""

from __future__ import annotations

import contextlib
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
from hangarstack.registry.embedded.store import Store, part

_FIRST_RELEASE = """
CREATE TABLE ids (context TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE schemas (
    context TEXT NOT NULL, id INTEGER NOT NULL, guid TEXT NOT NULL, text TEXT NOT NULL,
    refs TEXT NOT NULL, metadata TEXT, rules TEXT, UNIQUE (context, id));
CREATE INDEX schemas_by_guid ON schemas (guid, context);
CREATE TABLE versions (
    subject TEXT NOT NULL, version INTEGER NOT NULL, context TEXT NOT NULL, id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, ts INTEGER NOT NULL, PRIMARY KEY (subject, version)) WITHOUT ROWID;
CREATE INDEX versions_by_id ON versions (context, id);
CREATE TABLE refs (
    target TEXT NOT NULL, target_version INTEGER NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (target, target_version, subject, version)) WITHOUT ROWID;
CREATE TABLE configs (scope TEXT PRIMARY KEY, config TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE modes (scope TEXT PRIMARY KEY, mode TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contexts (context TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ASSOCIATIONS = """
CREATE TABLE associations (
    resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, type TEXT NOT NULL,
    resource_name TEXT NOT NULL, resource_namespace TEXT NOT NULL, subject TEXT NOT NULL, guid TEXT NOT NULL,
    lifecycle TEXT NOT NULL, frozen INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (resource_type, resource_id, type)) WITHOUT ROWID;
CREATE INDEX associations_by_name ON associations (resource_name, resource_namespace);
CREATE INDEX associations_by_subject ON associations (subject);
"""
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
    with pytest.raises(RegistryError, match=f"layout 99, this program knows {module._LAYOUT}"):
        Store(path)


def first_release(path: Path) -> None:
    """Make the file of the first release, which knew no associations, with something in it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(f"{_FIRST_RELEASE}PRAGMA user_version = 1; PRAGMA journal_mode = WAL")
        old.execute("INSERT INTO contexts VALUES ('.kept')")
        old.execute("INSERT INTO ids VALUES ('.', 41)")
        old.execute("INSERT INTO configs VALUES ('s', '{}')")
        old.execute("INSERT INTO versions VALUES ('a', 1, '.', 41, 0, 20), ('s', 1, '.', 40, 1, 10)")


def test_a_file_of_the_first_release_goes_on_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    first_release(path)
    store = Store(path)
    with store.read() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == module._LAYOUT
        assert [tuple(row) for row in db.execute("SELECT * FROM ids")] == [(".", 41)]
        assert db.execute("SELECT count(*) FROM associations").fetchone()[0] == 0
        changes = [tuple(row) for row in db.execute("SELECT kind, name, version FROM changes ORDER BY seq")]
        assert changes == [("version", "s", 1), ("version", "a", 1), ("config", "s", 0)]
    assert count(store) == 1
    store.close()


def test_a_file_of_the_release_before_the_keys_gets_their_tables_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite3"
    first_release(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(f"{_ASSOCIATIONS}PRAGMA user_version = 2")
        old.execute("INSERT INTO associations VALUES ('topic', 'i', 'value', 'n', 'c', 's', 'g', 'WEAK', 0, 1, 1)")
    store = Store(path)
    with store.read() as db:
        assert [row["subject"] for row in db.execute("SELECT subject FROM associations")] == ["s"]
        assert db.execute("SELECT count(*) FROM keks").fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM deks").fetchone()[0] == 0
    assert count(store) == 1
    store.close()


def test_a_file_of_the_first_release_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    def objects(path: Path) -> set[tuple[str, str]]:
        with Store(path).read() as db:
            return {(row["name"], row["sql"]) for row in db.execute("SELECT name, sql FROM sqlite_schema")}

    first_release(tmp_path / "old.sqlite3")
    assert objects(tmp_path / "old.sqlite3") == objects(tmp_path / "new.sqlite3")


def test_many_that_start_at_once_on_a_file_of_the_first_release_change_it_once(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.sqlite3"
        first_release(path)
        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(lambda _, path=path: Store(path), range(8)))
        assert [count(store) for store in stores] == [1] * 8
        for store in stores:
            store.close()


def test_a_file_of_the_first_release_is_changed_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.sqlite3"
    first_release(path)
    with monkeypatch.context() as broken:
        broken.setattr(module, "_STEPS", {**module._STEPS, 2: "CREATE TABLE half (x);\nCREATE TABLE half (x);\n"})
        with pytest.raises(RegistryUnavailableError):
            Store(path)
    store = Store(path)
    with store.read() as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone()[0] == 0
    assert count(store) == 1
    store.close()


def test_each_change_takes_the_place_of_the_one_before_it_with_a_number_that_none_had(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")
    changes = [
        ("INSERT INTO versions VALUES ('s', 1, '.', 1, 0, 0)", ("version", "s", 1)),
        ("INSERT INTO versions VALUES ('s', 2, '.', 2, 0, 0)", ("version", "s", 2)),
        ("UPDATE versions SET deleted = 1 WHERE version = 2", ("version", "s", 2)),
        ("INSERT OR REPLACE INTO versions VALUES ('s', 2, '.', 2, 0, 0)", ("version", "s", 2)),
        ("DELETE FROM versions WHERE version = 2", ("version", "s", 2)),
        ("INSERT INTO configs VALUES ('', '{}')", ("config", "", 0)),
        ("INSERT INTO configs VALUES ('', '1') ON CONFLICT (scope) DO UPDATE SET config = '1'", ("config", "", 0)),
        ("DELETE FROM configs", ("config", "", 0)),
    ]
    for number, (statement, change) in enumerate(changes, 1):
        with store.write() as db:
            db.execute(statement)
            last = db.execute("SELECT kind, name, version, seq FROM changes ORDER BY seq DESC LIMIT 1").fetchone()
            assert tuple(last) == (*change, number)
    with store.read() as db:
        assert [row["seq"] for row in db.execute("SELECT seq FROM changes ORDER BY seq")] == [1, 5, 8]
    store.close()


def test_a_part_of_a_write_stands_or_falls_by_itself(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")
    with store.write() as db:
        with contextlib.suppress(KeyError), part(db):
            db.execute("INSERT INTO contexts VALUES ('.refused')")
            raise KeyError
        with part(db, keep=False):
            db.execute("INSERT INTO contexts VALUES ('.tried')")
        with part(db):
            db.execute("INSERT INTO contexts VALUES ('.kept')")
    with store.read() as db:
        assert [row["context"] for row in db.execute("SELECT context FROM contexts")] == [".kept"]
    store.close()


def test_a_full_disk_within_a_part_is_50001(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite3")
    with store.write() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
    rows = [(f".{number}",) for number in range(10_000)]
    with pytest.raises(RefusalError) as refused, store.write() as db, part(db):
        db.executemany("INSERT INTO contexts VALUES (?)", rows)
    assert refused.value.code == 50001
    assert "full" in refused.value.what
    assert count(store) == 0
    store.close()


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
