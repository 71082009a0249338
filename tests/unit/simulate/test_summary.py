from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.simulate.client import Outcome
from hangarstack.simulate.plan import Kind
from hangarstack.simulate.summary import Tally, histogram_percentile, percentile


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50.0, 99.0, 100.0)
    assert percentile([], 0.99) == 0.0


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_the_stated_share_does_not_exceed_a_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= int(share * 1_000_000) * len(values) / 1_000_000 - 1e-9


def test_a_histogram_percentile_is_linear_within_its_bucket() -> None:
    assert histogram_percentile([10, 20, float("inf")], [50, 50, 0], 0.75) == pytest.approx(15.0)
    assert histogram_percentile([10, float("inf")], [0, 5], 0.5) == 10.0
    assert histogram_percentile([10], [0], 0.5) is None


def test_outcomes_are_tallied() -> None:
    tally = Tally()
    tally.hear(Outcome(Kind.VIEW, 200, 0.01, 0, ("AircraftView", "UserActivity")))
    tally.hear(Outcome(Kind.VIEW, 0, 0.5, 3))
    assert tally.accepted == {"AircraftView": 1, "UserActivity": 1}
    assert (tally.unanswered, tally.retries, tally.seconds) == (1, 3, [0.01])
