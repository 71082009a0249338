from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from drills.row import Figure, Row
from drills.table import as_markdown, as_table, write_into

ROW = Row(
    drill="a drill",
    size="100 events",
    seed=7,
    accepted=100,
    counted=90,
    dead=7,
    spooled=3,
    misfits=(),
    seconds=12.3,
)


def test_a_row_is_exact_when_every_accepted_event_is_counted_dead_or_spooled() -> None:
    assert ROW.exact
    assert ROW.passed


@pytest.mark.parametrize("change", [{"counted": 89}, {"counted": 91}, {"dead": 8}, {"spooled": 0}, {"accepted": 101}])
def test_one_event_too_few_or_too_many_is_not_exact(change: dict[str, Any]) -> None:
    assert not replace(ROW, **change).exact


def test_totals_that_agree_by_chance_are_not_exact_when_one_aircraft_does_not_add_up() -> None:
    assert not replace(ROW, misfits=("a: 1 accepted, 2 counted",)).exact


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure(name="stall", value=3, unit="s", bar=3), True),
        (Figure(name="stall", value=3.01, unit="s", bar=3), False),
        (Figure(name="rate", value=20_000, unit="/s", bar=20_000, at_least=True), True),
        (Figure(name="rate", value=19_999, unit="/s", bar=20_000, at_least=True), False),
        (Figure(name="size", value=1e9, unit="MB"), True),
    ],
)
def test_a_figure_that_misses_its_bar_fails_the_row_and_says_so(figure: Figure, met: bool) -> None:
    assert figure.met == met
    assert replace(ROW, figures=(figure,)).passed == met
    assert ("MISSED" in str(figure)) == (not met)


def test_a_screen_of_80_columns_shows_every_figure_whole() -> None:
    figures = (
        Figure(name="published meanwhile", value=2_000, unit="events/s", bar=1_960, at_least=True),
        Figure(name="slowest publish", value=28.32, unit="ms"),
    )
    long = "a consumer frozen in the middle of a transaction, PostgreSQL"
    row = replace(
        ROW, drill=long, accepted=2_000_000, counted=1_999_000, dead=988, spooled=12, seconds=1288, figures=figures
    )
    screen = io.StringIO()
    Console(file=screen, width=80).print(as_table([row, row]))
    text = screen.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    first = next(line for line in text.splitlines() if "2,000,000" in line)
    assert first.split()[-6:] == ["2,000,000", "1,999,000", "988", "12", "yes", "1288"]
    column = " ".join(line[: first.index("2,000,000")].strip() for line in text.splitlines())
    for said in (long, "100 events", *map(str, figures)):
        assert said in column


def test_a_table_says_what_does_not_add_up() -> None:
    row = replace(ROW, misfits=("1,818 of 60,000 events were accepted",))
    assert "| NO | 12 | 1,818 of 60,000 events were accepted |" in as_markdown([row])


def test_the_table_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    page = tmp_path / "drills.md"
    page.write_text("before\n<!-- drills: begin -->\nold\n<!-- drills: end -->\nafter\n")
    for _ in range(2):
        write_into(page, as_markdown([ROW]))
    text = page.read_text()
    assert text.startswith("before\n<!-- drills: begin -->\nRun on ")
    assert text.endswith("\n<!-- drills: end -->\nafter\n")
    assert text.count("| a drill | 100 events | 100 | 90 | 7 | 3 | yes | 12 |") == 1
    assert "old" not in text
