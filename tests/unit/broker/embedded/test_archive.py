from __future__ import annotations

from pathlib import Path

from hangarstack.broker.embedded.archive import name_of, sound


def _kept(directory: Path, content: bytes) -> Path:
    made = directory / "made.aot"
    made.write_bytes(content)
    return made.rename(directory / name_of(made, "start-1"))


def test_an_archive_that_is_what_was_made_is_used(tmp_path: Path) -> None:
    _kept(tmp_path, b"of another Java").rename(tmp_path / "start-2-0000000000000000.aot")
    archive = _kept(tmp_path, b"classes and code")
    assert sound(tmp_path, "start-1") == archive


def test_a_damaged_archive_is_removed_and_made_again(tmp_path: Path) -> None:
    archive = _kept(tmp_path, b"classes and code")
    archive.write_bytes(b"classes and c0de")
    assert sound(tmp_path, "start-1") is None
    assert not archive.exists()
