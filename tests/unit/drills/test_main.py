from __future__ import annotations

from pathlib import Path

import click
import pytest

from drills.__main__ import page_of, play
from drills.catalogue import Place
from drills.row import Row


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "drills.md"
    page.write_text("<!-- drills: begin -->\nthe last table\n<!-- drills: end -->\n")
    return page


def good(place: Place) -> Row:
    return Row(
        drill="a good one",
        size="1 event",
        seed=place.seed,
        accepted=1,
        counted=1,
        dead=0,
        spooled=0,
        misfits=(),
        seconds=1.0,
    )


def endless(_place: Place) -> Row:
    raise AssertionError("not settled in 120 s:\nat {0: 5} | the log ends at {0: 9}")


def skipping(_place: Place) -> Row:
    pytest.skip("there is no PostgreSQL")


def test_drills_that_cannot_end_or_run_stand_in_the_table_with_the_reason(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not play({"endless": endless, "good": good, "skipping": skipping}, tmp_path, 7, page)
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    reason = r"FAILED: AssertionError: not settled in 120 s: at {0: 5} \| the log ends at {0: 9}"
    assert rows[2:] == [
        f"| endless | {reason} |  |  |  |  | NO | 0 |  |",
        "| a good one | 1 event | 1 | 1 | 0 | 0 | yes | 1 |  |",
        "| skipping | FAILED: Skipped: there is no PostgreSQL |  |  |  |  | NO | 0 |  |",
    ]
    assert "FAILED" in capsys.readouterr().out


def test_a_run_in_which_all_is_as_it_should_be_passes(tmp_path: Path, page: Path) -> None:
    assert play({"good": good}, tmp_path, 7, page)
    assert "the last table" not in page.read_text()


def test_the_table_of_all_drills_is_not_replaced_by_that_of_some() -> None:
    with pytest.raises(click.UsageError, match="--write replaces the table of all drills"):
        page_of(["poison"], write=True)
    assert page_of([], write=True) is not None
    assert page_of(["poison"], write=False) is None
