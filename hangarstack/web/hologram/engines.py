"""Nacelles, nozzles, propellers and the rotors of a tiltrotor."""

from __future__ import annotations

from typing import Final

from hangarstack.web.hologram.airframe import Airframe
from hangarstack.web.hologram.fuselage import Layout
from hangarstack.web.hologram.solids import Body, Disc, Solid, Station, Surface

_OUTWARD: Final = {1: (0.34,), 2: (0.32, 0.6), 3: (0.24, 0.42, 0.6), 4: (0.2, 0.36, 0.52, 0.68)}
_BESIDE_FUSELAGE: Final = 0.98
_BLADES_OF_BIG: Final = 6
_BIG_PROPELLER_M: Final = 3.2


def engines(a: Airframe, at: Layout, wing: Surface | None) -> list[Solid]:
    """Return the engines where the record puts them.

    Args:
        a: the aircraft.
        at: its heights.
        wing: the right wing, that engines may hang on; None for a helicopter.
    """
    if not a.engines or a.engine_type == "none":
        return []
    place = a.engine_position
    if place in {"under-wing", "on-wing", "over-wing"} and wing is not None:
        return _on_wing(a, at, wing)
    if place == "wing-tip" and wing is not None:
        return _at_tips(a, wing)
    if place == "rear-fuselage":
        return _at_rear(a, at)
    if place == "in-fuselage":
        return _nozzles(a, at)
    if place == "nose":
        return _propeller(a, -0.005 * a.length, 0.0, at.centre)
    if place == "pusher":
        return _propeller(a, 1.0 * a.length, 0.0, at.centre + 0.3 * at.height)
    if place == "above-fuselage":
        return _above(a, at)
    return []


def _on_wing(a: Airframe, at: Layout, wing: Surface) -> list[Solid]:
    result: list[Solid] = []
    sides, odd = divmod(a.engines, 2)
    drop = {"under-wing": -0.6, "on-wing": 0.0, "over-wing": 0.75}[a.engine_position] * a.nacelle
    if a.propeller:
        drop *= 0.4
    long = (2.6 if a.propeller else 1.75) * a.nacelle
    for share in _OUTWARD[min(max(sides, 1), 4)] if sides else ():
        front, back, height = _rib(wing, share)
        x = front - (0.55 if a.propeller else 0.6 if drop < 0 else -0.25) * long
        y = share * max(rib[0][1] for rib in wing.ribs)
        for side in (y, -y):
            result.append(_nacelle(a, x, min(long, back - x + 0.2 * long), side, height + drop))
            result += _propeller(a, x, side, height + drop)
    if odd and a.propeller:
        result += _propeller(a, 0.0, 0.0, at.centre)
    elif odd:
        result.append(_nacelle(a, 0.82 * a.length, 0.17 * a.length, 0.0, at.top + 0.3 * a.nacelle))
    return result


def _at_tips(a: Airframe, wing: Surface) -> list[Solid]:
    front, back, height = _rib(wing, 1.0)
    y = max(rib[0][1] for rib in wing.ribs)
    result: list[Solid] = []
    for side in (y, -y):
        result.append(_nacelle(a, front - 0.2 * (back - front), 1.4 * (back - front), side, height))
        if a.rotor:
            result.append(Disc(centre=(front, side, height + 1.2 * a.nacelle), radius=a.rotor / 2, axis=2, blades=3))
    return result


def _at_rear(a: Airframe, at: Layout) -> list[Solid]:
    result: list[Solid] = []
    sides, odd = divmod(a.engines, 2)
    long = 2.4 * a.nacelle
    x = min(0.7 * a.length, 0.93 * a.length - long)
    for number in range(sides):
        y = _BESIDE_FUSELAGE * (at.width + a.nacelle) / 2 + number * 1.02 * a.nacelle
        result += [_nacelle(a, x, long, side, at.centre + 0.25 * at.height) for side in (y, -y)]
    if odd:
        result.append(_nacelle(a, 0.8 * a.length, 0.19 * a.length, 0.0, at.top))
    return result


def _nozzles(a: Airframe, at: Layout) -> list[Solid]:
    apart = 0.36 * at.width if a.engines >= 2 else 0.0
    radius = 0.3 * at.width if a.engines >= 2 else 0.36 * at.width
    result: list[Solid] = []
    for side in (apart, -apart) if apart else (0.0,):
        stations = tuple(
            Station(x=x * a.length, half_width=s * radius, half_height=s * radius, z=at.centre)
            for x, s in ((0.84, 1.0), (0.94, 1.0), (1.0, 0.78))
        )
        result.append(Body(stations=stations, y=side))
        intake = tuple(
            Station(x=x * a.length, half_width=s * radius, half_height=1.2 * s * radius, z=at.centre)
            for x, s in ((0.3, 0.62), (0.36, 0.85), (0.5, 0.9), (0.62, 0.7))
        )
        result.append(Body(stations=intake, y=1.35 * side if apart else 0.5 * at.width))
        if not apart:
            result.append(Body(stations=intake, y=-0.5 * at.width))
    return result


def _above(a: Airframe, at: Layout) -> list[Solid]:
    apart = (0.0,) if a.engines == 1 else (0.75 * a.nacelle, -0.75 * a.nacelle)
    result: list[Solid] = []
    for y in apart:
        result.append(_nacelle(a, 0.5 * a.length, 0.22 * a.length, y, at.top + 0.3 * a.nacelle))
        result += _propeller(a, 0.5 * a.length, y, at.top + 0.3 * a.nacelle)
    return result


def _rib(wing: Surface, share: float) -> tuple[float, float, float]:
    """Return the leading edge, trailing edge and height of the wing at a share of its half span."""
    y = share * max(rib[0][1] for rib in wing.ribs)
    for (le0, te0), (le1, te1) in zip(wing.ribs, wing.ribs[1:], strict=False):
        if le0[1] <= y <= le1[1] + 1e-9 and le1[1] > le0[1]:
            t = (y - le0[1]) / (le1[1] - le0[1])
            return le0[0] + t * (le1[0] - le0[0]), te0[0] + t * (te1[0] - te0[0]), le0[2] + t * (le1[2] - le0[2])
    last = wing.ribs[-1]
    return last[0][0], last[1][0], last[0][2]


def _nacelle(a: Airframe, x: float, long: float, y: float, z: float) -> Body:
    radius = a.nacelle / 2
    shape = ((0.0, 0.82), (0.1, 1.0), (0.5, 0.98), (0.8, 0.74), (1.0, 0.45))
    if a.propeller:
        shape = ((0.0, 0.3), (0.12, 0.8), (0.4, 1.0), (0.75, 0.7), (1.0, 0.2))
    stations = tuple(Station(x=x + s * long, half_width=t * radius, half_height=t * radius, z=z) for s, t in shape)
    return Body(stations=stations, y=y)


def _propeller(a: Airframe, x: float, y: float, z: float) -> list[Solid]:
    if not a.propeller:
        return []
    blades = _BLADES_OF_BIG if a.propeller > _BIG_PROPELLER_M else 3
    radius = min(a.propeller / 2, 0.92 * z)
    return [Disc(centre=(x, y, z), radius=radius, axis=0, blades=blades)]
