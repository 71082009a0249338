"""A line over time as the path data of SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_HEADROOM: Final = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Path data of a line and of the area below it, in a drawing of ``width`` by ``height``; ``peak`` is the top."""

    width: int
    height: int
    line: str
    area: str
    peak: int
    latest: int


def chart(values: Sequence[int], *, width: int, height: int) -> Chart:
    """Return the values from left to right; the greatest nearly fills the height.

    Args:
        values: at least one, none negative.
        width: of the drawing.
        height: of the drawing.
    """
    peak = max(values)
    step = width / max(len(values) - 1, 1)
    rise = height * (1 - _HEADROOM) / max(peak, 1)
    points = [f"{at * step:.1f},{height - value * rise:.1f}" for at, value in enumerate(values)]
    line = "M" + "L".join(points)
    return Chart(
        width=width,
        height=height,
        line=line,
        area=f"{line}L{width},{height}L0,{height}Z",
        peak=peak,
        latest=values[-1],
    )
