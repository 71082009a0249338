"""Outlines and wire frames as the path data of SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Pairs = Iterable[tuple[float, float]]


def closed(outlines: Iterable[Pairs], *, scale: float, left: float = 0.0, top: float = 0.0, up: bool = False) -> str:
    """Return closed outlines as path data in whole units.

    Args:
        outlines: polygons in metres.
        scale: units of the drawing to a metre.
        left: where the metre 0 of the first axis lies, in units.
        top: the same of the second axis.
        up: whether the second axis points up, as heights do; SVG's points down.
    """
    sign = -scale if up else scale
    return "".join(_run([(left + x * scale, top + y * sign) for x, y in outline]) + "z" for outline in outlines)


def lines(polylines: Iterable[Sequence[tuple[float, float]]]) -> str:
    """Return open lines, already in units of the drawing, as path data."""
    return "".join(_run(line) for line in polylines)


def _run(points: Sequence[tuple[float, float]]) -> str:
    """Return ``Mx,yl…`` with whole relative steps, which are short; repeated points are left out."""
    x, y = round(points[0][0]), round(points[0][1])
    steps = []
    for px, py in points[1:]:
        dx, dy = round(px) - x, round(py) - y
        if dx or dy:
            steps.append(f"{dx} {dy}" if dy < 0 else f"{dx},{dy}")
            x, y = x + dx, y + dy
    return f"M{round(points[0][0])},{round(points[0][1])}l" + " ".join(steps)
