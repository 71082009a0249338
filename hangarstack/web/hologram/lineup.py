"""Several aircraft beside each other, and over each other, at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.silhouette import UNITS_PER_METRE, Silhouette, exact

_WIDTH: Final = 1000
_LARGEST: Final = 440
_GAP: Final = 36
_TOP: Final = 12
_BELOW: Final = 36
_BARS_M: Final = (20, 10, 5, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What is lined up of one aircraft: from above and from the side, at ``UNITS_PER_METRE``."""

    plan: Silhouette
    side: Silhouette


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One aircraft's outlines, and where each goes."""

    outlines: Outlines
    plan_x: int
    plan_y: int
    side_x: int
    side_y: int
    over_x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """A drawing of ``width`` by ``height``: outlines shrink by ``scale``, ``metre`` units are one metre."""

    width: int
    height: int
    ground: int
    scale: float
    metre: float
    shapes: tuple[Shape, ...]
    person_x: int
    bar_m: int
    bar: int
    overlay_width: int
    overlay_height: int


def outlines(drawing: Drawing) -> Outlines:
    """Return what ``line_up`` shows of an aircraft."""
    return Outlines(plan=exact(drawing, "plan"), side=exact(drawing, "side"))


def line_up(aircraft: Sequence[Outlines]) -> Lineup:
    """Return the aircraft in their order, noses up in one row and to the left in the row below.

    Args:
        aircraft: at least one.
    """
    columns = [max(one.plan.width, one.side.width) for one in aircraft]
    longest = max(one.plan.height for one in aircraft)
    widest = max(one.plan.width for one in aircraft)
    room = _WIDTH - _GAP * (len(aircraft) + 1)
    scale = min(room / sum(columns), _LARGEST / max(longest, widest))
    ground = round(_TOP + _GAP + scale * (longest + max(one.side.height for one in aircraft)))
    shapes, left = [], float(_GAP)
    for one, column in zip(aircraft, columns, strict=True):
        shapes.append(
            Shape(
                outlines=one,
                plan_x=round(left + scale * (column - one.plan.width) / 2),
                plan_y=round(_TOP + scale * (longest - one.plan.height) / 2),
                side_x=round(left + scale * (column - one.side.width) / 2),
                side_y=round(ground - scale * one.side.height),
                over_x=round(10 + scale * (widest - one.plan.width) / 2),
            )
        )
        left += scale * column + _GAP
    metre = scale * UNITS_PER_METRE
    largest_m = max(longest, widest) / UNITS_PER_METRE
    bar_m = next((bar for bar in _BARS_M if bar <= largest_m / 2), _BARS_M[-1])
    return Lineup(
        width=round(left),
        height=ground + _BELOW,
        ground=ground,
        scale=round(scale, 5),
        metre=round(metre, 3),
        shapes=tuple(shapes),
        person_x=_GAP // 2,
        bar_m=bar_m,
        bar=round(bar_m * metre),
        overlay_width=round(widest * scale) + 20,
        overlay_height=round(longest * scale) + 20,
    )
