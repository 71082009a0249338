"""Fuselages, and the heights that every other part hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.airframe import Airframe
from hangarstack.web.hologram.solids import Body, Station

# Share of the length, share of the width, and how far the section is lifted towards the top line (0 to 1).
_Profile = tuple[tuple[float, float, float], ...]
_TUBE: Final[_Profile] = (
    (0.0, 0.06, -0.25),
    (0.012, 0.34, -0.2),
    (0.035, 0.62, -0.1),
    (0.075, 0.88, 0.0),
    (0.12, 1.0, 0.0),
    (0.3, 1.0, 0.0),
    (0.48, 1.0, 0.0),
    (0.66, 1.0, 0.0),
    (0.76, 0.88, 0.7),
    (0.86, 0.62, 0.9),
    (0.94, 0.34, 0.9),
    (1.0, 0.08, 0.85),
)
_DART: Final[_Profile] = (
    (0.0, 0.02, -0.1),
    (0.07, 0.26, -0.1),
    (0.15, 0.5, 0.0),
    (0.24, 0.72, 0.1),
    (0.36, 0.94, 0.0),
    (0.5, 1.0, 0.0),
    (0.66, 1.0, 0.0),
    (0.82, 0.9, 0.1),
    (0.93, 0.72, 0.15),
    (1.0, 0.5, 0.15),
)
_NOSE_ENGINE: Final[_Profile] = (
    (0.0, 0.14, 0.0),
    (0.03, 0.52, 0.0),
    (0.09, 0.72, 0.0),
    (0.2, 0.86, 0.05),
    (0.3, 1.0, 0.0),
    (0.42, 1.0, 0.0),
    (0.55, 0.78, 0.4),
    (0.75, 0.44, 0.5),
    (0.9, 0.24, 0.5),
    (1.0, 0.1, 0.5),
)
_POD_AND_BOOM: Final[_Profile] = (
    (0.0, 0.1, -0.2),
    (0.04, 0.5, -0.1),
    (0.12, 0.9, 0.0),
    (0.22, 1.0, 0.0),
    (0.34, 0.86, 0.1),
    (0.46, 0.48, 0.4),
    (0.6, 0.28, 0.6),
    (0.85, 0.2, 0.6),
    (1.0, 0.14, 0.6),
)
_JETS: Final = frozenset({"turbofan", "turbojet", "rocket"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Heights above the ground and widths in metres that the parts agree on."""

    belly: float
    width: float
    height: float

    @property
    def centre(self) -> float:
        """Height of the fuselage's axis."""
        return self.belly + self.height / 2

    @property
    def top(self) -> float:
        """Height of the fuselage's back."""
        return self.belly + self.height

    def wing_height(self, position: str) -> float:
        """Return the height of a wing that meets the fuselage low, mid, high or above it."""
        share = {"low": 0.16, "mid": 0.5, "high": 0.93, "parasol": 1.3}[position]
        return self.belly + share * self.height


def layout(a: Airframe) -> Layout:
    """Decide how high the fuselage stands, leaving room for the fin above and the engines below."""
    width = a.width
    height = min(1.06 * width, 0.6 * a.height)
    clearance = 0.36 * width
    if a.engine_position == "under-wing" and a.wing_position == "low":
        clearance = max(clearance, 0.95 * a.nacelle + 0.35 - 0.16 * height)
    return Layout(belly=max(0.06 * a.height, min(clearance, 0.78 * a.height - height)), width=width, height=height)


def fuselage(a: Airframe, at: Layout) -> Body:
    """Return the fuselage of a fixed-wing aircraft, as long as the record says."""
    profile = _profile(a)
    # Two engines side by side make a fighter's body wider than it is tall.
    broad = 1.35 if a.engine_position == "in-fuselage" and a.engines >= 2 else 1.0
    stations = []
    for share, thick, lift in profile:
        half = thick * at.height / 2
        stations.append(
            Station(
                x=share * a.length,
                half_width=max(0.02, thick * broad * at.width / 2),
                half_height=max(0.02, half),
                z=at.centre + lift * (at.height / 2 - half),
            )
        )
    return Body(stations=tuple(stations))


def is_fast(a: Airframe) -> bool:
    """Whether it looks like a fighter: jets inside a pointed body, or a supersonic delta."""
    return a.engine_type in _JETS and (a.engine_position == "in-fuselage" or a.wing == "delta")


def _profile(a: Airframe) -> _Profile:
    if is_fast(a):
        return _DART
    if a.engine_position == "nose" and a.propeller:
        return _NOSE_ENGINE
    if a.role in {"glider", "uav"}:
        return _POD_AND_BOOM
    return _TUBE
