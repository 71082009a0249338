"""What visitors come for: find an aircraft, read it, turn it, compare it, mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from hangarstack.events import Action, AircraftView, SearchQuery, UserActivity
from tests.support.browser import SIZES, Site, Tab


@pytest.mark.parametrize("width", SIZES)
def test_a_visitor_searches_reads_and_edits(tab: Callable[..., Tab], site: Site, width: int) -> None:
    shown = tab(width)
    page = shown.page
    page.goto("/")
    page.get_by_label("Search aircraft by name").fill("su27")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Sukhoi Su-27").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sukhoi Su-27")
    assert "search=" in page.url
    page.get_by_role("link", name="Edit", exact=True).click()
    speed, length = page.get_by_label("Maximum speed km/h"), page.get_by_label("Length m required")
    faster, metres = f"{float(speed.input_value()) + 1:g}", length.input_value()

    length.fill("two hundred")
    speed.fill(faster)
    page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("One field needs another look. Nothing was saved.")
    expect(alert).to_be_focused()
    expect(length).to_have_attribute("aria-invalid", "true")
    expect(length).to_have_accessible_description(re.compile("must be a number"))
    expect(speed).to_have_value(faster)

    length.fill(metres)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved. This is version")
    shown_speed = page.locator("dt", has_text=re.compile("^Top speed$")).first.locator("xpath=..").locator(".metric")
    expect(shown_speed).to_have_text(f"{float(faster):,.10g} km/h")
    # The browser itself notes the 422 of the refused form.
    assert [one for one in shown.complaints if "422" not in one] == []
    if site.world is not None:
        assert site.world.outbox.events[-1].aircraft_id == "sukhoi-su-27"
        view = site.world.sink.of(AircraftView)[-1]
        assert view.aircraft_id == "sukhoi-su-27"
        assert view.device is not None
        assert view.device.viewport_width == width


def test_a_suggestion_is_taken_with_the_keyboard(tab: Callable[..., Tab], site: Site) -> None:
    page = tab().page
    page.goto("/")
    field = page.get_by_role("combobox", name="Search aircraft by name")
    field.press_sequentially("fulc", delay=20)
    options = page.get_by_role("listbox", name="Aircraft")
    expect(options.get_by_role("option", name="Mikoyan MiG-29")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.get_by_role("option", selected=True)).to_contain_text("Mikoyan MiG-29")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mikoyan MiG-29")
    if site.world is not None:
        search = site.world.sink.of(SearchQuery)[-1]
        assert (search.text, search.chosen_aircraft_id) == ("fulc", "mikoyan-mig-29")
        assert site.world.sink.of(AircraftView)[-1].search_id == search.event_id


def test_an_answer_that_comes_late_does_not_take_the_choice_away(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/")
    late: list[Route] = []
    page.route("**/api/v1/suggest?q=fulc", lambda route: late.append(route))
    field = page.get_by_role("combobox", name="Search aircraft by name")
    field.press_sequentially("ful", delay=20)
    option = page.get_by_role("option", name="Mikoyan MiG-29")
    expect(option).to_be_visible()
    with page.expect_request("**/api/v1/suggest?q=fulc"):
        field.press("c")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    with suppress(Error):  # it may be given up by now
        late[0].continue_()
    page.wait_for_timeout(500)
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mikoyan MiG-29")


def test_escape_closes_the_suggestions_and_enter_searches_what_was_typed(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/analytics")
    page.keyboard.press("/")
    page.keyboard.type("f16", delay=20)
    options = page.get_by_role("listbox", name="Aircraft")
    expect(options).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=f16")
    expect(page.get_by_role("heading", name="1 aircraft found")).to_be_visible()


def test_a_filter_applies_at_once_and_leaves_a_clean_address(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/")
    page.get_by_label("Category").select_option("rotary")
    page.wait_for_url("**/?category=rotary")
    page.get_by_role("link", name="Remove the filter Category").click()
    page.wait_for_url(re.compile(r"/\?$"))


def test_units_change_without_loading_and_are_remembered(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/aircraft/boeing-737-800")
    imperial = page.locator(".callouts .imperial").first
    expect(imperial).to_be_hidden()
    page.get_by_role("link", name="Imperial").click()
    expect(imperial).to_be_visible()
    page.goto("/compare?ids=boeing-737-800")
    expect(page.locator("tbody .imperial").first).to_be_visible()


def test_figures_that_were_entered_change_their_units_with_the_page(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/?length_m_min=30&category=civil")
    page.get_by_role("link", name="Imperial").click()
    expect(page.get_by_label("Length, at least")).to_have_value("98.4252")
    page.get_by_label("Length, at most").fill("130")
    page.get_by_label("Length, at most").press("Enter")
    expect(page.get_by_role("link", name="Remove the filter Length: from 98.4252 to 130 ft")).to_be_visible()


def test_units_change_without_script(tab: Callable[..., Tab]) -> None:
    page = tab(java_script_enabled=False).page
    page.goto("/aircraft/boeing-737-800")
    page.get_by_role("link", name="Imperial").click()
    assert page.url.endswith("/aircraft/boeing-737-800")
    expect(page.locator(".callouts .imperial").first).to_be_visible()


def test_aircraft_are_put_aside_and_compared(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/?category=rotary&sort=name")
    for button in page.get_by_role("button", name="+ Compare").all()[:2]:
        button.click()
    tray = page.get_by_role("complementary", name="Aircraft to compare")
    expect(tray.get_by_role("listitem")).to_have_count(2)
    page.goto("/?category=civil")
    expect(tray.get_by_role("listitem")).to_have_count(2)
    tray.get_by_role("link", name="Compare").click()
    expect(page.locator("thead th")).to_have_count(2)


def frame(page: Page) -> str:
    return str(page.evaluate("document.querySelector('.stage canvas').toDataURL()"))


def test_the_hologram_turns_by_itself_and_by_hand(tab: Callable[..., Tab]) -> None:
    page = tab().page
    page.goto("/aircraft/f-16-fighting-falcon")
    canvas = page.get_by_role("img", name="Hologram of the F-16 Fighting Falcon; the arrow keys turn it")
    expect(canvas).to_be_visible()
    expect(page.locator(".stage-still")).to_have_count(0)
    first = frame(page)
    page.wait_for_timeout(250)
    assert frame(page) != first
    turn = page.get_by_role("button", name="Turn")
    expect(turn).to_have_attribute("aria-pressed", "true")
    canvas.press("ArrowLeft")
    expect(turn).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Top").click()
    page.wait_for_timeout(100)
    drawn = page.evaluate(
        """() => { const c = document.querySelector('.stage canvas');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let lit = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 40) lit++; return lit; }"""
    )
    assert drawn > 2000


def test_the_hologram_holds_still_for_who_prefers_less_motion(tab: Callable[..., Tab]) -> None:
    page = tab(reduced_motion="reduce").page
    page.goto("/aircraft/f-16-fighting-falcon")
    canvas = page.get_by_role("img", name=re.compile("arrow keys"))
    expect(canvas).to_be_visible()
    page.wait_for_timeout(200)
    first = frame(page)
    page.wait_for_timeout(300)
    assert frame(page) == first
    canvas.press("ArrowLeft")
    page.wait_for_timeout(150)
    assert frame(page) != first


def test_without_script_the_hologram_is_a_still_drawing(tab: Callable[..., Tab]) -> None:
    page = tab(java_script_enabled=False).page
    page.goto("/aircraft/robinson-r44")
    expect(
        page.get_by_role("img", name="Hologram of the Robinson R44, drawn from its measured dimensions")
    ).to_be_visible()
    expect(page.get_by_role("img", name="Three views of the Robinson R44, all at one scale").first).to_be_visible()


def test_leaving_a_page_tells_how_long_it_was_looked_at(tab: Callable[..., Tab], site: Site) -> None:
    if site.world is None:
        pytest.skip("only an app of the tests' own shows its events")
    page = tab().page
    page.goto("/aircraft/robinson-r44")
    page.wait_for_timeout(300)
    page.goto("/compare")
    page.wait_for_timeout(300)
    leaves = [one for one in site.world.sink.of(UserActivity) if one.action is Action.LEAVE]
    assert dict(leaves[-1].attributes) == {"aircraft_id": "robinson-r44"}
    assert 250 <= (leaves[-1].dwell_ms or 0) < 10_000
