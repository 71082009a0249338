from __future__ import annotations

from hangarstack.web.chart import chart


def test_the_peak_nearly_fills_the_height_and_nothing_leaves_the_drawing() -> None:
    drawn = chart([0, 5, 10], width=100, height=50)
    assert drawn.line == "M0.0,50.0L50.0,27.0L100.0,4.0"
    assert drawn.area == f"{drawn.line}L100,50L0,50Z"
    assert (drawn.peak, drawn.latest) == (10, 10)


def test_an_hour_without_views_is_a_line_at_the_bottom() -> None:
    assert chart([0, 0], width=10, height=5).line == "M0.0,5.0L10.0,5.0"


def test_a_single_value_is_drawn() -> None:
    assert chart([3], width=10, height=5).line == "M0.0,0.4"
