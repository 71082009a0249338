from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from drills import flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What came of publishing."""

    events: int | None = None
    share: float | None = None
    accepted: Counter[str]
    refused: int = 0
    spooled: int = 0


ALL = Published(events=10, accepted=Counter({"a": 7, "b": 3}))
FEW = Published(events=60_000, accepted=Counter({"a": 1_818}))
REFUSED = Published(share=1.0, accepted=Counter({"a": 7}), refused=1_352)


def test_traffic_that_published_its_number_is_in_order() -> None:
    assert flow.misfits([ALL], refusing=False) == []
    assert flow.shares([ALL]) == []


@pytest.mark.parametrize("refusing", [False, True])
def test_an_event_too_few_is_a_misfit_in_every_drill(refusing: bool) -> None:
    assert flow.misfits([ALL, FEW], refusing=refusing) == ["1,818 of 60,000 events were accepted"]


def test_refusals_are_a_misfit_where_the_drill_does_not_provoke_them() -> None:
    assert flow.misfits([REFUSED], refusing=False) == ["1,352 times an event was refused"]
    assert flow.misfits([REFUSED], refusing=True) == []


@pytest.mark.parametrize(("share", "met"), [(0.9, True), (0.89, False)])
def test_traffic_that_falls_far_behind_its_rate_misses_a_bar(share: float, met: bool) -> None:
    [figure] = flow.shares([ALL, Published(share=share, accepted=Counter())])
    assert figure.met == met
    assert str(figure).startswith(f"published {100 * share:.0f} % of the rate (bar ≥ 90")
