from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping

import pytest

from drills.stage import PARTITIONS
from drills.stalls import Watch


def moving(pause_s: float = 0.0) -> Callable[[], Mapping[int, int]]:
    """Return a look at positions that are others each time, and that takes a while."""
    count = itertools.count()

    def look() -> Mapping[int, int]:
        time.sleep(pause_s)
        return dict.fromkeys(range(PARTITIONS), next(count))

    return look


def fail() -> Mapping[int, int]:
    raise RuntimeError("positions cannot be read")


def test_partitions_that_move_all_the_time_stall_hardly() -> None:
    with Watch(moving()) as watch:
        since = time.monotonic()
        time.sleep(1.5)
        # Longer than that is the machine's affair.
        assert max(watch.stalls(since, time.monotonic())) < 1


def test_a_partition_that_stands_still_is_told_apart_from_those_that_move() -> None:
    count = itertools.count()
    with Watch(lambda: {**dict.fromkeys(range(PARTITIONS), next(count)), 2: 7}) as watch:
        at = time.monotonic()
        time.sleep(1.5)
        stalls = watch.stalls(at, at)
    assert stalls.index(max(stalls)) == 2
    assert stalls[2] >= 1.4


def test_a_watch_that_dies_at_its_first_look_saw_nothing_move_and_fails() -> None:
    watch = Watch(fail)
    with pytest.raises(RuntimeError, match="positions cannot be read"), watch:
        time.sleep(0.5)
    at = time.monotonic()
    assert min(watch.stalls(at, at)) >= 0.5


def test_while_positions_cannot_be_read_everything_stands_still() -> None:
    with Watch(dict) as watch:
        at = time.monotonic()
        time.sleep(0.5)
        assert min(watch.stalls(at, at)) >= 0.5


def test_what_happens_between_two_looks_that_are_far_apart_counts_as_a_stand_still() -> None:
    with Watch(moving(pause_s=0.5)) as watch:
        at = time.monotonic()
        time.sleep(1.5)
        assert min(watch.stalls(at, at)) >= 0.5
