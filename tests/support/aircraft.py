"""Aircraft records for tests: valid ones, of the smallest size."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine

from hangarstack.catalogue.importing import import_records
from hangarstack.catalogue.tables import metadata

DATA = Path(__file__).resolve().parents[2] / "data"

_RECORD: dict[str, Any] = {
    "id": "test-falcon",
    "name": "T-16 Test Falcon",
    "variant": "T-16A",
    "manufacturer": "Test Works",
    "country": "US",
    "category": "military",
    "role": "fighter",
    "status": "in-service",
    "first_flight": "1974-01-20",
    "dimensions": {"length_m": 15.0, "wingspan_m": 10.0, "height_m": 4.9},
    "weights": {"max_takeoff_kg": 19000},
    "performance": {"max_speed_kmh": 2100, "range_km": 3200},
    "powerplant": {"engines": 1, "type": "turbofan", "model": "TE-1"},
    "shape": {"wing": "tapered", "engine_position": "in-fuselage", "tail": "conventional"},
    "summary": "An aircraft that exists in tests alone, and that is described at the length that the schema asks for.",
    "history": [
        {"year": 1974, "event": "First flight of the prototype."},
        {"year": 1978, "event": "Enters service with the testers."},
    ],
    "sources": [{"title": "The tests", "publisher": "HangarStack", "accessed": "2026-11-22", "facts": ["identity"]}],
}


def record(aircraft_id: str = "test-falcon", **fields: Any) -> dict[str, Any]:
    """Return a valid record of that id; a field given as None is left out."""
    made = copy.deepcopy(_RECORD) | {"id": aircraft_id} | fields
    return {key: value for key, value in made.items() if value is not None}


def catalogue_engine(*records: dict[str, Any]) -> Engine:
    """Return an in-memory catalogue store that holds these records."""
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    import_records(engine, records)
    return engine
