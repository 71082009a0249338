"""The three views of a draughtsman, all at one scale, with measured lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.svg import closed

_WIDTH: Final = 1000
_MARGIN: Final = 64
_GAP: Final = 56
_SHORTEST_BAR: Final = 0.1
_BARS_M: Final = (50, 20, 10, 5, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured line from one point to another, and the metres that it stands for."""

    name: str
    metres: float
    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def upright(self) -> bool:
        """Whether the line runs down the page."""
        return self.x1 == self.x2


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A drawing in its own units: path data per view, measured lines, and a bar of ``bar_m`` metres."""

    width: int
    height: int
    views: tuple[tuple[str, str], ...]
    measures: tuple[Measure, ...]
    bar_m: int
    bar: int


def wide(drawing: Drawing) -> Blueprint:
    """Return plan and side view below each other, the front view beside them: for a page wider than a hand."""
    return _lay_out(drawing, beside=True)


def tall(drawing: Drawing) -> Blueprint:
    """Return the three views below each other, for a telephone."""
    return _lay_out(drawing, beside=False)


def _lay_out(drawing: Drawing, *, beside: bool) -> Blueprint:
    left, back, right, front = drawing.extent("plan")
    long, broad = right - left, front - back
    high = drawing.extent("side")[3]
    metres = long + broad if beside else max(long, broad)
    scale = (_WIDTH - 2 * _MARGIN - (_GAP + _MARGIN if beside else 0)) / metres
    plan_top = _MARGIN
    side_ground = round(plan_top + broad * scale + _GAP + high * scale)
    front_ground = side_ground if beside else round(side_ground + _GAP + _MARGIN + high * scale)
    nose = _MARGIN - left * scale
    middle = _MARGIN + long * scale + _GAP + _MARGIN + broad * scale / 2 if beside else _WIDTH / 2
    views = (
        ("plan", closed(drawing.outlines("plan"), scale=scale, left=nose, top=plan_top - back * scale)),
        ("side", closed(drawing.outlines("side"), scale=scale, left=nose, top=side_ground, up=True)),
        ("front", closed(drawing.outlines("front"), scale=scale, left=middle, top=front_ground, up=True)),
    )
    bar_m = next((b for b in _BARS_M if b <= metres / 4), _BARS_M[-1])
    return Blueprint(
        width=_WIDTH,
        height=front_ground + _MARGIN + 30,
        views=views,
        measures=_measures(drawing, scale, nose, middle, (side_ground, front_ground)),
        bar_m=bar_m,
        bar=round(bar_m * scale),
    )


def _measures(
    drawing: Drawing, scale: float, nose: float, middle: float, grounds: tuple[int, int]
) -> tuple[Measure, ...]:
    a = drawing.frame
    side, ahead = grounds
    below, span = 26, a.span or a.rotor
    across = "Wingspan" if a.span else "Rotor diameter"
    half = round(span * scale / 2)
    start, end = round(nose), round(nose + a.length * scale)
    height_at = end + 24
    return (
        Measure(name="Length", metres=a.length, x1=start, y1=side + below, x2=end, y2=side + below),
        Measure(name="Height", metres=a.height, x1=height_at, y1=round(side - a.height * scale), x2=height_at, y2=side),
        Measure(
            name=across,
            metres=span,
            x1=round(middle) - half,
            y1=ahead + below,
            x2=round(middle) + half,
            y2=ahead + below,
        ),
    )
