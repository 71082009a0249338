from __future__ import annotations

from collections import Counter

from drills.web import misfits
from hangarstack.simulate.run import Report
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load


def report(*, updates: int) -> Report:
    """Return a run of seven views, two searches and three edits of which so many were counted."""
    tally = Tally(
        requests=Counter(view=7, search=2, edit=6),
        accepted=Counter(AircraftView=7, SearchQuery=2, UserActivity=9, DataUpdate=3),
    )
    counted = {"AircraftView": 7, "SearchQuery": 2, "UserActivity": 9, "DataUpdate": updates}
    load = Load(visitors=1, rate=1, duration_s=1, seed=1)
    return Report(load=load, seconds=1.0, tally=tally, counted=counted, dead_letters=0, latencies={})


def test_edits_that_were_saved_accepted_and_counted_are_in_order() -> None:
    assert misfits(report(updates=3), 3) == []


def test_an_edit_that_was_not_counted_is_a_misfit() -> None:
    assert misfits(report(updates=2), 3) == ["DataUpdate: 3 accepted, 2 counted"]


def test_an_edit_that_was_saved_and_not_accepted_is_a_misfit() -> None:
    assert misfits(report(updates=3), 4) == ["DataUpdate: 4 edited, 3 accepted"]
