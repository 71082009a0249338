"""Figures with their units, metric and imperial side by side; the page shows one of the two."""

from __future__ import annotations

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
