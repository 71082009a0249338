"""Every colour of text against every ground it stands on, by the rule of WCAG AA."""

from __future__ import annotations

import re

import pytest

from hangarstack.web.assets import DIRECTORY

LEAST = 4.5
BASE = (DIRECTORY / "base.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", BASE))
INKS = ("ink", "dim", "faint", "cyan", "amber", "green", "red", "violet")
# The lightest ground: a hovered card over the glow at the top of the page.
LIGHTEST = (19, 47, 72)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def luminance(colour: tuple[int, ...]) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("ground", [rgb(TOKENS["void"]), rgb(TOKENS["deep"]), rgb(TOKENS["panel-solid"]), LIGHTEST])
def test_text_can_be_read_on_every_ground(ink: str, ground: tuple[int, ...]) -> None:
    assert contrast(rgb(TOKENS[ink]), ground) >= LEAST


@pytest.mark.parametrize(("ink", "ground"), [("#02202c", "#35bfe6"), ("#1b0f00", "#ffb95e"), ("#241300", "#ffb95e")])
def test_dark_text_can_be_read_on_bright_buttons(ink: str, ground: str) -> None:
    assert contrast(rgb(ink), rgb(ground)) >= LEAST
