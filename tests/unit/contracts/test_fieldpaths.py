from __future__ import annotations

import time
from typing import Any

import pytest

from hangarstack.contracts.fieldpaths import fields_by_path, fields_once, fields_shown, records_in
from hangarstack.contracts.pii import pii_fields
from hangarstack.contracts.schema import Record, parse_schema
from hangarstack.errors import SchemaTooLargeError

Json = dict[str, Any]

TAGGED: Json = {"confluent:tags": ["PII"]}
STREET: Json = {"name": "street", "type": "string", **TAGGED}
ADDRESS: Json = {"type": "record", "name": "a.Addr", "fields": [STREET]}
TWO_ADDRESSES: list[Json] = [{"name": "bill", "type": ADDRESS}, {"name": "ship", "type": ["null", "a.Addr"]}]


def _record(*fields: Json) -> Record:
    found = parse_schema({"type": "record", "name": "R", "fields": list(fields)})
    assert isinstance(found, Record)
    return found


def doubling(depth: int) -> list[Json]:
    """Return the fields of a record that stands for two to the power of so many paths."""
    type_: object = {"type": "record", "name": "L0", "fields": [STREET]}
    for level in range(1, depth):
        fields = [{"name": "left", "type": type_}, {"name": "right", "type": f"L{level - 1}"}]
        type_ = {"type": "record", "name": f"L{level}", "fields": fields}
    return [{"name": "top", "type": type_}]


def _recursive(kinds: int) -> list[Json]:
    """Return the fields of a record with an expression: so many kinds of node, each with two operands of any kind."""
    names = [f"K{number}" for number in range(kinds)]
    node: object = None
    for index in reversed(range(kinds)):
        operands: list[object] = ["null", *names]
        if node is not None:
            operands[index + 2] = node
        fields = [{"name": f"l{index}", "type": operands}, {"name": f"r{index}", "type": ["null", *names]}]
        node = {"type": "record", "name": names[index], "fields": fields}
    return [{"name": "node", "type": node}]


def test_a_record_that_is_used_twice_has_its_fields_at_both_paths() -> None:
    record = _record(*TWO_ADDRESSES)
    assert [path for path, _ in fields_by_path(record)] == ["bill", "bill.street", "ship", "ship.street"]
    assert [path for path, _ in fields_once(record)] == ["bill", "bill.street", "ship"]
    assert pii_fields(record) == ("bill.street", "ship.street")


def test_a_record_within_itself_is_looked_into_once_on_each_path() -> None:
    node = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    record = _record({"name": "a", "type": node}, {"name": "b", "type": {"type": "map", "values": "N"}})
    assert [path for path, _ in fields_by_path(record)] == ["a", "a.next", "b", "b.next"]


@pytest.mark.parametrize("fields", [doubling(30), _recursive(12)])
def test_a_schema_of_millions_of_paths_is_refused_or_shown_in_part_at_once(fields: list[Json]) -> None:
    record = _record(*fields)
    began = time.monotonic()
    with pytest.raises(SchemaTooLargeError, match="counted at every path"):
        list(fields_by_path(record))
    found, everywhere = fields_shown(record)
    assert time.monotonic() - began < 5
    assert not everywhere
    assert [path for path, _ in found] == [path for path, _ in fields_once(record)]


def test_of_a_schema_of_millions_of_paths_every_tagged_field_is_named() -> None:
    assert pii_fields(_record(*doubling(30))) == (f"top.{'left.' * 29}street",)


def test_as_many_fields_as_are_looked_at_are_not_too_many() -> None:
    record = _record(*TWO_ADDRESSES)
    # The record; bill, its record and street; ship, its union, the record and street.
    assert fields_shown(record, most=8)[1]
    assert not fields_shown(record, most=7)[1]


def test_the_records_that_a_value_may_be_are_found_within_arrays_maps_and_unions() -> None:
    inner = [{"type": "record", "name": name, "fields": []} for name in "ABC"]
    type_ = ["null", {"type": "array", "items": inner[0]}, {"type": "map", "values": ["int", inner[1]]}, inner[2]]
    (field,) = _record({"name": "f", "type": type_}).fields
    assert [each.name for each in records_in(field.type)] == ["A", "B", "C"]
