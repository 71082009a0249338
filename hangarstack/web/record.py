"""An aircraft's record as the sections of its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from hangarstack.catalogue.model import Aircraft, value_at
from hangarstack.web import labels
from hangarstack.web.units import both

# Per section: what it is called, and its rows as label, path in the record, unit ("" for plain, "words" for enums).
_Row = tuple[str, str, str]
_SECTIONS: Final[tuple[tuple[str, str, tuple[_Row, ...]], ...]] = (
    (
        "Dimensions",
        "dimensions",
        (
            ("Length", "dimensions.length_m", "m"),
            ("Wingspan", "dimensions.wingspan_m", "m"),
            ("Rotor diameter", "dimensions.rotor_diameter_m", "m"),
            ("Height", "dimensions.height_m", "m"),
            ("Wing area", "dimensions.wing_area_m2", "m2"),
        ),
    ),
    (
        "Weights",
        "weights",
        (
            ("Empty", "weights.empty_kg", "kg"),
            ("Maximum take-off", "weights.max_takeoff_kg", "kg"),
            ("Maximum landing", "weights.max_landing_kg", "kg"),
            ("Fuel", "weights.fuel_kg", "kg"),
            ("Payload", "weights.payload_kg", "kg"),
        ),
    ),
    (
        "Performance",
        "performance",
        (
            ("Top speed", "performance.max_speed_kmh", "kmh"),
            ("Cruise speed", "performance.cruise_speed_kmh", "kmh"),
            ("Range", "performance.range_km", "km"),
            ("Service ceiling", "performance.service_ceiling_m", "altitude"),
            ("Rate of climb", "performance.climb_ms", "ms"),
        ),
    ),
    (
        "Powerplant",
        "powerplant",
        (
            ("Engines", "powerplant.engines", ""),
            ("Type", "powerplant.type", "words"),
            ("Model", "powerplant.model", ""),
            ("Thrust each", "powerplant.thrust_kn", "kn"),
            ("Power each", "powerplant.power_kw", "kw"),
        ),
    ),
    (
        "Configuration",
        "identity",
        (
            ("Wing", "shape.wing", "words"),
            ("Engine position", "shape.engine_position", "words"),
            ("Tail", "shape.tail", "words"),
            ("Crew", "crew", ""),
            ("Passengers", "passengers", ""),
            ("Built", "built", ""),
            ("Entered service", "introduced", "year"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table of the page: its rows, and the numbers of the sources that they come from."""

    title: str
    rows: tuple[tuple[str, Markup], ...]
    sources: tuple[int, ...]


def sections(aircraft: Aircraft) -> tuple[Section, ...]:
    """Return the sections that the record has any figure for."""
    found = []
    for title, facts, rows in _SECTIONS:
        shown = tuple((label, text) for label, path, unit in rows if (text := figure(aircraft, path, unit)) is not None)
        if shown:
            found.append(Section(title=title, rows=shown, sources=_sources(aircraft, facts)))
    return tuple(found)


def figure(aircraft: Aircraft, path: str, unit: str) -> Markup | None:
    """Return one value of the record as the page shows it, None where it has none."""
    value = value_at(aircraft.record, path)
    if value is None:
        return None
    if unit == "words":
        return escape(labels.words(str(value)))
    if unit in {"", "year"} or isinstance(value, str):
        return escape(f"{value:,}" if isinstance(value, int) and not unit else str(value))
    return both(float(value), unit)


COMPARED: Final[tuple[tuple[str, str, str], ...]] = tuple(
    row for _, facts, rows in _SECTIONS if facts != "identity" for row in rows
)
"""Label, path and unit of what two aircraft are compared by."""


def _sources(aircraft: Aircraft, facts: str) -> tuple[int, ...]:
    return tuple(
        number for number, source in enumerate(aircraft.record["sources"], start=1) if facts in source["facts"]
    )
