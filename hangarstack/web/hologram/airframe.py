"""What a drawing needs to know of an aircraft."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Fuselage width as a share of the length, where the record does not tell it: read off three-view drawings.
_SLENDERNESS: Final = {
    "airliner": 0.098,
    "regional-airliner": 0.09,
    "business-jet": 0.105,
    "cargo": 0.115,
    "transport": 0.135,
    "tanker": 0.11,
    "surveillance": 0.1,
    "bomber": 0.08,
    "fighter": 0.105,
    "attack": 0.11,
    "glider": 0.08,
    "uav": 0.085,
    "amphibian": 0.13,
}
_SLENDERNESS_OF_SMALL: Final = 0.145
# Span squared over wing area, where the record does not tell the area.
_ASPECT: Final = {"fighter": 3.2, "attack": 4.5, "bomber": 7.0, "glider": 20.0, "uav": 14.0, "airliner": 9.4}
_ASPECT_OF_WING: Final = {"delta": 2.2, "flying-wing": 5.9, "variable": 6.0, "biplane": 6.5}
_ASPECT_OTHERWISE: Final = 8.0
# Span over rotor diameter of a tiltrotor, whose rotors just clear the fuselage.
_TILTROTOR_SPAN: Final = 1.2
# Length over rotor diameter from which on a helicopter's rotors fit into its length.
_SINGLE: Final = 1.05
_TANDEM: Final = 1.2

ROTARY: Final = frozenset({"rotor", "tandem-rotor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Airframe:
    """An aircraft's proportions, lengths in metres; a wing or rotor it does not have measures 0.

    ``span_known`` is false where the span is an estimate, which must not be shown as a figure.
    """

    length: float
    span: float
    span_known: bool
    rotor: float
    height: float
    wing_area: float
    role: str
    wing: str
    wing_position: str
    engine_position: str
    tail: str
    canards: bool
    engines: int
    engine_type: str
    thrust_kn: float
    power_kw: float

    @property
    def rotary(self) -> bool:
        """Whether a rotor carries it in every phase of flight."""
        return self.wing in ROTARY

    @property
    def overall(self) -> bool:
        """Whether a helicopter's length is measured over its turning rotors, rather than along its fuselage."""
        return self.rotary and self.length > (_TANDEM if self.wing == "tandem-rotor" else _SINGLE) * self.rotor

    @property
    def width(self) -> float:
        """Width of the fuselage in metres, estimated from what kind of aircraft it is."""
        if self.rotary:
            return max(1.1, 0.135 * max(self.rotor, 0.6 * self.length))
        width = self.length * _SLENDERNESS.get(self.role, _SLENDERNESS_OF_SMALL)
        return max(0.3, min(width, 0.55 * self.height))

    @property
    def mean_chord(self) -> float:
        """Mean depth of the wing in metres, from its area or from what such wings have."""
        if self.wing_area:
            return self.wing_area / self.span
        aspect = _ASPECT_OF_WING.get(self.wing, _ASPECT.get(self.role, _ASPECT_OTHERWISE))
        return self.span / aspect

    @property
    def propeller(self) -> float:
        """Diameter of one propeller in metres; 0 when it has none."""
        if self.engine_type not in {"piston", "turboprop", "electric"} or not self.engines:
            return 0.0
        power = self.power_kw or 150.0
        return min(1.9 * math.pow(power / 120.0, 0.25), 0.34 * (self.span or self.length))

    @property
    def nacelle(self) -> float:
        """Diameter of one engine nacelle in metres."""
        if self.propeller:
            return max(0.5, 0.27 * self.propeller)
        thrust = self.thrust_kn or 30.0
        return max(0.4, min(0.185 * math.sqrt(thrust), 0.95 * self.width, 0.3 * self.height))


def airframe(record: Mapping[str, Any]) -> Airframe:
    """Read an aircraft record (data/aircraft.schema.json) as an airframe.

    Args:
        record: a record that its schema accepts.
    """
    dimensions, engines, shape = record["dimensions"], record["powerplant"], record["shape"]
    rotor = float(dimensions.get("rotor_diameter_m", 0.0))
    span = float(dimensions.get("wingspan_m", 0.0)) if shape["wing"] not in ROTARY else 0.0
    return Airframe(
        length=float(dimensions["length_m"]),
        span=span or (_TILTROTOR_SPAN * rotor if shape["wing"] == "tiltrotor" else 0.0),
        span_known=span > 0,
        rotor=rotor,
        height=float(dimensions["height_m"]),
        wing_area=float(dimensions.get("wing_area_m2", 0.0)),
        role=str(record["role"]),
        wing=str(shape["wing"]),
        wing_position=str(shape.get("wing_position", "low")),
        engine_position=str(shape["engine_position"]),
        tail=str(shape["tail"]),
        canards=bool(shape.get("canards", False)),
        engines=int(engines["engines"]),
        engine_type=str(engines["type"]),
        thrust_kn=float(engines.get("thrust_kn", 0.0)),
        power_kw=float(engines.get("power_kw", 0.0)),
    )
