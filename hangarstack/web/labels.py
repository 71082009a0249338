"""The words that readers see for the values of a record."""

from __future__ import annotations

from typing import Final

from hangarstack.web.countries import COUNTRIES
from hangarstack.web.units import IMPERIAL_RANGES

CATEGORIES: Final = {
    "civil": "Civil",
    "military": "Military",
    "rotary": "Rotary wing",
    "general-aviation": "General aviation",
}
STATUSES: Final = {
    "in-production": "In production",
    "in-service": "In service",
    "retired": "Retired",
    "prototype": "Prototype",
}
_WORDS: Final = {
    "uav": "Uncrewed (UAV)",
    "t-tail": "T-tail",
    "v-tail": "V-tail",
    "icao": "ICAO designator",
    "nato_name": "NATO reporting name",
    "max_takeoff": "Maximum take-off",
    "max_landing": "Maximum landing",
    "max_speed": "Maximum speed",
}
FACETS: Final = {
    "category": "Category",
    "role": "Role",
    "status": "Status",
    "manufacturer": "Manufacturer",
    "country": "Country",
    "engine_type": "Engine type",
    "engines": "Number of engines",
    "wing": "Wing",
}
RANGES: Final = {
    "first_flight": ("First flight", "year"),
    "wingspan_m": ("Wingspan", "m"),
    "length_m": ("Length", "m"),
    "max_takeoff_kg": ("Take-off weight", "kg"),
    "max_speed_kmh": ("Top speed", "km/h"),
    "range_km": ("Range", "km"),
    "service_ceiling_m": ("Ceiling", "m"),
    "passengers": ("Passengers", "seats"),
}
SORTS: Final = {
    "name": "Name",
    "newest": "Newest first",
    "oldest": "Oldest first",
    "fastest": "Fastest",
    "heaviest": "Heaviest",
    "longest": "Longest",
}
PAGES: Final = {
    "": "Arrival",
    "/": "Catalogue",
    "/aircraft/<id>": "Aircraft",
    "/aircraft/<id>/edit": "Editing",
    "/compare": "Compare",
    "/analytics": "Analytics",
    "/contracts": "Contracts",
    "/contracts/<name>": "A contract",
}


def country(code: str) -> str:
    """Return the country's name, or the code where it has none here."""
    return COUNTRIES.get(code, code)


def words(value: str) -> str:
    """Return an enum's value as words: ``rear-fuselage`` is ``Rear fuselage``."""
    return _WORDS.get(value, value.replace("-", " ").replace("_", " ").capitalize())


def parameter(name: str) -> str:
    """Return what a parameter of the catalogue's address is called: ``length_m_min`` is ``Length, from``."""
    if name == "q":
        return "The text to search"
    for suffix, meaning in (("_min", "from"), ("_max", "to")):
        stem = name.removesuffix(suffix)
        if stem != name:
            return f"{_range(stem)}, {meaning},"
    return FACETS.get(name, words(name))


def _range(name: str) -> str:
    metric = next((key for key, imperial in IMPERIAL_RANGES.items() if imperial.name == name), name)
    return RANGES[metric][0]


def facet_value(name: str, value: str) -> str:
    """Return how a value of a filter is shown."""
    if name == "country":
        return country(value)
    if name in {"manufacturer", "engines"}:
        return value
    return {"category": CATEGORIES, "status": STATUSES}.get(name, {}).get(value, words(value))


def page(template: str) -> str:
    """Return a page's name by its template."""
    return PAGES.get(template, template)
