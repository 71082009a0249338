"""Dead letters repaired in a browser that runs no script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.test_layout import IDS_TWICE, NAMELESS, SMALL_TARGETS, STICKING_OUT
from tests.support.browser import SIZES, Site, Tab

CUT_OFF = """() => [...document.querySelectorAll('.admin :is(p, li, dd, h1)')]
    .filter((e) => e.scrollWidth > e.clientWidth + 1)
    .map((e) => e.outerHTML.slice(0, 90))"""
LETTER = "hangarstack.aircraft.views.dlq/0/1"


@pytest.mark.parametrize("width", SIZES)
def test_a_letter_is_found_read_and_replayed_without_scripts_in_every_window(
    tab: Callable[..., Tab], site: Site, width: int
) -> None:
    if site.world is None:
        pytest.skip("a running platform has dead letters of its own, or none")
    shown = tab(width, java_script_enabled=False)
    page = shown.page

    def at_peace() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for problems in (STICKING_OUT, SMALL_TARGETS, NAMELESS, IDS_TWICE, CUT_OFF):
            assert page.evaluate(problems) == []

    page.goto("/admin/dead-letters")
    at_peace()
    page.get_by_label("Service").fill("popularity")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label(f"Choose {LETTER}")).to_be_visible()
    page.locator(f'a[href$="{LETTER}"]').click()
    expect(page.get_by_role("heading", name="Record", exact=True)).to_be_visible()
    at_peace()
    page.go_back()
    page.get_by_label(f"Choose {LETTER}").check()
    page.get_by_role("button", name="Replay: dry run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Replay 1 letter?")
    at_peace()
    page.get_by_role("button", name="Replay it").click()
    expect(page.get_by_role("status")).to_contain_text("1 replayed")
    kind, order = site.world.desk.orders[-1]
    assert (kind, order.dry_run, [str(one) for one in order.selection.letters]) == ("replay", False, [LETTER])
    assert shown.complaints == []
    assert shown.foreign == []
