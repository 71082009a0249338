"""The whole aircraft, put together and stretched until it measures what its record says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hangarstack.web.hologram.airframe import Airframe, airframe
from hangarstack.web.hologram.engines import engines
from hangarstack.web.hologram.fuselage import Layout, fuselage, layout
from hangarstack.web.hologram.rotors import helicopter
from hangarstack.web.hologram.solids import VIEWS, Body, Disc, Polygon, Polyline, Solid, Surface
from hangarstack.web.hologram.tails import tail
from hangarstack.web.hologram.wings import lift_centre, wings


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An aircraft as bricks in metres: nose at x = 0, wheels at z = 0."""

    frame: Airframe
    solids: tuple[Solid, ...]
    gear: tuple[Solid, ...]

    def outlines(self, view: str) -> list[Polygon]:
        """Return the closed outlines of every part that does not spin, in one of the views plan, side, front."""
        parts = self.solids if view == "plan" else self.gear + self.solids
        return [solid.outline(view) for solid in parts if not _spins(solid)]

    def discs(self, view: str) -> list[Polygon]:
        """Return the outlines of rotors and propellers in one of the views."""
        return [disc.outline(view) for disc in self.spinners()]

    def wires(self) -> list[Polyline]:
        """Return the lines of the wire frame, spinning parts left out."""
        return [line for solid in self.gear + self.solids if not _spins(solid) for line in solid.wire()]

    def spinners(self) -> list[Disc]:
        """Return rotors and propellers."""
        return [solid for solid in self.solids if isinstance(solid, Disc) and solid.blades]

    def extent(self, view: str) -> tuple[float, float, float, float]:
        """Return the least and greatest coordinate of a view: left, top, right, bottom in its own axes."""
        points = [point for outline in self.outlines(view) + self.discs(view) for point in outline]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)


def draw(record: Mapping[str, Any]) -> Drawing:
    """Draw the aircraft of a record that its schema accepts."""
    a = airframe(record)
    if a.rotary:
        return _to_measure(a, helicopter(a), [])
    at = layout(a)
    lift = wings(a, at)
    parts: list[Solid] = [*lift, *tail(a, at)]
    parts.insert(0, _blended(a, at) if a.wing == "flying-wing" else fuselage(a, at))
    parts += engines(a, at, lift[0])
    return _to_measure(a, parts, _gear(a, at))


def _blended(a: Airframe, at: Layout) -> Body:
    whole = fuselage(a, at)
    return whole.scaled(0.8, 1.0, 1.0)


def _gear(a: Airframe, at: Layout) -> list[Solid]:
    radius = min(0.42 * at.belly + 0.12, 0.03 * a.length + 0.1)
    main, apart = (lift_centre(a) + 0.05) * a.length, 0.5 * at.width + 0.04 * a.span
    if a.role == "glider":
        return [Disc(centre=(0.33 * a.length, 0.0, radius), radius=radius, axis=1)]
    spots = ((0.12 * a.length, 0.0, 0.75), (main, apart, 1.0), (main, -apart, 1.0))
    gear: list[Solid] = []
    for x, y, size in spots:
        wheel = radius * size
        gear.append(Disc(centre=(x, y, wheel), radius=wheel, axis=1))
        top = at.belly + 0.3 * at.height
        leg = ((x - 0.1 * wheel, y, wheel), (x + 0.1 * wheel, y, wheel))
        root = ((x - 0.2 * wheel, 0.9 * y, top), (x + 0.2 * wheel, 0.9 * y, top))
        gear.append(Surface(ribs=(leg, root), thickness=0.1 * wheel))
    return gear


def _to_measure(a: Airframe, parts: list[Solid], gear: list[Solid]) -> Drawing:
    """Stretch the parts by the few per cent that estimates are off."""
    long = _reach(parts if a.overall else _structure(parts), "plan", 0)
    wide = _reach(_structure(parts), "plan", 1)
    tall = _reach(parts if a.rotary else _structure(parts), "side", 1)
    x, z = a.length / long, a.height / tall
    y = a.span / (2 * wide) if a.span else 1.0
    return Drawing(
        frame=a,
        solids=tuple(solid.scaled(x, y, z) for solid in parts),
        gear=tuple(solid.scaled(x, y, 1.0) for solid in gear),
    )


def _structure(parts: Iterable[Solid]) -> list[Solid]:
    return [part for part in parts if not isinstance(part, Disc)]


def _reach(parts: Iterable[Solid], view: str, axis: int) -> float:
    return max(point[axis] for part in parts for point in part.outline(view))


def _spins(solid: Solid) -> bool:
    return isinstance(solid, Disc) and solid.blades > 0


__all__ = ["VIEWS", "Drawing", "draw"]
