from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.resolution.resolver import renamed, resolve
from hangarstack.contracts.schema import parse_schema
from hangarstack.errors import SchemaTooLargeError


def _crowd(space: str) -> list[dict[str, Any]]:
    return [{"type": "record", "name": f"{space}{number}", "fields": []} for number in range(800)]


def test_unions_of_very_many_records_are_refused_rather_than_compared_for_minutes() -> None:
    writer, reader = parse_schema(_crowd("N")), parse_schema(_crowd("M"))
    with pytest.raises(SchemaTooLargeError, match="too many pairs of records"):
        resolve(renamed(writer, reader), reader)


def test_defaults_that_stand_for_very_many_values_are_refused_rather_than_written_out() -> None:
    writer, inner = {"type": "record", "name": "R", "fields": []}, "int"
    fields: list[dict[str, Any]] = []
    for number in range(40):
        default: object = {} if number else 1
        own = [{"name": name, "type": inner, "default": default} for name in ("a", "b")]
        type_ = {"type": "record", "name": f"E{number}", "fields": own}
        fields.append({"name": f"q{number}", "type": type_, "default": {}})
        inner = f"E{number}"
    with pytest.raises(SchemaTooLargeError, match="stand for more than 100000 values"):
        resolve(parse_schema(writer), parse_schema({**writer, "fields": fields}))


def _all_of_all(records: int, kind: str) -> dict[str, Any]:
    names = [f"R{number}" for number in range(records)]
    fields = [{"name": "u", "type": ["null", *names]}, {"name": "k", "type": kind}]
    made = [{"type": "record", "name": name, "fields": fields} for name in names]
    return {"type": "record", "name": "W", "fields": [{"name": "u", "type": ["null", *made]}]}


def test_records_that_all_lead_to_each_other_are_resolved_or_refused_before_anyone_waits() -> None:
    for records, is_refused in ((24, False), (200, True)):
        writer, reader = (parse_schema(_all_of_all(records, kind)) for kind in ("int", "long"))
        began = time.process_time()
        with pytest.raises(SchemaTooLargeError) if is_refused else contextlib.nullcontext():
            resolve(renamed(writer, reader), reader)
        assert time.process_time() - began < 30


def test_a_chain_of_records_is_resolved_however_long_it_is() -> None:
    def chain(kind: str) -> dict[str, Any]:
        fields = []
        for number in range(1500):
            inner = {"name": "x", "type": ["null", f"R{number - 1}"] if number else kind}
            fields.append({"name": f"f{number}", "type": {"type": "record", "name": f"R{number}", "fields": [inner]}})
        # The last is met first, and leads to all others, which are defined after it.
        return {"type": "record", "name": "W", "fields": [{"name": "last", "type": "R1499"}, *fields]}

    writer, reader = parse_schema(chain("int")), parse_schema(chain("long"))
    action = resolve(renamed(writer, reader), reader)
    assert Refusals(action).of(action) is None
