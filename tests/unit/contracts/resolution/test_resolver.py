from __future__ import annotations

from typing import Any

import pytest

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
