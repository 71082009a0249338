"""Fins and tailplanes."""

from __future__ import annotations

import math
from typing import Final

from hangarstack.web.hologram.airframe import Airframe
from hangarstack.web.hologram.fuselage import Layout, is_fast
from hangarstack.web.hologram.solids import Surface
from hangarstack.web.hologram.wings import pair

_THIN: Final = 0.07


def tail(a: Airframe, at: Layout) -> list[Surface]:
    """Return the fins and the tailplane that the record's ``tail`` names; a flying wing has none."""
    if a.wing == "flying-wing":
        return []
    if a.tail == "v-tail":
        return pair(_vee(a, at))
    half, height = _tailplane_half(a), _tailplane_height(a, at)
    if a.tail == "twin":
        outboard = 0.8 * at.width if is_fast(a) else 0.93 * half
        surfaces = pair(_fin(a, at, y=outboard, lean=0.12 if is_fast(a) else 0.0))
    else:
        surfaces = [_fin(a, at, y=0.0, lean=0.0)]
    # A tail named "none" is a fin alone: a delta, or a canard aircraft.
    return surfaces if a.tail == "none" or a.canards else surfaces + pair(_tailplane(a, half, height))


def _fin(a: Airframe, at: Layout, *, y: float, lean: float) -> Surface:
    base = at.centre + 0.25 * at.height
    tall = a.height - base
    root = max(0.09 * a.length, min(1.25 * tall, 0.26 * a.length))
    tip = (0.62 if a.tail == "t-tail" else 0.38) * root
    back = 0.985 * a.length
    sweep = math.tan(math.radians(20 if a.propeller else 40)) * tall
    front = back - root
    tip_front = min(front + sweep, a.length - tip)
    top = y + lean * tall
    return Surface(
        ribs=(((front, y, base), (back, y, base)), ((tip_front, top, a.height), (tip_front + tip, top, a.height))),
        thickness=_THIN * root,
    )


def _tailplane_half(a: Airframe) -> float:
    if a.wing == "delta":
        return 0.32 * a.span
    return (0.3 if is_fast(a) else 0.14 if a.role == "glider" else 0.19) * a.span


def _tailplane_height(a: Airframe, at: Layout) -> float:
    if a.tail == "t-tail":
        return a.height - 0.01 * a.length
    if a.tail == "cruciform":
        return 0.5 * (a.height + at.top)
    return at.centre + 0.2 * at.height


def _tailplane(a: Airframe, half: float, z: float) -> Surface:
    root = max(0.07 * a.length, min(0.75 * half, 0.15 * a.length))
    tip = 0.45 * root
    sweep = math.tan(math.radians(6 if a.propeller or a.role == "glider" else 36)) * half
    back = a.length if a.tail != "t-tail" else a.length - 0.02 * root
    front = min(back - root, back - tip - sweep)
    ribs = (((front, 0.0, z), (front + root, 0.0, z)), ((front + sweep, half, z), (front + sweep + tip, half, z)))
    return Surface(ribs=ribs, thickness=_THIN * root)


def _vee(a: Airframe, at: Layout) -> Surface:
    base = at.centre + 0.2 * at.height
    tall = a.height - base
    root = max(0.09 * a.length, min(1.1 * tall, 0.2 * a.length))
    back, out = 0.985 * a.length, 1.1 * tall
    ribs = (
        ((back - root, 0.1 * at.width, base), (back, 0.1 * at.width, base)),
        ((back - 0.5 * root, out, a.height), (a.length, out, a.height)),
    )
    return Surface(ribs=ribs, thickness=_THIN * root)
