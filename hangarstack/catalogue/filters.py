"""Filters over the catalogue: exact facets and numeric ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hangarstack.catalogue.model import Aircraft, value_at

FACETS: Final[Mapping[str, str]] = {
    "category": "category",
    "role": "role",
    "status": "status",
    "manufacturer": "manufacturer",
    "country": "country",
    "engine_type": "powerplant.type",
    "engines": "powerplant.engines",
    "wing": "shape.wing",
}
"""Name of an exact filter → dotted path in the record."""

RANGES: Final[Mapping[str, str]] = {
    "length_m": "dimensions.length_m",
    "wingspan_m": "dimensions.wingspan_m",
    "max_takeoff_kg": "weights.max_takeoff_kg",
    "max_speed_kmh": "performance.max_speed_kmh",
    "range_km": "performance.range_km",
    "service_ceiling_m": "performance.service_ceiling_m",
    "passengers": "passengers",
    "first_flight": "first_flight",
}
"""Name of a range filter → dotted path; ``first_flight`` compares years."""

SORTS: Final[Mapping[str, Callable[[Aircraft], tuple[float, str]]]] = {
    "name": lambda a: (0.0, a.name.casefold()),
    "newest": lambda a: (-float(a.first_flight_year), a.name),
    "oldest": lambda a: (float(a.first_flight_year), a.name),
    "fastest": lambda a: (-(a.number("performance.max_speed_kmh") or 0.0), a.name),
    "heaviest": lambda a: (-(a.number("weights.max_takeoff_kg") or 0.0), a.name),
    "longest": lambda a: (-(a.number("dimensions.length_m") or 0.0), a.name),
}
"""Name of an order → sort key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to keep: each facet must equal, each range must hold (bounds included, None: open).

    An aircraft without the figure is left out by a range on it.
    """

    facets: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)

    def keeps(self, aircraft: Aircraft) -> bool:
        """Tell whether the aircraft passes every filter."""
        return all(_facet(aircraft, name) == wanted for name, wanted in self.facets.items()) and all(
            _within(_figure(aircraft, name), low, high) for name, (low, high) in self.ranges.items()
        )

    def as_text(self) -> dict[str, str]:
        """Return the filters as an event carries them: ``{"category": "civil", "length_m": "10..40"}``."""
        ranges = {
            name: f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
            for name, (low, high) in self.ranges.items()
        }
        return {**self.facets, **ranges}


def facet_counts(aircraft: Iterable[Aircraft]) -> dict[str, dict[str, int]]:
    """Return facet → value → how many of these aircraft have it, most frequent first."""
    counters: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for one in aircraft:
        for name, counter in counters.items():
            value = _facet(one, name)
            if value is not None:
                counter[value] += 1
    return {name: dict(counter.most_common()) for name, counter in counters.items()}


def _facet(aircraft: Aircraft, name: str) -> str | None:
    value = value_at(aircraft.record, FACETS[name])
    return None if value is None else str(value)


def _figure(aircraft: Aircraft, name: str) -> float | None:
    return float(aircraft.first_flight_year) if name == "first_flight" else aircraft.number(RANGES[name])


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
