"""The hologram fits its stage from whichever side it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import SIZES, Tab

AIRCRAFT: Final = ("boeing-747-400", "boeing-ch-47", "f-16-fighting-falcon")
_LIT_ON_THE_RIM: Final = """() => {
  const canvas = document.querySelector(".stage canvas");
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const lit = (x, y, w, h) => context.getImageData(x, y, w, h).data.some((value, at) => at % 4 === 3 && value > 0);
  const rim = { top: [0, 0, width, 2], bottom: [0, height - 2, width, 2], left: [0, 0, 2, height],
    right: [width - 2, 0, 2, height] };
  const inside = lit(0, 0, width, height) ? [] : ["nothing is drawn"];
  return [...inside, ...Object.keys(rim).filter((side) => lit(...rim[side]))];
}"""


def cut(page: Page) -> list[str]:
    """Return the sides of the stage that light falls on, once the picture stands."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[str] = page.evaluate(_LIT_ON_THE_RIM)
    return found


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("aircraft_id", AIRCRAFT)
def test_nothing_of_an_aircraft_is_cut(tab: Callable[..., Tab], aircraft_id: str, width: int) -> None:
    page = tab(width, reduced_motion="reduce").page
    page.goto(f"/aircraft/{aircraft_id}")
    expect(page.locator(".stage canvas")).to_be_visible()
    seen = {"as it is opened": cut(page)}
    for view in ("Side", "Front", "Top"):
        page.get_by_role("button", name=view, exact=True).click()
        seen[view] = cut(page)
    for turned in range(1, 4):
        page.locator(".stage canvas").press("ArrowLeft")
        seen[f"Top, turned {turned} times"] = cut(page)
    assert {view: sides for view, sides in seen.items() if sides} == {}
