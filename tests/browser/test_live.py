"""The live page moves while somebody looks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hangarstack.analytics.popularity import AircraftViews
from hangarstack.analytics.system_health import State
from tests.support.browser import SIZES, Site, Tab
from tests.unit.web.fakes import component


@pytest.mark.parametrize("width", SIZES)
def test_numbers_move_without_loading(tab: Callable[..., Tab], site: Site, width: int) -> None:
    shown = tab(width)
    page = shown.page
    page.goto("/analytics")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    views = page.locator('[data-total="aircraft_views"] dd')
    before = int(re.sub(r"\D", "", views.inner_text()))
    if site.world is None:
        for _ in range(3):
            page.request.get("/aircraft/boeing-737-800")
    else:
        site.world.models.counted["aircraft_views"] = before + 3
    expect(views).to_have_text(f"{before + 3:,}" if site.world else re.compile(r"\d"))
    assert shown.complaints == []


def test_every_panel_follows_the_stream(tab: Callable[..., Tab], site: Site) -> None:
    if site.world is None:
        pytest.skip("only an app of the tests' own can be moved")
    page = tab().page
    page.goto("/analytics")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    models = site.world.models
    models.minutes = [*[1] * 59, 77]
    models.popular = [AircraftViews(aircraft_id="robinson-r44", views=991)]
    models.parts = [component("popularity", State.STOPPED), component("doctor", State.STOPPED)]
    top = page.locator('[data-ranked="top"]')
    expect(top.get_by_role("link", name="Robinson R44")).to_have_attribute("href", "/aircraft/robinson-r44")
    expect(top).to_contain_text("991")
    expect(page.locator("[data-chart-latest]")).to_have_text("77")
    part, guest = (page.locator("[data-health] tr", has_text=name).locator(".state") for name in ("popul", "doctor"))
    expect(part).to_have_class("state stopped")
    expect(guest).to_have_class("state stopped guest")
    models.parts = []
    expect(page.locator("[data-health]")).to_contain_text("No part has reported yet.")
    expect(page.locator("[data-changes]")).to_have_text("The catalogue is as it was imported.")


def test_the_page_is_a_picture_of_the_moment_without_script(tab: Callable[..., Tab]) -> None:
    page = tab(java_script_enabled=False).page
    page.goto("/analytics")
    expect(page.get_by_text("As it was when the page was opened")).to_be_visible()
    expect(page.locator('[data-total="aircraft_views"] dd')).to_have_text(re.compile(r"^[\d,]+$"))


def test_the_views_of_an_aircraft_move_on_its_page(tab: Callable[..., Tab], site: Site) -> None:
    if site.world is None:
        pytest.skip("only an app of the tests' own can be moved")
    page = tab().page
    site.world.models.minutes = [0] * 60
    page.goto("/aircraft/mikoyan-mig-29")
    site.world.models.minutes = [7] * 60
    expect(page.locator("[data-pulse-count]")).to_have_text("420")
