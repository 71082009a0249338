from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.catalogue.filters import Filters
from hangarstack.catalogue.importing import export_records, import_records
from hangarstack.catalogue.records import RecordValidator, read_json
from hangarstack.catalogue.repository import Catalogue
from hangarstack.errors import AircraftNotFoundError, CatalogueError, EditConflictError, InvalidAircraftError
from tests.support.aircraft import DATA, catalogue_engine, record

_VALIDATOR = RecordValidator(DATA)


def _catalogue(*records: dict[str, object]) -> Catalogue:
    return Catalogue(catalogue_engine(*(records or (record(),))), _VALIDATOR)


def test_an_unknown_id_is_an_error_of_its_own() -> None:
    with pytest.raises(AircraftNotFoundError, match="nowhere"):
        _catalogue().get("nowhere")


def test_an_edit_raises_the_version_and_tells_each_changed_field() -> None:
    engine = catalogue_engine(record())
    catalogue = Catalogue(engine, _VALIDATOR)
    with engine.begin() as tx:
        change = catalogue.update(
            tx,
            "test-falcon",
            {"performance.range_km": 3300, "name": "T-16 Test Falcon", "built": 7},
            expected_version=1,
        )
    assert [(f.path, f.before, f.after) for f in change.fields] == [
        ("built", None, 7),
        ("performance.range_km", 3200, 3300),
    ]
    catalogue.refresh(["test-falcon"])
    assert (catalogue.get("test-falcon").version, catalogue.get("test-falcon").number("built")) == (2, 7.0)


def test_an_edit_that_changes_nothing_keeps_the_version() -> None:
    engine = catalogue_engine(record())
    with engine.begin() as tx:
        change = Catalogue(engine, _VALIDATOR).update(tx, "test-falcon", {"country": "US"}, expected_version=1)
    assert (change.fields, change.aircraft.version) == ((), 1)


def test_an_edit_may_remove_an_optional_field() -> None:
    engine = catalogue_engine(record(built=5))
    with engine.begin() as tx:
        change = Catalogue(engine, _VALIDATOR).update(tx, "test-falcon", {"built": None}, expected_version=1)
    assert "built" not in change.aircraft.record


def test_an_edit_that_the_schema_refuses_writes_nothing() -> None:
    engine = catalogue_engine(record())
    catalogue = Catalogue(engine, _VALIDATOR)
    with pytest.raises(InvalidAircraftError) as caught, engine.begin() as tx:
        catalogue.update(tx, "test-falcon", {"weights.max_takeoff_kg": -1}, expected_version=1)
    assert set(caught.value.problems) == {"weights.max_takeoff_kg"}
    catalogue.refresh()
    assert catalogue.get("test-falcon").version == 1


def test_an_edit_of_an_older_version_is_a_conflict() -> None:
    engine = catalogue_engine(record())
    catalogue = Catalogue(engine, _VALIDATOR)
    with engine.begin() as tx:
        catalogue.update(tx, "test-falcon", {"built": 1}, expected_version=1)
    with pytest.raises(EditConflictError, match="at version 2"), engine.begin() as tx:
        catalogue.update(tx, "test-falcon", {"built": 2}, expected_version=1)


def test_filters_and_ranges_narrow_the_result_and_its_facets() -> None:
    catalogue = _catalogue(
        record("a", name="Alpha", category="civil", dimensions={"length_m": 30, "wingspan_m": 30, "height_m": 9}),
        record("b", name="Beta", category="civil"),
        record("c", name="Gamma"),
    )
    result = catalogue.search("", Filters(facets={"category": "civil"}, ranges={"length_m": (20, None)}))
    assert [a.id for a in result.aircraft] == ["a"]
    assert result.facets["category"] == {"civil": 1}
    assert catalogue.search("", Filters()).total == 3


def test_an_aircraft_without_the_figure_is_left_out_by_a_range() -> None:
    assert _catalogue(record(passengers=None)).search("", Filters(ranges={"passengers": (None, 10)})).total == 0


def test_orders_put_the_fastest_first() -> None:
    slow, fast = record("s", performance={"max_speed_kmh": 100}), record("f", performance={"max_speed_kmh": 900})
    result = _catalogue(slow, fast).search("", Filters(), sort="fastest")
    assert [a.id for a in result.aircraft] == ["f", "s"]


def test_similar_aircraft_share_the_role_and_are_near_in_weight() -> None:
    catalogue = _catalogue(
        record("me"),
        record("near", weights={"max_takeoff_kg": 20000}),
        record("far", weights={"max_takeoff_kg": 90000}),
        record("other-role", role="trainer"),
    )
    assert [a.id for a in catalogue.similar(catalogue.get("me"))] == ["near", "far", "other-role"]


def test_filters_travel_in_an_event_as_text() -> None:
    filters = Filters(facets={"category": "civil"}, ranges={"length_m": (10, None)})
    assert filters.as_text() == {"category": "civil", "length_m": "10.."}


def test_an_import_is_idempotent_and_keeps_edited_records() -> None:
    engine = catalogue_engine(record())
    assert import_records(engine, [record()]).unchanged == 1
    assert import_records(engine, [record(built=3)]).renewed == 1
    with engine.begin() as tx:
        Catalogue(engine, _VALIDATOR).update(tx, "test-falcon", {"built": 4}, expected_version=1)
    assert import_records(engine, [record(built=9)]).kept == 1


def test_an_export_to_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match="cannot be written"):
        export_records(catalogue_engine(record()), tmp_path / "file" / "out")


def test_what_is_exported_can_be_imported_again(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    assert export_records(catalogue_engine(record(), record("b")), directory) == 2
    assert read_json(directory / "b.json") == record("b")
