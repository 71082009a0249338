"""What can be scrolled sideways says so, and nothing else looks as if it could."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.browser import SIZES, Site, Tab

FOUR = ("boeing-737-800", "airbus-a320neo", "f-16-fighting-falcon", "robinson-r44")
WITH_SCROLLERS = ("/analytics", f"/compare?ids={','.join(FOUR)}", "/contracts/aircraft_view")
LETTER = "/admin/dead-letters/hangarstack.aircraft.views.dlq/0/1"
# What covers the light at the edges, against the first ground that something behind it paints.
OTHER_GROUNDS = """() => [...document.querySelectorAll('.scroller')].map((scroller) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = getComputedStyle(scroller).getPropertyValue('--ground');
    const cover = getComputedStyle(probe).color;
    probe.remove();
    let behind = scroller;
    while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
    return [cover, getComputedStyle(behind).backgroundColor];
}).filter(([cover, behind]) => cover !== behind)"""
SCROLLS = "e => e.scrollWidth > e.clientWidth"
CUT_COLUMNS = """() => [...document.querySelectorAll('.versus thead th')].filter((e) => {
    const [box, room] = [e, e.closest('.scroller')].map((one) => one.getBoundingClientRect());
    return box.left < room.left - 1 || box.right > room.right + 1;
}).length"""
RUN_OVER = """() => [...document.querySelectorAll('.versus :is(th, td)')].filter((cell) => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    return text.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1;
}).map((cell) => cell.innerText)"""


def compare(page: Page, aircraft: int) -> None:
    page.goto(f"/compare?ids={','.join(FOUR[:aircraft])}")


@pytest.mark.parametrize("width", SIZES)
def test_what_covers_the_light_of_a_scroller_has_the_colour_of_what_lies_behind(
    tab: Callable[..., Tab], site: Site, width: int
) -> None:
    page = tab(width).page
    for path in (*WITH_SCROLLERS, *([LETTER] if site.world else [])):
        page.goto(path)
        assert (path, page.evaluate(OTHER_GROUNDS)) == (path, [])
        assert page.locator(".scroller").count() > 0


@pytest.mark.parametrize("width", SIZES)
def test_two_aircraft_stand_side_by_side_in_every_window(tab: Callable[..., Tab], width: int) -> None:
    page = tab(width).page
    compare(page, 2)
    assert not page.locator(".scroller").evaluate(SCROLLS)
    assert page.evaluate(CUT_COLUMNS) == 0


@pytest.mark.parametrize("aircraft", [3, 4])
def test_two_of_more_aircraft_are_whole_beside_each_other_in_the_narrowest_window(
    tab: Callable[..., Tab], aircraft: int
) -> None:
    page = tab(min(SIZES)).page
    compare(page, aircraft)
    assert page.evaluate(CUT_COLUMNS) == aircraft - 2


@pytest.mark.parametrize("aircraft", [1, 2, 3, 4])
@pytest.mark.parametrize("width", SIZES)
def test_no_text_of_a_comparison_runs_into_the_next_cell(tab: Callable[..., Tab], width: int, aircraft: int) -> None:
    page = tab(width).page
    compare(page, aircraft)
    assert page.evaluate(RUN_OVER) == []


@pytest.mark.parametrize("aircraft", [2, 3, 4])
def test_a_comparison_says_that_it_scrolls_where_it_does(tab: Callable[..., Tab], aircraft: int) -> None:
    page = tab().page
    compare(page, aircraft)
    said = page.get_by_text("scroll sideways")
    for width in range(320, 760, 10):
        page.set_viewport_size({"width": width, "height": 800})
        assert (width, said.is_visible()) == (width, page.locator(".scroller").evaluate(SCROLLS))
