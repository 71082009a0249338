from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from hangarstack.errors import StoreUnavailableError
from hangarstack.web.caching import Fresh, Recent, Rest
from hangarstack.web.metrics import READ_FAILURES


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_value_is_read_again_only_when_it_is_too_old() -> None:
    clock, reads = Clock(), iter(range(10))
    fresh = Fresh("counting", lambda: next(reads), -1, ttl_s=1.0, clock=clock)
    assert [fresh.get(), fresh.get()] == [0, 0]
    clock.now = 1.0
    assert fresh.get() == 1


def test_a_store_that_fails_leaves_the_value_before_and_is_counted() -> None:
    clock = Clock()
    answers: list[int | None] = [7, None, 9]

    def load() -> int:
        value = answers.pop(0)
        if value is None:
            raise StoreUnavailableError("gone")
        return value

    before = READ_FAILURES.labels("failing")._value.get()
    fresh = Fresh("failing", load, 0, ttl_s=1.0, clock=clock)
    seen = []
    for clock.now in (0.0, 1.0, 2.0):
        seen.append(fresh.get())
    assert seen == [7, 7, 9]
    assert READ_FAILURES.labels("failing")._value.get() == before + 1


def test_the_fallback_shows_until_a_first_value_was_read() -> None:
    def load() -> int:
        raise StoreUnavailableError("gone")

    assert Fresh("never", load, -1).get() == -1


def test_while_one_reads_the_others_take_the_value_before() -> None:
    clock, reading, may_finish = Clock(), threading.Event(), threading.Event()
    calls: list[int] = []

    def load() -> int:
        calls.append(1)
        if len(calls) == 2:
            reading.set()
            assert may_finish.wait(5)
        return len(calls)

    fresh = Fresh("slow", load, 0, ttl_s=1.0, clock=clock)
    fresh.get()
    clock.now = 1.0
    reader = threading.Thread(target=fresh.get)
    reader.start()
    assert reading.wait(5)
    assert fresh.get() == 1
    may_finish.set()
    reader.join(5)
    assert fresh.get() == 2
    assert len(calls) == 2


def test_a_store_that_hangs_keeps_one_page_waiting_for_a_moment_and_no_other() -> None:
    clock, may_answer = Clock(), threading.Event()
    rest, calls = Rest(clock), list[str]()

    def load(name: str) -> int:
        calls.append(name)
        assert may_answer.wait(10)
        return 7

    values = [Fresh(name, lambda name=name: load(name), 0, clock=clock, rest=rest) for name in "abc"]  # type: ignore[misc] # the default binds the name
    began = time.monotonic()
    assert [value.get() for value in values] == [0, 0, 0]
    assert time.monotonic() - began < 3
    assert calls == ["a"]
    may_answer.set()
    until(lambda: not rest.lasts)
    assert [value.get() for value in values] == [7, 7, 7]
    assert calls == ["a", "b", "c"]


def test_a_store_that_kept_somebody_waiting_is_asked_again_after_its_rest() -> None:
    clock, may_answer = Clock(), threading.Event()
    rest = Rest(clock)
    hanging = Fresh("hanging", lambda: may_answer.wait(10), False, clock=clock, rest=rest)
    answering = Fresh("answering", lambda: True, False, clock=clock, rest=rest)
    try:
        assert not hanging.get()
        assert not answering.get()
        clock.now = 6.0
        assert answering.get()
    finally:
        may_answer.set()


def test_what_is_a_mistake_of_ours_is_raised_and_read_again() -> None:
    answers = iter([1, 0])
    fresh = Fresh("mistaken", lambda: 1 // (1 - next(answers)), -1)
    with pytest.raises(ZeroDivisionError):
        fresh.get()
    assert fresh.get() == 1


def test_the_latest_keys_are_kept_and_the_oldest_forgotten() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    recent: Recent[str, str] = Recent(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert recent.get(key, lambda key=key: make(key)) == key.upper()  # type: ignore[misc] # the default binds the key
    assert made == ["a", "b", "c", "b"]
