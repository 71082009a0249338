"""Every page in three widths: nothing sticks out, nothing is complained of, nothing is fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import SIZES, Site, Tab

PAGES = {
    "catalogue": "/",
    "filtered": "/?category=military&engine_type=turbofan&first_flight_min=1970&length_m_max=22",
    "nothing found": "/?q=zzyzx+37&manufacturer=" + "w" * 70,
    "aeroplane": "/aircraft/boeing-737-800",
    "helicopter": "/aircraft/robinson-r44",
    "compare": "/compare?ids=boeing-737-800,f-16-fighting-falcon,robinson-r44,sukhoi-su-27",
    "compare nothing": "/compare",
    "analytics": "/analytics",
    "edit": "/aircraft/boeing-737-800/edit",
    "contracts": "/contracts",
    "contract": "/contracts/aircraft_view",
}
STICKING_OUT = """() => [...document.querySelectorAll('body *')]
    .filter((e) => {
        const box = e.getBoundingClientRect();
        const inside = e.closest('.scroller, .hero-rings, .suggestions');
        const out = box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
        return out && !inside && !e.closest('.hidden, .skip');
    })
    .map((e) => e.tagName + '.' + (e.className.baseVal ?? e.className))"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, select, input:not([type=hidden])')]
    .filter((e) => {
        const box = e.getBoundingClientRect();
        const inText = getComputedStyle(e).display === 'inline';
        return box.width > 0 && !inText && !e.closest('.hidden, .skip') && (box.height < 24 || box.width < 24);
    })
    .map((e) => e.outerHTML.slice(0, 90))"""

NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
    .filter((e) => !e.innerText?.trim() && !e.getAttribute('aria-label') && !e.labels?.length && !e.title)
    .map((e) => e.outerHTML.slice(0, 90))"""
CUT_HINTS = """() => [...document.querySelectorAll('input[placeholder]')].filter((e) => {
    const style = getComputedStyle(e);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return e.clientWidth && pen.measureText(e.placeholder).width > room;
}).map((e) => e.placeholder)"""
# How far each part is from the foot of its card; cards whose tags need two lines are left out.
UNEVEN_CARDS = """() => {
    const rows = new Map();
    for (const card of document.querySelectorAll('.card')) {
        const box = card.getBoundingClientRect();
        const foot = (part) => Math.round(box.bottom - card.querySelector(part).getBoundingClientRect().bottom);
        const tags = [...card.querySelectorAll('.tag:not(.add)')].map((e) => e.getBoundingClientRect().top);
        if (new Set(tags).size > 1) continue;
        const row = rows.get(box.top) ?? rows.set(box.top, new Set()).get(box.top);
        row.add(['.card-figures', '.tag', '.add'].map(foot).join());
    }
    return [...rows.values()].filter((row) => row.size > 1).map((row) => [...row]);
}"""
IDS_TWICE = """() => {
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""


@pytest.mark.parametrize("width", SIZES)
def test_every_page_fits_its_window_and_is_at_peace(tab: Callable[..., Tab], width: int) -> None:
    shown = tab(width)
    found = {}
    for name, path in PAGES.items():
        shown.page.goto(path, wait_until="load")
        found[name] = (
            shown.page.evaluate("document.documentElement.scrollWidth"),
            shown.page.evaluate(STICKING_OUT),
            shown.page.evaluate(SMALL_TARGETS),
        )
    assert found == dict.fromkeys(PAGES, (width, [], []))
    assert shown.complaints == []
    assert shown.foreign == []


@pytest.mark.parametrize("width", SIZES)
def test_an_error_page_fits_its_window(tab: Callable[..., Tab], width: int) -> None:
    shown = tab(width)
    answer = shown.page.goto("/aircraft/" + "x" * 80)
    assert answer is not None
    assert answer.status == 404
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.page.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize("width", [820, 1440])
def test_figures_tags_and_buttons_of_neighbouring_cards_stand_on_the_same_lines(
    tab: Callable[..., Tab], width: int
) -> None:
    page = tab(width).page
    for path in ("/", "/?page=2", "/?page=3"):
        page.goto(path)
        expect(page.get_by_role("button", name="+ Compare").first).to_be_visible()
        assert page.evaluate(UNEVEN_CARDS) == []


@pytest.mark.parametrize("width", SIZES)
def test_no_hint_in_a_field_is_cut(tab: Callable[..., Tab], site: Site, width: int) -> None:
    page = tab(width).page
    paths = [*PAGES.values(), *(["/admin/dead-letters"] if site.world else [])]
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = page.evaluate(CUT_HINTS)
    assert found == {path: [] for path in paths}


def test_every_page_has_one_heading_and_a_name_for_everything(tab: Callable[..., Tab]) -> None:
    page = tab().page
    found = {}
    for name, path in PAGES.items():
        page.goto(path)
        found[name] = [
            *page.evaluate("['h1', 'main'].map((name) => document.querySelectorAll(name).length)"),
            page.evaluate(NAMELESS),
            page.evaluate(IDS_TWICE),
        ]
    assert found == {key: [1, 1, [], []] for key in PAGES}


def test_the_skip_link_is_first_and_leads_to_the_content(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/analytics")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
