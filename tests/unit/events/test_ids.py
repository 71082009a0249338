from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hangarstack.events.runtime import new_event_id, now
from hangarstack.events.runtime.ids import _Clock


def test_an_event_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = new_event_id()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before - 1 <= made.int >> 80 <= after + 1


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_event_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_never_get_the_same_id() -> None:
    made: list[list[UUID]] = [[] for _ in range(4)]

    def make(into: list[UUID]) -> None:
        into.extend(new_event_id() for _ in range(2_000))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each for into in made for each in into}) == 8_000


def test_ids_keep_their_order_when_the_clock_goes_back() -> None:
    times = iter([2_000_000_000_000_000_000, 1_000_000_000_000_000_000, 1_500_000_000_000_000_000])
    clock = _Clock(lambda: next(times))
    ticks = [clock.tick()[:2] for _ in range(3)]
    assert ticks == sorted(ticks)


def test_a_millisecond_whose_ids_are_used_up_borrows_from_the_next() -> None:
    clock = _Clock(lambda: 1_000_000)
    clock.tick()
    clock._counter = (1 << 42) - 1
    assert clock.tick()[:2] == (2, 0)


def test_a_forked_process_does_not_repeat_its_parents_ids() -> None:
    new_event_id()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_event_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    theirs = UUID(bytes=os.read(reader, 16))
    os.close(reader)
    os.close(writer)
    assert theirs.int & 0xFFFF_FFFF_FFFF != new_event_id().int & 0xFFFF_FFFF_FFFF


def test_now_is_aware_of_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)
