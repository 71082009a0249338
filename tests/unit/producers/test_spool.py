from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hangarstack.errors import SpoolError, SpoolFullError
from hangarstack.producers.segment import OVERHEAD
from hangarstack.producers.spool import Spool
from tests.unit.producers.fakes import ForgetfulDisk
from tests.unit.producers.samples import (
    CAPACITY,
    VIEWS,
    add,
    crash,
    files_at_most,
    files_left,
    files_no_larger_than,
    fill,
    held,
    segments,
)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path, CAPACITY)
    yield spool
    spool.close()


def test_a_record_is_read_as_it_was_appended(spool: Spool) -> None:
    token = spool.append(VIEWS, b"f-16", "ce_id:é\nce_time:now".encode(), b"\x00body")
    record = spool.read(token)
    assert (record.stream, record.key, record.body) == (VIEWS, b"f-16", b"\x00body")
    assert record.headers == [*VIEWS.headers, ("ce_id", "é"), ("ce_time", "now")]
    assert len(spool) == 1


def test_a_crash_leaves_exactly_what_was_not_released_in_order(tmp_path: Path) -> None:
    first = Spool(tmp_path, CAPACITY)
    tokens = [add(first, b"%d" % number) for number in range(10)]
    for number in (7, 0, 3):
        first.release(tokens[number])
    crash(first)
    second = Spool(tmp_path, CAPACITY)
    assert held(second) == [b"1", b"2", b"4", b"5", b"6", b"8", b"9"]
    assert [stream for _, stream in second.recovered] == [VIEWS] * 7
    second.close()


def test_a_spool_in_which_nothing_waits_leaves_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    spool.release(add(spool, b"x"))
    spool.close()
    assert list(tmp_path.glob("slots/*")) == []


def test_a_spool_closed_with_records_gives_them_to_the_next(tmp_path: Path) -> None:
    first = Spool(tmp_path, CAPACITY)
    add(first, b"kept")
    first.close()
    second = Spool(tmp_path, CAPACITY)
    assert held(second) == [b"kept"]
    second.close()


def test_a_second_process_takes_a_slot_of_its_own(spool: Spool, tmp_path: Path) -> None:
    add(spool, b"first's")
    other = Spool(tmp_path, CAPACITY)
    assert held(other) == []
    assert other.salvage() == []
    other.close()
    assert len(spool) == 1


def test_the_spool_of_a_dead_sibling_is_adopted_by_one_that_lives(tmp_path: Path) -> None:
    living, dying = Spool(tmp_path, CAPACITY), Spool(tmp_path, CAPACITY)
    add(dying, b"left behind")
    crash(dying)
    adopted = living.admit(living.salvage())
    assert [living.read(token).body for token, _ in adopted] == [b"left behind"]
    assert len(list(tmp_path.glob("slots/*"))) == 1
    crash(living)
    third = Spool(tmp_path, CAPACITY)
    assert held(third) == [b"left behind"]
    third.close()


def test_a_dead_spool_waits_while_there_is_no_room_for_it(tmp_path: Path) -> None:
    living, dying = Spool(tmp_path, 65_536), Spool(tmp_path, CAPACITY)
    own = add(living, b"own")
    add(dying, b"x" * 70_000)
    crash(dying)
    assert living.salvage() == []
    living.release(own)
    adopted = living.admit(living.salvage())
    assert [len(living.read(token).body) for token, _ in adopted] == [70_000]
    living.close()


def test_a_full_spool_refuses_and_takes_again_after_a_release(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 65_536)
    tokens: list[int] = []
    with pytest.raises(SpoolFullError, match="events wait for the broker"):
        fill(spool, 500, tokens)
    assert 65_536 * 0.8 < len(tokens) * 550 < 65_536
    assert sum(path.stat().st_size for path in segments(tmp_path)) <= 65_536
    for token in tokens[: len(tokens) // 2]:
        spool.release(token)
    add(spool, b"fits again")
    crash(spool)
    again = Spool(tmp_path, 65_536)
    assert len(again) == len(tokens) - len(tokens) // 2 + 1
    again.close()


def test_a_few_records_that_nobody_takes_do_not_fill_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 65_536)
    refused = []
    for number in range(5_000):
        token = add(spool, b"%d" % number + b"x" * 400)
        if number % 100 == 0:
            refused.append(number)
        else:
            spool.release(token)
    crash(spool)
    again = Spool(tmp_path, 65_536)
    assert [int(value.rstrip(b"x")) for value in held(again)] == refused
    again.close()


def test_a_full_spool_opens_again_without_growing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 65_536)
    with pytest.raises(SpoolFullError):
        fill(spool, 500, [])
    count = len(spool)
    for _ in range(3):
        crash(spool)
        spool = Spool(tmp_path, 65_536)
        assert len(spool) == count
        assert sum(path.stat().st_size for path in segments(tmp_path)) <= 65_536
    spool.close()


def test_a_record_larger_than_a_segment_gets_one_of_its_own(spool: Spool) -> None:
    token = add(spool, b"x" * (CAPACITY // 2))
    assert len(spool.read(token).body) == CAPACITY // 2


def test_a_clock_stepped_back_keeps_the_order(tmp_path: Path) -> None:
    clock = iter([time.time_ns(), 5, 4, 3])
    spool = Spool(tmp_path, CAPACITY, lambda: next(clock))
    for number in range(4):
        add(spool, b"%d" % number)
    crash(spool)
    spool = Spool(tmp_path, CAPACITY, lambda: 7)
    add(spool, b"4")
    crash(spool)
    spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"0", b"1", b"2", b"3", b"4"]
    spool.close()


def test_records_are_counted_while_the_clock_is_behind_an_earlier_one(tmp_path: Path) -> None:
    second = 1_000_000_000
    clock = iter([20 * second, 20 * second, 10 * second, 19 * second, 21 * second])
    spool = Spool(tmp_path, CAPACITY, lambda: next(clock))
    counted = []
    for _ in range(5):
        add(spool, b"a record")
        counted.append(spool.clock_behind)
    assert counted == [0, 0, 1, 2, 2]
    crash(spool)
    spool = Spool(tmp_path, CAPACITY, lambda: 5 * second)
    assert spool.clock_behind == 0
    add(spool, b"of a process that began behind")
    assert spool.clock_behind == 1
    spool.close()


def test_two_processes_that_accepted_in_the_same_nanosecond_lose_nothing(tmp_path: Path) -> None:
    spools = [Spool(tmp_path, CAPACITY, lambda: 7) for _ in range(2)]
    for spool in spools:
        add(spool, b"same time")
    for spool in spools:
        crash(spool)
    heir = Spool(tmp_path, CAPACITY)
    heir.admit(heir.salvage())
    assert len(heir) == 2
    heir.close()


def test_a_foreign_file_is_set_aside_and_said(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    add(spool, b"kept")
    (segments(tmp_path)[0].parent / "notes.txt").write_text("mine")
    (segments(tmp_path)[0].parent / "torn.spool").write_bytes(b"")
    (segments(tmp_path)[0].parent / "directory.new").mkdir()
    (segments(tmp_path)[0].parent / "directory.spool").mkdir()
    crash(spool)
    with capture_logs() as lines:
        spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"kept"]
    aside = ["directory.new", "directory.spool", "notes.txt", "torn.spool"]
    assert sorted(path.name for path in (tmp_path / "aside").iterdir()) == aside
    assert [line["error"] for line in lines] == ["SpoolError"] * 4
    spool.close()


def test_damage_in_the_middle_costs_only_the_damaged_record_and_the_file_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    for number in range(5):
        add(spool, b"value-%d" % number)
    crash(spool)
    path = segments(tmp_path)[0]
    content = path.read_bytes()
    path.write_bytes(content.replace(b"value-2", b"valve-2"))
    with capture_logs() as lines:
        spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"value-0", b"value-1", b"value-3", b"value-4"]
    assert [line["error"] for line in lines] == ["SpoolError"]
    for token, _ in spool.recovered:
        spool.release(token)
    spool.close()
    assert [path.name for path in (tmp_path / "aside").iterdir()] == [path.name]


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_segment_cut_off_behind_any_record_is_said_to_be_damaged(tmp_path: Path, size: int) -> None:
    spool = Spool(tmp_path, CAPACITY)
    places = [spool._places[add(spool, b"x" * size)] for _ in range(3)]
    crash(spool)
    segment, last = places[-1]
    for cut, readable in ((segment.end, 3), (last, 2)):
        with segment.path.open("r+b") as file:
            file.truncate(cut)
        with capture_logs() as lines:
            spool = Spool(tmp_path, CAPACITY)
        assert len(held(spool)) == readable
        assert (lines[0]["where"], lines[0]["error"]) == (str(segment.path), "SpoolError")
        crash(spool)


def test_a_segment_that_is_full_to_the_brim_is_not_taken_for_one_that_was_cut_off(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    segment, _ = spool._places[add(spool, b"first")]
    add(spool, b"x" * (segment.size - segment.end - OVERHEAD - len(b"keyce_id:1")))
    crash(spool)
    with capture_logs() as lines:
        spool = Spool(tmp_path, CAPACITY)
    assert (len(spool), lines) == (2, [])
    spool.close()


def test_records_whose_streams_are_lost_are_counted_and_named_and_outlive_an_evacuation(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 65_536)
    others = [dataclasses.replace(VIEWS, topic=f"test.{number}") for number in range(2)]
    for other in (others[0], others[1], others[1]):
        add(spool, b"stranded", other)
    files = [tmp_path / "streams" / f"{other.fingerprint:016x}.json" for other in others]
    kept = [path.read_bytes() for path in files]
    crash(spool)
    files[0].unlink()
    files[1].write_bytes(bytes(len(kept[1])))
    with capture_logs() as lines:
        spool = Spool(tmp_path, 65_536)
    assert (len(spool), held(spool)) == (3, [])
    assert sorted(line["reason"] for line in lines) == sorted(spool.problems())
    for path, count in zip(files, (1, 2), strict=True):
        assert any(f"{path}: the stream of {count} " in each and "Restore" in each for each in spool.problems())
    path = spool._stranded[0][0].path
    for number in range(5_000):
        token = add(spool, b"x" * 400)
        if number % 10:
            spool.release(token)
        if not path.exists():
            break
    else:
        pytest.fail("nothing was evacuated")
    crash(spool)
    for path, content in zip(files, kept, strict=True):
        path.write_bytes(content)
    spool = Spool(tmp_path, 65_536)
    assert held(spool).count(b"stranded") == 3
    assert spool.problems() == []
    spool.close()


def test_a_record_whose_stream_is_unknown_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    other = dataclasses.replace(VIEWS, topic="test.others")
    add(spool, b"known")
    add(spool, b"unknown", other)
    crash(spool)
    (tmp_path / "streams" / f"{other.fingerprint:016x}.json").write_text("{}")
    with capture_logs() as lines:
        spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"known"]
    assert any("unknown stream" in line["event"] for line in lines)
    spool.release(spool.recovered[0][0])
    spool.close()
    assert b"unknown" in segments(tmp_path)[0].read_bytes()


def test_an_unfinished_segment_is_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    add(spool, b"kept")
    (segments(tmp_path)[0].parent / "half.new").write_bytes(b"")
    crash(spool)
    spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"kept"]
    assert list(tmp_path.rglob("*.new")) == []
    spool.close()


def test_a_spool_on_a_full_disk_opens_refuses_and_takes_again_once_there_is_room(tmp_path: Path) -> None:
    first = Spool(tmp_path, CAPACITY)
    add(first, b"kept")
    first.close()
    with files_no_larger_than(1000), capture_logs() as lines:
        spool = Spool(tmp_path, CAPACITY)
        assert held(spool) == [b"kept"]
        with pytest.raises(SpoolFullError, match=r"cannot be made.*Free disk space"):
            add(spool, b"refused")
        assert "events are refused" in spool.problems()[0]
    assert [line["error"] for line in lines] == ["SpoolFullError"]
    add(spool, b"room again")
    assert (len(spool), spool.problems()) == (2, [])
    spool.close()


def test_a_disk_that_fills_up_later_refuses_the_event(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    accepted: list[int] = []
    with files_no_larger_than(1000), pytest.raises(SpoolFullError, match="cannot be made"):
        fill(spool, 1000, accepted)
    add(spool, b"room again")
    assert len(spool) == len(accepted) + 1
    spool.close()


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpoolError, match="HANGARSTACK_HOME"):
        Spool(tmp_path / "file" / "web", CAPACITY)


def test_sync_forces_a_record_to_disk_and_ignores_a_released_one(spool: Spool) -> None:
    token = add(spool, b"x")
    spool.sync(token)
    spool.release(token)
    spool.sync(token)


def test_the_oldest_token_is_the_time_of_its_acceptance(spool: Spool) -> None:
    assert spool.oldest() is None
    token = add(spool, b"x")
    add(spool, b"y")
    assert spool.oldest() == token
    assert abs(token - time.time_ns()) < 5e9


def test_on_a_full_disk_what_was_delivered_makes_room_for_what_comes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    accepted: list[int] = []
    with files_no_larger_than(1000), pytest.raises(SpoolFullError):
        fill(spool, 1000, accepted)
    for token in accepted:
        spool.release(token)
    with files_no_larger_than(1000), pytest.raises(SpoolFullError):
        fill(spool, 1000, [])
    assert segments(tmp_path) == []
    add(spool, b"room again")
    assert len(spool) == 1
    spool.close()


@pytest.mark.parametrize("capacity", [65_536, CAPACITY])
def test_an_event_larger_than_the_whole_spool_is_refused_with_what_to_do(tmp_path: Path, capacity: int) -> None:
    spool = Spool(tmp_path, capacity)
    with pytest.raises(SpoolFullError, match=f"of a spool that has {capacity:,}.*Raise HANGARSTACK_SPOOL_BYTES"):
        add(spool, b"x" * capacity)
    spool.release(add(spool, b"x" * (capacity - 100)))
    add(spool, b"fits")
    assert (len(spool), spool.problems()) == (1, [])
    spool.close()


def test_two_records_of_one_instant_are_both_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY, lambda: 7)
    assert add(spool, b"1") < add(spool, b"2")
    crash(spool)
    spool = Spool(tmp_path, CAPACITY)
    assert held(spool) == [b"1", b"2"]
    spool.close()


def test_a_spool_that_is_more_than_half_full_everywhere_refuses_rather_than_copy_more_than_it_gains(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path, 65_536)
    tokens: list[int] = []
    with pytest.raises(SpoolFullError):
        fill(spool, 500, tokens)
    for token in tokens[::3]:
        spool.release(token)
    before = segments(tmp_path)
    with pytest.raises(SpoolFullError):
        add(spool, b"x" * 500)
    assert segments(tmp_path) == before
    spool.close()


def left_behind(directory: Path) -> int:
    """Let a process die with records in some ten segments; return how many."""
    dying = Spool(directory, CAPACITY)
    for _ in range(600):
        add(dying, b"x" * 1_000)
    crash(dying)
    return 600


def test_too_many_open_files_at_the_start_cost_no_event(tmp_path: Path) -> None:
    count = left_behind(tmp_path)
    with capture_logs() as lines, files_left(8):
        spool = Spool(tmp_path, CAPACITY)
    assert 0 < len(spool) < count
    assert lines[0]["event"] == "files of the spool cannot be read now; they stay"
    told = next(problem for problem in spool.problems() if "cannot be read now: Too many open files" in problem)
    assert f"{spool.unread} files" in told
    spool.admit(spool.salvage())
    assert (len(spool), spool.unread, spool.aside()) == (count, 0, 0)
    add(spool, b"goes on")
    assert spool.problems() == []
    spool.close()


@pytest.mark.parametrize("left", [0, 1, 2, 6])
def test_too_many_open_files_when_a_dead_process_is_taken_over_cost_no_event(tmp_path: Path, left: int) -> None:
    living = Spool(tmp_path, 4 * CAPACITY)
    add(living, b"own")
    count = left_behind(tmp_path)
    with capture_logs() as lines, files_left(left):
        for _ in range(3):
            living.admit(living.salvage())
    assert len(living) < count
    assert len({line["event"] for line in lines}) == len(lines), "each said once, not at each try"
    assert any("Too many open files" in problem for problem in living.problems())
    living.admit(living.salvage())
    assert (len(living), living.problems(), living.aside()) == (count + 1, [], 0)
    crash(living)
    heir = Spool(tmp_path, 4 * CAPACITY)
    assert len(heir) == count + 1
    heir.close()


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_what_dead_processes_left_takes_a_quarter_of_the_open_files_and_the_rest_follows_as_room_is_made(
    tmp_path: Path,
) -> None:
    others = [Spool(tmp_path, CAPACITY) for _ in range(6)]
    for other in others:
        for _ in range(600):
            add(other, b"x" * 1_000)
    for other in others:
        crash(other)
    before, delivered = open_files(), 0
    with files_at_most(160), capture_logs() as lines:
        spool = Spool(tmp_path, 100 * CAPACITY)
        tokens = [token for token, _ in spool.recovered]
        while tokens:
            tokens += [token for token, _ in spool.admit(spool.salvage())]
            # And the slot.
            assert open_files() - before <= 160 // 4 + 1
            if spool.unread:
                assert "a quarter of what the process may (ulimit -n)" in str(spool.problems())
            for token in tokens:
                spool.release(token)
            delivered += len(tokens)
            tokens = [token for token, _ in spool.admit(spool.salvage())]
    assert delivered == 3_600
    assert (spool.problems(), spool.unread) == ([], 0)
    assert {line["event"] for line in lines} == {"files of the spool cannot be read now; they stay"}
    spool.close()


def test_a_spool_larger_than_its_share_of_open_files_has_larger_segments(tmp_path: Path) -> None:
    before = open_files()
    with files_at_most(100):
        spool = Spool(tmp_path, 1 << 25)
        with pytest.raises(SpoolFullError, match="events wait for the broker"):
            fill(spool, 500_000, [])
        assert open_files() - before <= 100 // 4
        assert len(spool) > 50
    spool.close()


def test_a_file_that_the_disk_cannot_read_is_never_mapped_and_is_read_once_it_can(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    add(spool, b"kept")
    crash(spool)
    disk = ForgetfulDisk(tmp_path)
    disk.unreadable = segments(tmp_path)[0].name
    before = open_files()
    with capture_logs():
        spool = Spool(tmp_path, CAPACITY, disk=disk)
    assert (len(spool), spool.unread, spool.aside()) == (0, 1, 0)
    assert any("cannot be read now: Input/output error" in problem for problem in spool.problems())
    # The slot, and the segment for what is new.
    assert open_files() - before == 3
    disk.unreadable = ""
    assert [spool.read(token).body for token, _ in spool.admit(spool.salvage())] == [b"kept"]
    assert spool.problems() == []
    spool.close()


def test_a_record_that_the_disk_has_lost_meanwhile_is_told_and_not_sent_as_something_else(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    token = add(spool, b"value")
    segment, offset = spool._places[token]
    with segment.path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(4096))
    with pytest.raises(SpoolError, match="a spooled event is damaged"):
        spool.read(token)
    spool.close()


def test_what_was_left_with_too_many_open_files_is_found_by_the_next_process(tmp_path: Path) -> None:
    count = left_behind(tmp_path)
    with capture_logs(), files_left(8):
        Spool(tmp_path, CAPACITY).close()
    spool = Spool(tmp_path, CAPACITY)
    assert (len(spool), spool.aside()) == (count, 0)
    spool.close()


def test_records_whose_stream_could_not_be_read_are_sent_once_it_can(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    for number in range(3):
        add(spool, b"%d" % number)
    crash(spool)
    file = tmp_path / "streams" / f"{VIEWS.fingerprint:016x}.json"
    file.rename(tmp_path / "elsewhere")
    with capture_logs():
        spool = Spool(tmp_path, CAPACITY)
    assert (held(spool), len(spool)) == ([], 3)
    (tmp_path / "elsewhere").rename(file)
    placed = spool.admit(spool.salvage())
    assert [spool.read(token).body for token, _ in placed] == [b"0", b"1", b"2"]
    assert (len(spool), spool.problems(), spool.admit(())) == (3, [], [])
    spool.close()


def test_a_stream_s_file_that_holds_another_stream_leads_no_record_astray(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    add(spool, b"a view")
    crash(spool)
    other = dataclasses.replace(VIEWS, topic="test.others")
    (tmp_path / "streams" / f"{VIEWS.fingerprint:016x}.json").write_text(other.text)
    with capture_logs():
        spool = Spool(tmp_path, CAPACITY)
    assert (held(spool), len(spool)) == ([], 1)
    spool.close()


def test_files_that_were_set_aside_stay_a_problem_until_somebody_looks(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    add(spool, b"kept")
    (segments(tmp_path)[0].parent / "notes.txt").write_text("mine")
    os.mkfifo(segments(tmp_path)[0].parent / "pipe.spool")
    crash(spool)
    with capture_logs():
        spool = Spool(tmp_path, CAPACITY)
    assert spool.aside() == 2
    [problem] = spool.problems()
    assert problem.startswith(f"{tmp_path / 'aside'}: 2 files are set aside")
    for path in (tmp_path / "aside").iterdir():
        path.unlink()
    assert spool.problems() == []
    spool.close()


def test_a_damaged_segment_that_cannot_be_set_aside_is_tried_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path, CAPACITY)
    for number in range(3):
        add(spool, b"value-%d" % number)
    crash(spool)
    [path] = segments(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"value-1", b"valve-1"))
    (tmp_path / "aside").write_text("in the way")
    with capture_logs():
        spool = Spool(tmp_path, CAPACITY)
        for token, _ in spool.recovered:
            spool.release(token)
        assert any("File exists" in problem for problem in spool.problems())
        (tmp_path / "aside").unlink()
        spool.admit(spool.salvage())
    assert (len(spool), spool.unread, spool.aside()) == (0, 0, 1)
    spool.close()
