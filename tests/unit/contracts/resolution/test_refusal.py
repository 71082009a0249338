from __future__ import annotations

from typing import Any

from hangarstack.contracts.resolution.actions import Container, Fields
from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.resolution.resolver import renamed, resolve
from hangarstack.contracts.schema import parse_schema

Json = dict[str, Any]


def _record(name: str, **fields: object) -> Json:
    return {"type": "record", "name": name, "fields": [{"name": each, "type": type_} for each, type_ in fields.items()]}


def _why(writer: Json, reader: Json) -> str | None:
    written, read = parse_schema(writer), parse_schema(reader)
    action = resolve(renamed(written, read), read)
    return Refusals(action).of(action)


def test_a_record_of_which_a_field_can_never_be_read_is_refused() -> None:
    assert _why(_record("R", a="int", b="int"), _record("R", a="int", b="string")) == (
        "the writer wrote an int where a string is expected"
    )


def test_a_union_is_read_as_long_as_one_of_its_branches_can_be() -> None:
    reader = _record("R", a=["null", "string"])
    assert _why(_record("R", a=["null", "int"]), reader) is None
    assert _why(_record("R", a=["int", "boolean"]), reader) is not None


def test_what_an_array_holds_may_be_refused_for_it_may_be_empty() -> None:
    arrays = ({"type": "array", "items": items} for items in ("int", "string"))
    writer, reader = (_record("R", a=array) for array in arrays)
    written, read = parse_schema(writer), parse_schema(reader)
    action = resolve(renamed(written, read), read)
    refusals = Refusals(action)
    assert isinstance(action, Fields)
    assert refusals.of(action) is None
    assert isinstance(action.steps[0], Container)
    assert refusals.of(action.steps[0]) is None
    assert refusals.of(action.steps[0].element) is not None


def test_a_union_is_refused_when_all_branches_hold_one_record_that_is() -> None:
    def whole(kind: str) -> Json:
        return _record("W", u=[_record("A", k=kind), _record("B", a="A"), _record("C", a="A")])

    assert _why(whole("int"), whole("string")) == "the writer wrote an int where a string is expected"


def test_records_that_lead_to_each_other_are_read_unless_one_of_them_cannot_end() -> None:
    def whole(kind: str) -> Json:
        return _record("A", b=["null", _record("B", a=["null", "A"], k=kind)])

    assert _why(whole("int"), whole("string")) is None
    assert _why(whole("int"), whole("long")) is None
