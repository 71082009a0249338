from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hangarstack.catalogue.records import RecordValidator, load_records
from hangarstack.errors import CatalogueError, InvalidAircraftError
from tests.support.aircraft import DATA, record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "aircraft").mkdir()
    shutil.copy(DATA / "aircraft.schema.json", tmp_path)
    (tmp_path / "aircraft" / "test-falcon.json").write_text(json.dumps(record()))
    return tmp_path


def test_valid_records_are_loaded_in_order_of_id(data: Path) -> None:
    (data / "aircraft" / "another.json").write_text(json.dumps(record("another")))
    assert [r["id"] for r in load_records(data)] == ["another", "test-falcon"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{\n"id": }', r"test-falcon\.json:2: not JSON"),
        ("[]", "not a JSON object"),
        (json.dumps(record("other")), "Name the file after the id"),
        (json.dumps(record(name=None)), "name is required"),
        (" " * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_bad_file_is_refused_by_name(data: Path, content: str, complaint: str) -> None:
    (data / "aircraft" / "test-falcon.json").write_text(content)
    with pytest.raises(CatalogueError, match=complaint):
        load_records(data)


def test_bytes_that_are_no_text_are_refused_by_name(data: Path) -> None:
    (data / "aircraft" / "test-falcon.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(CatalogueError, match="not UTF-8"):
        load_records(data)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no aircraft record"):
        load_records(tmp_path)


def test_every_problem_is_told_by_its_field() -> None:
    broken = record(
        dimensions={"length_m": 500, "height_m": "tall", "wingspan_m": 1},
        country="usa",
        role="racer",
        aliases=["a", "a"],
    )
    problems = RecordValidator(DATA).problems(broken)
    assert problems["dimensions.length_m"] == "must be at most 120"
    assert problems["dimensions.height_m"] == "must be a number"
    assert problems["country"].startswith("does not fit: ISO 3166-1 alpha-2 code")
    assert problems["role"].startswith("must be one of airliner")
    assert problems["aliases"] == "must not have the same entry twice"


def test_a_country_that_does_not_exist_is_refused() -> None:
    assert set(RecordValidator(DATA).problems(record(country="ZZ"))) == {"country"}
    assert not RecordValidator(DATA).problems(record(country="SU"))


def test_an_aircraft_needs_wings_or_a_rotor() -> None:
    validator = RecordValidator(DATA)
    assert validator.problems(record(dimensions={"length_m": 5, "height_m": 2}))
    assert not validator.problems(record(dimensions={"length_m": 5, "height_m": 2, "rotor_diameter_m": 7}))


def test_a_broken_rule_is_an_error_that_carries_the_problems() -> None:
    with pytest.raises(InvalidAircraftError) as caught:
        RecordValidator(DATA).check(record(country="usa", status="lost"), where="test-falcon")
    assert set(caught.value.problems) == {"country", "status"}
    assert "; status must be one of" in caught.value.what
    assert caught.value.exit_code == 1
