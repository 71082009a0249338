from __future__ import annotations

import os
from pathlib import Path

from hangarstack.producers.slots import _is_still, claim, claim_free


def test_a_slot_has_one_owner_at_a_time(tmp_path: Path) -> None:
    slot = claim(tmp_path / "slots")
    (slot.path / "kept").touch()
    assert list(claim_free(tmp_path / "slots")) == []
    slot.forget()
    [heir] = claim_free(tmp_path / "slots")
    assert heir.path == slot.path
    heir.close()


def test_an_empty_slot_is_removed_by_its_owner_and_one_with_something_in_it_is_not(tmp_path: Path) -> None:
    empty, full = claim(tmp_path / "slots"), claim(tmp_path / "slots")
    (full.path / "kept").touch()
    empty.close()
    full.close()
    assert list((tmp_path / "slots").iterdir()) == [full.path]


def test_a_slot_with_something_in_it_is_claimed_first(tmp_path: Path) -> None:
    slots = tmp_path / "slots"
    for name in ("1", "2", "3"):
        (slots / name).mkdir(parents=True)
    (slots / "2" / "kept").touch()
    slot = claim(slots)
    assert slot.path.name == "2"
    slot.close()


def test_a_directory_that_its_owner_removed_meanwhile_is_not_taken_for_the_slot(tmp_path: Path) -> None:
    path = tmp_path / "slot"
    path.mkdir()
    descriptor = os.open(path, os.O_RDONLY)
    assert _is_still(path, descriptor)
    path.rmdir()
    assert not _is_still(path, descriptor)
    path.mkdir()
    assert not _is_still(path, descriptor)
    os.close(descriptor)
