"""Figures with their units, metric and imperial side by side; the page shows one of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

_FEET: Final = 0.3048
_INCHES_IN_FOOT: Final = 12
_POUNDS: Final = 0.45359237
_MILES: Final = 1.609344

# Unit of the record → the metric unit as printed, the imperial one, and how many of it make one.
_LINEAR: Final = {
    "m2": ("m²", "sq ft", 10.7639104),
    "kg": ("kg", "lb", 1 / _POUNDS),
    "kmh": ("km/h", "mph", 1 / _MILES),
    "km": ("km", "mi", 1 / _MILES),
    "altitude": ("m", "ft", 1 / _FEET),
    "ms": ("m/s", "ft/min", 60 / _FEET),
    "kn": ("kN", "lbf", 224.808943),
    "kw": ("kW", "hp", 1.34102209),
}

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Imperial:
    """A filter of a figure, as those who think in imperial units set it.

    Args:
        name: of the filter, as an address has it.
        unit: as printed.
        metric: how many of the record's unit one of it is.
    """

    name: str
    unit: str
    metric: float

    def shown(self, value: float) -> str:
        """Return a figure of the record, with no more digits than ``read`` needs to have it back."""
        exact = value / self.metric
        rounded = [float(f"{exact:.{digits}g}") for digits in range(1, _DIGITS + 2)]
        return f"{next((short for short in rounded if self.read(short) == value), rounded[-1]):.10g}"

    def read(self, value: float) -> float:
        """Return what was entered in the record's unit, as exact as anybody enters it."""
        return float(f"{value * self.metric:.{_DIGITS}g}")


IMPERIAL_RANGES: Final[Mapping[str, Imperial]] = {
    "length_m": Imperial(name="length_ft", unit="ft", metric=_FEET),
    "wingspan_m": Imperial(name="wingspan_ft", unit="ft", metric=_FEET),
    "max_takeoff_kg": Imperial(name="max_takeoff_lb", unit="lb", metric=_POUNDS),
    "max_speed_kmh": Imperial(name="max_speed_mph", unit="mph", metric=_MILES),
    "range_km": Imperial(name="range_mi", unit="mi", metric=_MILES),
    "service_ceiling_m": Imperial(name="service_ceiling_ft", unit="ft", metric=_FEET),
}
"""By the name of the filter in the record's unit; the others have no imperial one."""


def number(value: float) -> str:
    """Return a figure with at most three significant decimals dropped, thousands parted: ``79,016`` or ``39.47``."""
    text = f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def metric(value: float, unit: str) -> str:
    """Return a figure in the record's unit: ``m``, or a key of the units above."""
    return f"{number(value)} {'m' if unit == 'm' else _LINEAR[unit][0]}"


def imperial(value: float, unit: str) -> str:
    """Return the same figure in imperial units; a length in feet and inches."""
    if unit == "m":
        feet, inches = divmod(round(value / _FEET * _INCHES_IN_FOOT), _INCHES_IN_FOOT)
        return f"{feet:,} ft {inches} in"
    _, name, factor = _LINEAR[unit]
    return f"{value * factor:,.0f} {name}"


def both(value: float, unit: str) -> Markup:
    """Return the figure in both systems, as two elements of which the page hides one."""
    return Markup('<span class="metric">{}</span><span class="imperial">{}</span>').format(
        metric(value, unit), imperial(value, unit)
    )
