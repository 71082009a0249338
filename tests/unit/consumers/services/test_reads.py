from __future__ import annotations

import ast
import inspect
import json
import sys
from typing import Any

import pytest

from hangarstack.consumers.services import READS, SERVICES


def _paths(fields: list[dict[str, Any]], prefix: str = "") -> set[str]:
    """Every dotted path of a record's fields, those of the records within it too."""
    found = set()
    for field in fields:
        found.add(prefix + field["name"])
        for inner in _records(field["type"]):
            found |= _paths(inner["fields"], f"{prefix}{field['name']}.")
    return found


def _records(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [record for branch in schema for record in _records(branch)]
    if not isinstance(schema, dict):
        return []
    if schema["type"] == "record":
        return [schema]
    return _records(schema.get("items") or schema.get("values"))


def _names(paths: set[str]) -> set[str]:
    return {part for path in paths for part in path.split(".")}


def test_every_service_declares_what_it_reads() -> None:
    assert READS.keys() == SERVICES.keys()
    for name, make in SERVICES.items():
        assert tuple(each.codec for each in READS[name]) == make().codecs


@pytest.mark.parametrize("name", READS)
def test_what_a_service_declares_is_in_the_contract(name: str) -> None:
    for each in READS[name]:
        assert each.fields
        assert (each.event, each.version) == (each.codec.name, each.codec.version)
        assert set(each.fields) <= _paths(json.loads(each.codec.schema_text)["fields"])


@pytest.mark.parametrize("name", READS)
def test_a_service_declares_exactly_the_fields_that_its_code_mentions(name: str) -> None:
    source = inspect.getsource(sys.modules[type(SERVICES[name]()).__module__])
    mentioned = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    offered = set().union(*(_names(_paths(json.loads(each.codec.schema_text)["fields"])) for each in READS[name]))
    declared = set().union(*(_names(set(each.fields)) for each in READS[name]))
    assert (mentioned & offered) == declared
