from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from hangarstack.broker.embedded.jars import KAFKA_VERSION, Jar, fetch, locked_jars
from hangarstack.errors import KafkaNotFetchedError

_CONTENT = {"g:one:1": b"first jar", "g:two:2": b"the second"}
_LOCK = tuple(
    Jar(coordinate=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    for name, content in _CONTENT.items()
)

_fetch = partial(fetch, lock=_LOCK)


class _Source:
    """Jars without a network."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.content = dict(_CONTENT)

    def __call__(self, coordinate: str, directory: Path, count: Callable[[int], None]) -> Path:
        self.asked.append(coordinate)
        path = directory / coordinate.replace(":", "-")
        path.write_bytes(self.content[coordinate])
        count(len(self.content[coordinate]))
        return path


def test_missing_jars_are_fetched_once_and_their_progress_told(tmp_path: Path) -> None:
    source = _Source()
    steps: list[tuple[int, int]] = []
    paths = _fetch(tmp_path, progress=lambda _step, done, total: steps.append((done, total)), download=source)
    assert [path.read_bytes() for path in paths] == list(_CONTENT.values())
    assert steps[0] == (0, 19)
    assert steps[-1] == (19, 19)
    assert _fetch(tmp_path, download=source) == paths
    assert sorted(source.asked) == sorted(_CONTENT)


def test_a_jar_with_another_checksum_is_refused_and_not_kept(tmp_path: Path) -> None:
    source = _Source()
    source.content["g:two:2"] = b"the sec0nd"
    with pytest.raises(KafkaNotFetchedError, match="the lock says") as refused:
        _fetch(tmp_path, download=source)
    assert "--broker memory" in refused.value.remedy
    assert not list(tmp_path.rglob("*two*"))


def test_a_jar_that_was_changed_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    paths = _fetch(tmp_path, download=_Source())
    paths[0].write_bytes(b"other jar")
    source = _Source()
    _fetch(tmp_path, download=source)
    assert source.asked == ["g:one:1"]
    assert paths[0].read_bytes() == b"first jar"


def test_a_jar_that_was_only_copied_is_kept(tmp_path: Path) -> None:
    paths = _fetch(tmp_path, download=_Source())
    os.utime(paths[0])
    source = _Source()
    _fetch(tmp_path, download=source)
    assert source.asked == []


def test_without_a_stamp_the_jars_are_hashed_again(tmp_path: Path) -> None:
    paths = _fetch(tmp_path, download=_Source())
    time = paths[0].stat().st_mtime_ns
    paths[0].write_bytes(b"other jar")
    os.utime(paths[0], ns=(time, time))
    (paths[0].parent / "checked.json").unlink()
    source = _Source()
    _fetch(tmp_path, download=source)
    assert source.asked == ["g:one:1"]


def test_a_broken_stamp_is_written_anew(tmp_path: Path) -> None:
    paths = _fetch(tmp_path, download=_Source())
    (paths[0].parent / "checked.json").write_text("[1")
    source = _Source()
    _fetch(tmp_path, download=source)
    assert source.asked == []
    assert "one-1.jar" in (paths[0].parent / "checked.json").read_text()


def test_without_a_network_the_error_names_the_other_brokers(tmp_path: Path) -> None:
    def refused(_coordinate: str, _directory: Path, _count: Callable[[int], None]) -> Path:
        raise OSError("HTTPSConnectionPool and much more")

    with pytest.raises(KafkaNotFetchedError, match="Maven Central cannot be reached") as error:
        _fetch(tmp_path, download=refused)
    assert "--broker memory" in error.value.remedy
    assert "HANGARSTACK_BOOTSTRAP_SERVERS" in error.value.remedy


def test_a_full_disk_is_called_one(tmp_path: Path) -> None:
    def full(_coordinate: str, _directory: Path, _count: Callable[[int], None]) -> Path:
        raise OSError(28, "No space left on device")

    with pytest.raises(KafkaNotFetchedError, match="No space left on device"):
        _fetch(tmp_path, download=full)


def test_two_that_fetch_at_once_end_with_the_same_whole_cache(tmp_path: Path) -> None:
    other = _Source()

    def slow(coordinate: str, directory: Path, count: Callable[[int], None]) -> Path:
        # Meanwhile somebody else fetches all of it.
        _fetch(tmp_path, download=other)
        return _Source()(coordinate, directory, count)

    paths = _fetch(tmp_path, download=slow)
    assert [path.read_bytes() for path in paths] == list(_CONTENT.values())
    assert not list(paths[0].parent.glob(".fetch-*"))


def test_what_a_killed_fetch_left_behind_is_removed_a_day_later(tmp_path: Path) -> None:
    directory = _fetch(tmp_path, download=_Source())[0].parent
    old, young = directory / ".fetch-old", directory / ".fetch-young"
    for left in (old, young):
        left.mkdir()
    os.utime(old, (0, 0))
    (directory / "one-1.jar").unlink()
    _fetch(tmp_path, download=_Source())
    assert not old.exists()
    assert young.exists()
    shutil.rmtree(young)


def test_the_lock_names_each_jar_once_with_a_whole_checksum() -> None:
    lock = locked_jars()
    assert len({jar.filename for jar in lock}) == len(lock) > 40
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in lock)
    assert {f"kafka_2.13-{KAFKA_VERSION}.jar", f"kafka-clients-{KAFKA_VERSION}.jar"} <= {jar.filename for jar in lock}
