"""The three building bricks of a hologram: lofted bodies, flat surfaces and discs.

Axes in metres: x from nose to tail, y to the right, z up from the ground. Each brick draws itself as a polygon
in the three views of a draughtsman and as a wire frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

Point = tuple[float, float, float]
Polygon = list[tuple[float, float]]
Polyline = list[Point]

VIEWS: Final = {"plan": (0, 1), "side": (0, 2), "front": (1, 2)}
"""The two axes that each view shows: from above, from the side, from ahead."""

_RING: Final = 14
_CIRCLE: Final = 36


class Solid(Protocol):
    """A brick of the drawing."""

    def outline(self, view: str) -> Polygon:
        """Return its closed outline in one of ``VIEWS``."""

    def wire(self) -> list[Polyline]:
        """Return the lines that show its shape in space."""

    def scaled(self, x: float, y: float, z: float) -> Solid:
        """Return it stretched along each axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One cross-section of a body: an ellipse at ``x`` around height ``z``."""

    x: float
    half_width: float
    half_height: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A fuselage, nacelle or boom: ellipses from nose to tail along the line ``y``."""

    stations: tuple[Station, ...]
    y: float = 0.0

    def outline(self, view: str) -> Polygon:
        """Return the profile from above or the side, or the largest section from ahead."""
        if view == "plan":
            upper = [(s.x, self.y + s.half_width) for s in self.stations]
            return upper + [(s.x, self.y - s.half_width) for s in reversed(self.stations)]
        if view == "side":
            upper = [(s.x, s.z + s.half_height) for s in self.stations]
            return upper + [(s.x, s.z - s.half_height) for s in reversed(self.stations)]
        largest = max(self.stations, key=lambda s: s.half_width * s.half_height)
        return [(y, z) for _, y, z in self._ring(largest, 24)]

    def wire(self) -> list[Polyline]:
        """Return a ring at each station and lines from nose to tail."""
        rings = [[*ring, ring[0]] for s in self._close_stations() for ring in (self._ring(s, _RING),)]
        along = []
        for step in range(0, _RING, 2):
            angle = 2 * math.pi * step / _RING
            along.append([self._at(s, angle) for s in self.stations])
        return rings + along

    def scaled(self, x: float, y: float, z: float) -> Body:
        """Return it stretched along each axis."""
        stations = tuple(
            Station(x=s.x * x, half_width=s.half_width * y, half_height=s.half_height * z, z=s.z * z)
            for s in self.stations
        )
        return Body(stations=stations, y=self.y * y)

    def _close_stations(self) -> list[Station]:
        """Return the stations and as many between them that rings lie about a diameter apart."""
        close = [self.stations[0]]
        for a, b in pairwise(self.stations):
            steps = max(1, min(4, round((b.x - a.x) / max(1.5 * (a.half_width + b.half_width), 0.05))))
            close += [_between(a, b, step / steps) for step in range(1, steps + 1)]
        return close

    def _ring(self, station: Station, steps: int) -> Polyline:
        return [self._at(station, 2 * math.pi * step / steps) for step in range(steps)]

    def _at(self, s: Station, angle: float) -> Point:
        return (s.x, self.y + s.half_width * math.cos(angle), s.z + s.half_height * math.sin(angle))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A wing, fin or tailplane: pairs of leading and trailing edge points from root to tip."""

    ribs: tuple[tuple[Point, Point], ...]
    thickness: float = 0.0

    def outline(self, view: str) -> Polygon:
        """Return the plan form; edge on it is as thick as the profile."""
        first, second = VIEWS[view]
        edge = [rib[0] for rib in self.ribs] + [rib[1] for rib in reversed(self.ribs)]
        flat = [(p[first], p[second]) for p in edge]
        if abs(_area(flat)) > self.thickness * _longest(flat):
            return flat
        across, up = (0.0, self.thickness / 2) if _spread(flat, 0) > _spread(flat, 1) else (self.thickness / 2, 0.0)
        return _hull([(p + sign * across, q + sign * up) for p, q in flat for sign in (-1, 1)])

    def wire(self) -> list[Polyline]:
        """Return both edges, the ribs and lines along the span between them."""
        ribs: list[Polyline] = []
        for (le0, te0), (le1, te1) in zip(self.ribs, self.ribs[1:], strict=False):
            steps = max(1, min(5, round(math.dist(le0, le1) / max(0.6 * math.dist(le0, te0), 0.1))))
            shares = [step / steps for step in range(steps)]
            ribs += [[_mix(le0, le1, share), _mix(te0, te1, share)] for share in shares]
        ribs.append([*self.ribs[-1]])
        along = [[_mix(le, te, share) for le, te in self.ribs] for share in (0.0, 0.3, 0.72, 1.0)]
        return ribs + along

    def scaled(self, x: float, y: float, z: float) -> Surface:
        """Return it stretched along each axis."""

        def stretch(p: Point) -> Point:
            return (p[0] * x, p[1] * y, p[2] * z)

        ribs = tuple((stretch(le), stretch(te)) for le, te in self.ribs)
        return Surface(ribs=ribs, thickness=self.thickness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A rotor, propeller or wheel: a circle square to ``axis`` (0 x, 1 y, 2 z) with its blades."""

    centre: Point
    radius: float
    axis: int
    blades: int = 0

    def outline(self, view: str) -> Polygon:
        """Return the circle, or a thin line when seen edge on."""
        first, second = VIEWS[view]
        if self.axis not in (first, second):
            return [(p[first], p[second]) for p in self._circle()]
        thin = max(0.04, 0.008 * self.radius)
        spread = [self.radius, self.radius]
        spread[(first, second).index(self.axis)] = thin
        x, y = self.centre[first], self.centre[second]
        return [
            (x - spread[0], y - spread[1]),
            (x + spread[0], y - spread[1]),
            (x + spread[0], y + spread[1]),
            (x - spread[0], y + spread[1]),
        ]

    def wire(self) -> list[Polyline]:
        """Return the circle and its blades."""
        circle = self._circle()
        blades = [[self.centre, self._at(0.3 + 2 * math.pi * n / self.blades)] for n in range(self.blades)]
        return [[*circle, circle[0]], *blades]

    def scaled(self, x: float, y: float, z: float) -> Disc:
        """Return it moved along each axis; a rotor stays round and as large as it is."""
        centre = (self.centre[0] * x, self.centre[1] * y, self.centre[2] * z)
        return Disc(centre=centre, radius=self.radius, axis=self.axis, blades=self.blades)

    def _circle(self) -> Polyline:
        return [self._at(2 * math.pi * step / _CIRCLE) for step in range(_CIRCLE)]

    def _at(self, angle: float) -> Point:
        across, up = self.radius * math.cos(angle), self.radius * math.sin(angle)
        x, y, z = self.centre
        if self.axis == 0:
            return (x, y + across, z + up)
        if self.axis == 1:
            return (x + across, y, z + up)
        return (x + across, y + up, z)


def _between(a: Station, b: Station, share: float) -> Station:
    return Station(
        x=a.x + (b.x - a.x) * share,
        half_width=a.half_width + (b.half_width - a.half_width) * share,
        half_height=a.half_height + (b.half_height - a.half_height) * share,
        z=a.z + (b.z - a.z) * share,
    )


def _mix(a: Point, b: Point, share: float) -> Point:
    return tuple(p + (q - p) * share for p, q in zip(a, b, strict=True))  # type: ignore[return-value] # three in, three out


def _area(polygon: Polygon) -> float:
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def _spread(polygon: Polygon, axis: int) -> float:
    values = [point[axis] for point in polygon]
    return max(values) - min(values)


def _longest(polygon: Polygon) -> float:
    return max(_spread(polygon, 0), _spread(polygon, 1))


def _hull(points: Polygon) -> Polygon:
    """Return the convex hull: an edge-on surface is convex enough to be drawn by it."""
    ordered = sorted(set(points))
    halves: list[Polygon] = []
    for run in (ordered, ordered[::-1]):
        half: Polygon = []
        for p in run:
            while len(half) >= 2 and _area([half[-2], half[-1], p]) <= 0:
                half.pop()
            half.append(p)
        halves.append(half[:-1])
    return halves[0] + halves[1]
