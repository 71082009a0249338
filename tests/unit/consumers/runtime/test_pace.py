from __future__ import annotations

import pytest

from hangarstack.consumers.runtime.backoff import Backoff
from hangarstack.consumers.runtime.pace import Pace


def test_the_first_batch_after_a_pause_does_not_wait() -> None:
    pace = Pace()
    assert pace.gather_s(now=100.0) == 0
    pace.note(5, started=100.0, ended=100.002)
    assert pace.gather_s(now=200.0) == 0


def test_under_load_batches_gather_for_a_moment() -> None:
    pace = Pace()
    pace.note(5, started=100.0, ended=100.002)
    assert pace.gather_s(now=100.002) == pytest.approx(0.025)


def test_costly_batches_rest_longer_but_never_long() -> None:
    pace = Pace()
    pace.note(5, started=100.0, ended=100.015)
    assert pace.gather_s(now=100.015) == pytest.approx(0.03)
    pace.note(5, started=101.0, ended=101.4)
    assert pace.gather_s(now=101.4) == pytest.approx(0.04)


def test_full_batches_follow_one_another_and_grow() -> None:
    pace = Pace()
    first = pace.limit
    pace.note(first, started=100.0, ended=100.01)
    assert pace.gather_s(now=100.01) == 0
    assert pace.limit > first


def test_slow_batches_shrink_but_never_to_nothing() -> None:
    pace = Pace()
    first = pace.limit
    pace.note(first, started=100.0, ended=101.0)
    assert pace.limit == first // 2
    for _ in range(20):
        pace.note(pace.limit, started=100.0, ended=101.0)
    assert 1 < pace.limit < 50


def test_delays_grow_with_jitter_up_to_the_longest() -> None:
    backoff = Backoff(first_s=0.1, factor=4.0, longest_s=2.0)
    for failures, full in [(1, 0.1), (2, 0.4), (3, 1.6), (4, 2.0), (10_000, 2.0)]:
        delays = [backoff.delay(failures) for _ in range(100)]
        assert full / 2 <= min(delays) < max(delays) <= full
