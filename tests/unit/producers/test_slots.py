from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType

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


def test_a_slot_whose_owner_removes_it_at_the_instant_before_it_is_locked_is_not_taken(tmp_path: Path) -> None:
    slots = tmp_path / "slots"
    owner = claim(slots)

    def at_the_instant(_frame: FrameType, event: str, what: object) -> None:
        if event == "c_return" and what is os.open and owner.path.exists():
            owner.close()

    sys.setprofile(at_the_instant)
    try:
        taken = list(claim_free(slots))
    finally:
        sys.setprofile(None)
    assert (taken, list(slots.iterdir())) == ([], [])
