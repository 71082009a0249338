from __future__ import annotations

import pytest

from hangarstack.analytics import latency
from hangarstack.analytics.latency import BOUNDS_MS, quantile
from hangarstack.consumers.runtime import latency as runtime


def _counts(**at: int) -> list[int]:
    counts = [0] * (len(BOUNDS_MS) + 1)
    for bound, count in at.items():
        counts[BOUNDS_MS.index(int(bound[1:])) if bound != "over" else -1] = count
    return counts


def test_the_buckets_are_those_of_the_consumer_runtime() -> None:
    assert runtime.BOUNDS_MS == latency.BOUNDS_MS


def test_no_events_have_no_quantile() -> None:
    assert quantile(_counts(), 0.5) is None


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        (_counts(_1=10), 0.5, 0.5),
        (_counts(_10=10), 0.5, 7.5),
        (_counts(_10=99, _20=1), 0.99, 10.0),
        (_counts(_10=98, _20=2), 0.99, 17.5),
        (_counts(_10=50, _100=50), 0.5, 10.0),
        (_counts(_300000=1), 1.0, 300_000.0),
    ],
)
def test_a_quantile_lies_within_its_bucket_by_the_share_that_fills_it(
    counts: list[int], share: float, expected: float
) -> None:
    assert quantile(counts, share) == pytest.approx(expected)


def test_what_is_over_the_greatest_bound_is_said_to_be_that_bound() -> None:
    assert quantile(_counts(_10=1, over=9), 0.5) == 300_000.0
