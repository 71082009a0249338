from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.lint import RULES, Severity, lint
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import EXAMPLE, HEADER, make_tree, ping

Json = dict[str, Any]


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, "doc": "Doc.", **more}


def _enum(**more: object) -> Json:
    return {"type": "enum", "name": "E", "doc": "Doc.", "symbols": ["A"], "default": "A"} | more


OPTIONAL = ["null", "string"]

BAD: dict[str, list[Json]] = {
    "documented": [
        ping({"name": "n", "type": "int"}),
        ping() | {"doc": " "},
        ping(_field("e", _enum(doc=""))),
        ping(_field("r", {"type": "array", "items": {"type": "record", "name": "I", "fields": []}})),
    ],
    "names": [
        ping(_field("camelCase", "int")),
        ping(_field("e", _enum(name="lower"))),
        ping(_field("e", {"type": "map", "values": _enum(symbols=["A", "b"])})),
    ],
    "header-fields": [
        ping() | {"fields": HEADER[1:]},
        ping() | {"fields": [HEADER[1], HEADER[0], HEADER[2]]},
        ping() | {"fields": [_field("event_id", "string"), *HEADER[1:]]},
        ping()
        | {
            "fields": [HEADER[0], _field("occurred_at", {"type": "long", "logicalType": "timestamp-millis"}), HEADER[2]]
        },
    ],
    "enum-default": [ping(_field("e", {"type": "enum", "name": "E", "doc": "Doc.", "symbols": ["A"]}))],
    "optional-shape": [
        ping(_field("n", ["string", "null"], default="x")),
        ping(_field("n", OPTIONAL)),
        ping(_field("n", ["null", "string", "int"], default=None)),
    ],
    "logical-time": [ping(_field("left_at", "long")), ping(_field("birth_date", ["null", "int"], default=None))],
    "personal-data": [ping(_field("client_ip", OPTIONAL, default=None)), ping(_field("email", "string"))],
}
GOOD: dict[str, list[Json]] = {
    "documented": [ping(_field("e", _enum()))],
    "names": [ping(_field("snake_case2", _enum(name="PascalCase", symbols=["UPPER_2"], default="UPPER_2")))],
    "header-fields": [ping()],
    "enum-default": [ping(_field("e", _enum()))],
    "optional-shape": [ping(_field("n", OPTIONAL, default=None), _field("u", ["int", "string"]))],
    "logical-time": [
        ping(_field("left_at", {"type": "long", "logicalType": "timestamp-micros"}), _field("count", "long"))
    ],
    "personal-data": [ping(_field("client_ip", "string", **{"confluent:tags": ["PII"]}), _field("zip_file", "string"))],
}


def _rules(root: Path) -> list[str]:
    return [found.rule.name for found in lint(load_tree(root))]


@pytest.mark.parametrize(("rule", "schema"), [(rule, schema) for rule in BAD for schema in BAD[rule]])
def test_a_rule_finds_what_does_not_keep_it(tmp_path: Path, rule: str, schema: Json) -> None:
    directory = make_tree(tmp_path, schema)
    found = [each for each in lint(load_tree(tmp_path)) if each.rule.name == rule]
    assert found
    assert all(str(directory) in each.where and each.sentence for each in found)


@pytest.mark.parametrize(("rule", "schema"), [(rule, schema) for rule in GOOD for schema in GOOD[rule]])
def test_a_rule_is_silent_where_it_is_kept(tmp_path: Path, rule: str, schema: Json) -> None:
    make_tree(tmp_path, schema)
    assert rule not in _rules(tmp_path)


def test_a_good_contract_has_no_findings(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert _rules(tmp_path) == []


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no example": (lambda it: (it / "examples" / "v1" / "one.json").unlink(), "examples"),
    "example of another shape": (lambda it: _example(it, {"id": "x"}), "examples"),
    "example of another type": (lambda it: _example(it, EXAMPLE | {"occurred_at": "now"}), "examples"),
    "stray file": (lambda it: (it / "v1.avsc.orig").write_text(""), "no-orphans"),
    "examples of no version": (lambda it: _stray_example(it), "no-orphans"),
}


def _example(directory: Path, record: Json) -> None:
    (directory / "examples" / "v1" / "one.json").write_text(json.dumps(record))


def _stray_example(directory: Path) -> None:
    (directory / "examples" / "v9").mkdir()
    (directory / "examples" / "v9" / "one.json").write_text("{}")


@pytest.mark.parametrize("name", SPOILT)
def test_files_are_linted_too(tmp_path: Path, name: str) -> None:
    spoil, rule = SPOILT[name]
    spoil(make_tree(tmp_path))
    assert _rules(tmp_path) == [rule]


def test_every_rule_has_a_name_of_its_own_and_says_why() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.why for rule in RULES)
    assert {rule.severity for rule in RULES} == set(Severity)
    assert {rule.name for rule in RULES} == BAD.keys() | {rule for _, rule in SPOILT.values()}
