"""Outlines, rotors and wire frames as the path data of SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from hangarstack.web.hologram.solids import VIEWS, Disc

Pair = tuple[float, float]
Place = Callable[[Pair], Pair]
"""Leads from metres in a view to units of the drawing."""


def placing(scale: float, *, left: float = 0.0, top: float = 0.0, up: bool = False, nose_up: bool = False) -> Place:
    """Return how a view is placed in a drawing.

    Args:
        scale: units of the drawing to a metre.
        left: where the metre 0 of the first axis lies, in units.
        top: the same of the second axis.
        up: whether the second axis points up, as heights do; SVG's points down.
        nose_up: whether the view is turned so that its first axis, along the fuselage, runs down the page.
    """
    sign = -scale if up else scale

    def place(point: Pair) -> Pair:
        x, y = (point[1], point[0]) if nose_up else point
        return left + x * scale, top + y * sign

    return place


def closed(outlines: Iterable[Sequence[Pair]], place: Place) -> str:
    """Return closed outlines as path data in whole units; what is seen as a point has none."""
    return "".join(_run([place(point) for point in outline]) + "z" for outline in outlines if outline)


def rotors(discs: Iterable[Disc], view: str, place: Place) -> str:
    """Return rotors and propellers: circles with their blades, or thin lines where they are seen edge on."""
    first, second = VIEWS[view]
    parts = []
    for disc in discs:
        if disc.axis in (first, second):
            parts.append(_run([place(point) for point in disc.outline(view)]) + "z")
            continue
        centre = (disc.centre[first], disc.centre[second])
        x, y = place(centre)
        radius = round(math.dist((x, y), place((centre[0] + disc.radius, centre[1]))), 1)
        if radius < 1:
            continue
        arc = f"a{radius:g},{radius:g} 0 1 1"
        parts.append(f"M{x - radius:.0f},{y:.0f}{arc} {2 * radius:g},0{arc} {-2 * radius:g},0z")
        parts += [_run([(x, y), place((tip[first], tip[second]))]) for _, tip in disc.wire()[1:]]
    return "".join(parts)


def lines(polylines: Iterable[Sequence[Pair]]) -> str:
    """Return open lines, already in units of the drawing, as path data."""
    return "".join(_run(line) for line in polylines)


def _run(points: Sequence[Pair]) -> str:
    """Return ``Mx,yl…`` with whole relative steps, which are short; repeated points are left out."""
    x, y = round(points[0][0]), round(points[0][1])
    begin = f"M{x},{y}"
    steps = []
    for px, py in points[1:]:
        dx, dy = round(px) - x, round(py) - y
        if dx or dy:
            steps.append(f"{dx},{dy}")
            x, y = x + dx, y + dy
    return f"{begin}l{' '.join(steps)}" if steps else begin
