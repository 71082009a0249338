from __future__ import annotations

from typing import Any

import pytest

from hangarstack.catalogue.model import Aircraft
from hangarstack.catalogue.records import RecordValidator
from hangarstack.web.form import Field, changes, groups, shown, typed
from tests.unit.web.fakes import DATA, records

FORM = groups(RecordValidator(DATA).schema)
FIELDS = {field.path: field for group in FORM for field in group.fields}
AIRCRAFT = Aircraft("boeing-737-800", 1, records(["boeing-737-800"])[0])


def edited(**values: str) -> dict[str, Any]:
    given = shown(FORM, AIRCRAFT) | {path.replace("__", "."): text for path, text in values.items()}
    return changes(FORM, typed(FORM, given), AIRCRAFT)


def test_every_field_of_the_record_but_lists_of_facts_can_be_edited() -> None:
    schema = RecordValidator(DATA).schema["properties"]
    paths = {
        f"{name}.{inner}" if described.get("type") == "object" else name
        for name, described in schema.items()
        for inner in described.get("properties", {"": None})
    }
    assert set(FIELDS) == paths - {"id", "history", "sources"}


def test_a_form_sent_as_it_was_shown_changes_nothing() -> None:
    assert edited() == {}


def test_only_what_was_changed_is_changed() -> None:
    assert edited(performance__range_km="5446", name="Boeing 737-800NG") == {
        "performance.range_km": 5446,
        "name": "Boeing 737-800NG",
    }


def test_an_emptied_field_is_removed() -> None:
    assert edited(icao="") == {"icao": None}


def test_a_list_is_parted_by_commas() -> None:
    assert edited(aliases="737NG, , Baby Boeing ")["aliases"] == ["737NG", "Baby Boeing"]


def test_a_flag_that_is_not_sent_is_off_and_one_that_is_sent_on() -> None:
    assert edited(shape__canards="on") == {"shape.canards": True}
    assert edited(shape__canards="") == {}


@pytest.mark.parametrize("text", ["35,8", "nan", "inf", "long", "0x10"])
def test_what_is_no_number_stays_text_so_that_the_schema_refuses_it(text: str) -> None:
    assert edited(dimensions__length_m=text) == {"dimensions.length_m": text}


def test_a_field_that_is_missing_from_the_form_stays_as_it_is() -> None:
    assert changes(FORM, typed(FORM, {"name": "Another"}), AIRCRAFT) == {"name": "Another"}


def test_a_field_knows_what_the_schema_says_of_it() -> None:
    length: Field = FIELDS["dimensions.length_m"]
    assert (length.label, length.unit, length.kind, length.required) == ("Length", "m", "number", True)
    assert length.bounds == "From 1 to 120."
    assert FIELDS["introduced"].bounds == "From 1903 to 2100."
    assert FIELDS["summary"].kind == "long"
    assert ("regional-airliner", "Regional airliner") in FIELDS["role"].choices


def test_what_is_typed_is_bounded() -> None:
    assert len(typed(FORM, {"summary": "x" * 100_000})["summary"]) == 2000
