"""Wings and canards."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from hangarstack.web.hologram.airframe import Airframe
from hangarstack.web.hologram.fuselage import Layout, is_fast
from hangarstack.web.hologram.solids import Point, Surface

# Per rib: share of the half span, share of the root chord, sweep of the leading edge up to it in degrees.
_Plan = tuple[tuple[float, float, float], ...]
_PLANS: Final[dict[str, _Plan]] = {
    "straight": ((0.0, 1.0, 0), (0.55, 1.0, 0), (1.0, 0.82, 3)),
    "tapered": ((0.0, 1.0, 0), (0.12, 1.0, 2), (1.0, 0.45, 4)),
    "swept": ((0.0, 1.0, 0), (0.34, 0.58, 29), (1.0, 0.2, 29)),
    "fast swept": ((0.0, 1.0, 0), (1.0, 0.27, 42)),
    "fast tapered": ((0.0, 1.0, 0), (1.0, 0.24, 36)),
    "variable": ((0.0, 1.0, 0), (0.3, 0.52, 62), (1.0, 0.2, 24)),
    "forward-swept": ((0.0, 1.0, 0), (0.16, 0.72, 20), (1.0, 0.32, -24)),
    "biplane": ((0.0, 1.0, 0), (0.92, 1.0, 0), (1.0, 0.7, 12)),
    "tiltrotor": ((0.0, 1.0, 0), (1.0, 0.95, -5)),
}
_SLENDER: Final = 1.9
_DIHEDRAL: Final = {"low": 5.0, "mid": 0.0, "high": 0.6, "parasol": 1.0}


def wings(a: Airframe, at: Layout) -> list[Surface]:
    """Return every wing: one pair, two for a biplane, canards where it has them."""
    if a.wing == "flying-wing":
        return pair(_flying_wing(a, at))
    if a.wing == "delta":
        result = pair(_delta(a, at))
    else:
        result = pair(_panel(a, _PLANS[_plan_name(a)], at.wing_height(a.wing_position)))
    if a.wing == "biplane":
        upper = _panel(a, _PLANS["biplane"], at.top + 0.75 * at.height)
        result = [*pair(upper), *pair(_panel(a, _PLANS["biplane"], at.belly + 0.1 * at.height))]
    if a.canards:
        result += pair(_canard(a, at))
    return result


def pair(right: Surface) -> list[Surface]:
    """Return a surface and its mirror image on the left."""

    def mirror(p: Point) -> Point:
        return (p[0], -p[1], p[2])

    ribs = tuple((mirror(le), mirror(te)) for le, te in right.ribs)
    return [right, Surface(ribs=ribs, thickness=right.thickness)]


def lift_centre(a: Airframe) -> float:
    """Return where along the fuselage the wing carries, as a share of the length."""
    if a.canards:
        return 0.66
    if a.role == "glider":
        return 0.37
    if a.engine_position == "nose" and a.propeller:
        return 0.34
    if a.engine_position == "rear-fuselage":
        return 0.53
    if is_fast(a):
        return 0.58
    return 0.48 if a.engine_position != "pusher" else 0.5


def _plan_name(a: Airframe) -> str:
    return f"fast {a.wing}" if a.wing in {"swept", "tapered"} and is_fast(a) else a.wing


def _root_chord(a: Airframe, plan: Sequence[tuple[float, float, float]]) -> float:
    steps = itertools.pairwise(plan)
    mean = sum((one[1] + two[1]) / 2 * (two[0] - one[0]) for one, two in steps)
    wings_share = 0.5 if a.wing == "biplane" else 1.0
    return min(a.mean_chord * wings_share / mean, 0.62 * a.length)


def _panel(a: Airframe, plan: _Plan, height: float) -> Surface:
    half = a.span / 2
    root = _root_chord(a, plan)
    leading, offsets, before = 0.0, [], 0.0
    for share, _, sweep in plan:
        leading += math.tan(math.radians(sweep)) * (share - before) * half
        offsets.append(leading)
        before = share
    quarter = sum(o + 0.25 * c * root for o, (_, c, _) in zip(offsets, plan, strict=True)) / len(plan)
    furthest = max(o + c * root for o, (_, c, _) in zip(offsets, plan, strict=True))
    nose = min(lift_centre(a) * a.length - quarter, 0.97 * a.length - furthest)
    nose = max(nose, 0.04 * a.length - min(offsets))
    rise = math.tan(math.radians(_DIHEDRAL[a.wing_position]))
    ribs = []
    for (share, chord, _), offset in zip(plan, offsets, strict=True):
        y, z = share * half, height + rise * share * half
        ribs.append(((nose + offset, y, z), (nose + offset + chord * root, y, z)))
    return Surface(ribs=tuple(ribs), thickness=0.1 * a.mean_chord)


def _delta(a: Airframe, at: Layout) -> Surface:
    half = a.span / 2
    root = min(2 * a.mean_chord / 1.06, 0.78 * a.length)
    trailing = (0.9 if a.tail != "conventional" else 0.8) * a.length
    nose = max(trailing - root, 0.06 * a.length)
    tip = 0.06 * root
    z = at.wing_height(a.wing_position)
    # A long slender delta begins with a curved strake.
    strake = 0.3 * root if a.length > _SLENDER * a.span else 0.0
    ribs = (
        ((nose - strake, 0.0, z), (trailing, 0.0, z)),
        ((nose + 0.3 * root, 0.3 * half, z), (trailing, 0.3 * half, z)),
        ((trailing - tip - 0.03 * root, half, z), (trailing - 0.03 * root, half, z)),
    )
    return Surface(ribs=ribs, thickness=0.05 * a.mean_chord)


def _flying_wing(a: Airframe, at: Layout) -> Surface:
    half, length, z = a.span / 2, a.length, at.centre
    shares = (
        (0.0, 0.0, 1.0),
        (0.17, 0.14, 0.8),
        (0.34, 0.28, 0.98),
        (0.72, 0.6, 0.78),
        (0.97, 0.82, 0.99),
        (1.0, 0.86, 0.95),
    )
    ribs = tuple(((front * length, y * half, z), (back * length, y * half, z)) for y, front, back in shares)
    return Surface(ribs=ribs, thickness=0.08 * length)


def _canard(a: Airframe, at: Layout) -> Surface:
    half, chord = 0.2 * a.span, 0.1 * a.length
    x, z = 0.2 * a.length, at.centre + 0.2 * at.height
    ribs = (((x, 0.0, z), (x + chord, 0.0, z)), ((x + 0.8 * chord, half, z), (x + 1.15 * chord, half, z)))
    return Surface(ribs=ribs, thickness=0.05 * chord)
