"""The three views of a draughtsman, all at one scale, with measured lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.svg import closed, placing, rotors

_WIDTH: Final = 1000
_MARGIN: Final = 64
_GAP: Final = 30
_EDGE: Final = 24
# Room beside the side view for the figure of the height, in the small and in the large letters of a telephone.
_FIGURE: Final = 150
_LARGE_FIGURE: Final = 220
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
    """A drawing in its own units: path data of bodies and of what spins, measured lines, a bar of ``bar_m`` metres."""

    width: int
    height: int
    outlines: str
    rotors: str
    measures: tuple[Measure, ...]
    bar_m: int
    bar: int


def wide(drawing: Drawing) -> Blueprint:
    """Return side and front view below each other, the plan beside them: for a page wider than a hand."""
    size = _Size.of(drawing)
    left = max(size.long, size.broad)
    scale = (_WIDTH - 2 * _MARGIN - _FIGURE) / (left + size.broad)
    ground = round(_MARGIN + size.high * scale)
    ahead = round(ground + _MARGIN + _GAP + size.high * scale)
    plan = _MARGIN if size.long * scale > ahead - _MARGIN else _MARGIN + (ahead - _MARGIN - size.long * scale) / 2
    bottom = max(ahead, round(plan + size.long * scale))
    beside = _MARGIN + _FIGURE + left * scale + size.broad * scale / 2
    spots = {
        "side": ((_MARGIN + (left - size.long) * scale / 2 - size.first * scale), ground),
        "front": (_MARGIN + left * scale / 2, ahead),
        "plan": (beside, plan - size.first * scale),
    }
    return _blueprint(drawing, scale, spots, height=bottom + _MARGIN + _GAP)


def tall(drawing: Drawing) -> Blueprint:
    """Return plan, side and front view below each other, for a telephone."""
    size = _Size.of(drawing)
    scale = (_WIDTH - _EDGE - _LARGE_FIGURE) / max(size.long, size.broad)
    ground = round(_MARGIN + size.long * scale + _GAP + size.high * scale)
    ahead = round(ground + 2 * _MARGIN + size.high * scale)
    middle = _EDGE + max(size.long, size.broad) * scale / 2
    spots = {
        "plan": (middle, _MARGIN - size.first * scale),
        "side": (middle - (size.first + size.long / 2) * scale, ground),
        "front": (middle, ahead),
    }
    return _blueprint(drawing, scale, spots, height=ahead + _MARGIN + _GAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """What the drawing takes in metres, and where its first point lies along the fuselage."""

    first: float
    long: float
    broad: float
    high: float

    @classmethod
    def of(cls, drawing: Drawing) -> _Size:
        left, back, right, front = drawing.extent("plan")
        return cls(first=left, long=right - left, broad=front - back, high=drawing.extent("side")[3])


def _blueprint(drawing: Drawing, scale: float, spots: Mapping[str, tuple[float, float]], *, height: int) -> Blueprint:
    places = {
        view: placing(scale, left=x, top=y, up=view != "plan", nose_up=view == "plan") for view, (x, y) in spots.items()
    }
    size = max(drawing.frame.length, drawing.frame.span, drawing.frame.rotor)
    bar_m = next((bar for bar in _BARS_M if bar <= size / 3), _BARS_M[-1])
    return Blueprint(
        width=_WIDTH,
        height=height,
        outlines="".join(closed(drawing.outlines(view), place) for view, place in places.items()),
        rotors="".join(rotors(drawing.spinners(), view, place) for view, place in places.items()),
        measures=_measures(drawing, scale, spots),
        bar_m=bar_m,
        bar=round(bar_m * scale),
    )


def _measures(drawing: Drawing, scale: float, spots: Mapping[str, tuple[float, float]]) -> tuple[Measure, ...]:
    a = drawing.frame
    (nose, ground), (middle, ahead) = spots["side"], spots["front"]
    span = a.span if a.span_known else a.rotor
    half, below = span * scale / 2, 26
    start, end = round(nose), round(nose + a.length * scale)
    side, front = round(ground) + below, round(ahead) + below
    return (
        Measure(name="Length", metres=a.length, x1=start, y1=side, x2=end, y2=side),
        Measure(
            name="Height",
            metres=a.height,
            x1=end + 20,
            y1=round(ground - a.height * scale),
            x2=end + 20,
            y2=round(ground),
        ),
        Measure(
            name="Wingspan" if a.span_known else "Rotor diameter",
            metres=span,
            x1=round(middle - half),
            y1=front,
            x2=round(middle + half),
            y2=front,
        ),
    )
