"""Helicopters: cabin, boom and rotors."""

from __future__ import annotations

from typing import Final

from hangarstack.web.hologram.airframe import Airframe
from hangarstack.web.hologram.solids import Body, Disc, Solid, Station, Surface
from hangarstack.web.hologram.wings import pair

_LARGE_ROTOR_M: Final = 12.0


def helicopter(a: Airframe) -> list[Solid]:
    """Return the parts of a helicopter; its record's length is the overall one when the rotor fits into it."""
    return _tandem(a) if a.wing == "tandem-rotor" else _single(a)


def _blades(a: Airframe) -> int:
    return 2 if a.rotor < 11 and a.engine_type == "piston" else 4 if a.rotor > _LARGE_ROTOR_M else 3


def _single(a: Airframe) -> list[Solid]:
    disc = a.rotor / 2
    hub = disc if a.overall else 0.36 * a.length
    nose = max(0.0, hub - 0.62 * disc) if a.overall else 0.0
    tail_disc = min(0.09 * a.rotor, 0.4 * a.height)
    fin = a.length - (tail_disc if a.tail in {"rotor", "fenestron"} else 0.0)
    mast = a.height if a.tail != "rotor" else 0.97 * a.height
    belly = 0.13 * a.height
    tall = min(0.62 * a.height, 1.15 * a.width)
    middle = belly + tall / 2
    shares = (
        (0.0, 0.16),
        (0.08, 0.62),
        (0.2, 0.92),
        (0.34, 1.0),
        (0.48, 0.96),
        (0.6, 0.62),
        (0.68, 0.3),
        (0.85, 0.2),
        (1.0, 0.12),
    )
    stations = []
    for share, thick in shares:
        boom = max(0.0, share - 0.45) / 0.55
        half = thick * tall / 2
        stations.append(
            Station(
                x=nose + share * (fin - nose),
                half_width=thick * a.width / 2,
                half_height=half,
                z=middle + boom * 0.18 * tall,
            )
        )
    parts: list[Solid] = [Body(stations=tuple(stations)), _mast(hub, belly + 0.9 * tall, mast, a)]
    parts.append(Disc(centre=(hub, 0.0, mast), radius=disc, axis=2, blades=_blades(a)))
    if a.tail in {"none", "conventional", "twin"} and a.rotor and a.engines:
        parts.append(Disc(centre=(hub, 0.0, mast - 0.1 * a.height), radius=disc, axis=2, blades=3))
    return parts + _tail(a, fin, middle + 0.18 * tall, tail_disc) + _skids(a, hub, belly)


def _tail(a: Airframe, x: float, z: float, disc: float) -> list[Solid]:
    low, high = z - 0.3 * disc, min(a.height, z + 1.5 * disc)
    fin = Surface(
        ribs=(
            ((x - 1.4 * disc, 0.0, low), (x - 0.2 * disc, 0.0, low)),
            ((x - 0.5 * disc, 0.0, high), (x + 0.1 * disc, 0.0, high)),
        ),
        thickness=0.08 * disc,
    )
    half, root = 0.16 * a.rotor, 0.06 * a.rotor
    plane = Surface(
        ribs=(
            ((x - 2.4 * disc, 0.0, z), (x - 2.4 * disc + root, 0.0, z)),
            ((x - 2.3 * disc, half, z), (x - 2.4 * disc + root, half, z)),
        ),
        thickness=0.08 * root,
    )
    parts: list[Solid] = [fin, *pair(plane)]
    if a.tail in {"rotor", "fenestron"}:
        radius = disc if a.tail == "rotor" else 0.7 * disc
        centre_z = min(
            max(high - 0.4 * disc if a.tail == "rotor" else z + 0.5 * disc, radius), 0.95 * a.height - radius
        )
        parts.append(
            Disc(centre=(x, 0.05 * a.width, centre_z), radius=radius, axis=1, blades=4 if a.tail == "rotor" else 9)
        )
    if a.tail == "twin":
        parts += pair(
            Surface(
                ribs=tuple(((le[0], half, le[2]), (te[0], half, te[2])) for le, te in fin.ribs), thickness=fin.thickness
            )
        )
    return parts


def _tandem(a: Airframe) -> list[Solid]:
    disc = a.rotor / 2
    fore, aft = (disc, a.length - disc) if a.overall else (0.12 * a.length, 0.9 * a.length)
    nose, end = (fore - 0.32 * disc, aft + 0.36 * disc) if a.overall else (0.0, a.length)
    belly = 0.12 * a.height
    tall = 0.5 * a.height
    width = 0.2 * a.rotor
    shares = ((0.0, 0.3), (0.05, 0.7), (0.12, 1.0), (0.5, 1.0), (0.85, 1.0), (0.95, 0.8), (1.0, 0.5))
    stations = tuple(
        Station(x=nose + s * (end - nose), half_width=t * width / 2, half_height=t * tall / 2, z=belly + tall / 2)
        for s, t in shares
    )
    low = 0.82 * a.height
    return [
        Body(stations=stations),
        _mast(fore, belly + 0.8 * tall, low, a),
        _mast(aft, belly + 0.8 * tall, a.height, a),
        Disc(centre=(fore, 0.0, low), radius=disc, axis=2, blades=3),
        Disc(centre=(aft, 0.0, a.height), radius=disc, axis=2, blades=3),
        *_wheels(nose + 0.22 * (end - nose), 0.42 * width, belly),
        *_wheels(nose + 0.75 * (end - nose), 0.42 * width, belly),
    ]


def _mast(x: float, low: float, high: float, a: Airframe) -> Surface:
    half = 0.045 * a.rotor
    return Surface(
        ribs=(((x - half, 0.0, low), (x + half, 0.0, low)), ((x - 0.4 * half, 0.0, high), (x + 0.4 * half, 0.0, high))),
        thickness=0.03 * a.rotor,
    )


def _skids(a: Airframe, hub: float, belly: float) -> list[Solid]:
    if a.rotor > _LARGE_ROTOR_M:
        return _wheels(hub - 0.1 * a.rotor, 0.4 * a.width, belly)
    long, apart = 0.16 * a.rotor, 0.48 * a.width
    rail = tuple(Station(x=hub + s * long, half_width=0.05, half_height=0.05, z=0.05) for s in (-1.0, 0.0, 0.8))
    parts: list[Solid] = []
    for y in (apart, -apart):
        parts.append(Body(stations=rail, y=y))
        for x in (hub - 0.5 * long, hub + 0.4 * long):
            foot, root = (x, y, 0.05), (x, 0.6 * y, 1.6 * belly)
            parts.append(Surface(ribs=((foot, foot), (root, root)), thickness=0.06))
    return parts


def _wheels(x: float, apart: float, belly: float) -> list[Solid]:
    radius = 0.6 * belly
    return [Disc(centre=(x, y, radius), radius=radius, axis=1) for y in (apart, -apart)]
