from __future__ import annotations

import random
from typing import Any

import pytest

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.compatibility.shortcut import Shortcut
from hangarstack.contracts.schema import Schema, parse_schema
from hangarstack.errors import InvalidSchemaError
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

Json = dict[str, Any]
Findings = list[tuple[str, str, str]]


def _record(name: str, *fields: Json, **more: object) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, **more}


def _said(judge: Any, reader: Schema, writer: Schema) -> Findings | str:
    try:
        verdict = judge(reader, writer)
    except InvalidSchemaError as error:
        return str(error)
    return [(found.type, found.path, found.message) for found in verdict.incompatibilities]


def _agree(*schemas: object) -> None:
    parsed = [parse_schema(schema) for schema in schemas]
    # What is remembered depends on what comes first.
    for readers in (parsed, parsed[::-1]):
        shortcut = Shortcut()
        for reader in readers:
            for writer in parsed:
                assert _said(shortcut.check, reader, writer) == _said(check, reader, writer)


@pytest.mark.parametrize("seed", range(40))
def test_the_short_way_says_what_the_checker_says(seed: int) -> None:
    made = RandomSchemas(random.Random(seed))
    versions = [made.record()]
    for _ in range(5):
        versions.append(evolved(made, versions[-1]))
    _agree(*versions)


def test_an_alias_that_matches_two_fields_is_refused_even_against_itself() -> None:
    _agree(_record("R", _field("a", "int", aliases=["b"]), _field("b", "int")), _record("R", _field("b", "int")))


def test_a_branch_that_cannot_be_judged_leaves_the_answer_to_the_checker() -> None:
    bad = _record("R", _field("a", "int", aliases=["b"]), _field("b", "int"))
    _agree([bad, _record("x.R", _field("a", "int"), _field("b", "int"))], bad)


def test_parts_that_differ_only_in_a_default_are_not_the_same_part() -> None:
    _agree(*(_record("R", _field("a", "int"), *more) for more in ([], [_field("b", "int")])))
    _agree(
        _record("R", _field("a", _record("S"))),
        _record("R", _field("a", _record("S", _field("b", "int", default=1)))),
        _record("R", _field("a", _record("S", _field("b", "int")))),
    )


def test_a_record_that_holds_itself_is_left_to_the_checker() -> None:
    _agree(
        _record("R", _field("next", ["null", "R"])),
        _record("R", _field("next", ["null", "R"]), _field("n", "int")),
        _record("R", _field("next", ["null", {"type": "array", "items": "R"}])),
    )


def test_enums_and_fixed_are_told_apart() -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
    _agree(enum, enum | {"symbols": ["A"]}, enum | {"symbols": ["A"], "default": "A"}, enum | {"aliases": ["F"]})
    fixed = {"type": "fixed", "name": "F", "size": 2}
    _agree(fixed, fixed | {"size": 3}, fixed | {"name": "G", "aliases": ["F"]}, enum)


def test_deep_and_wide_schemas_are_left_to_the_checker() -> None:
    deep: object = "int"
    for _ in range(900):
        deep = {"type": "array", "items": deep}
    wide = [_record(f"R{number}") for number in range(2000)]
    _agree(deep, wide)


def test_records_that_each_name_the_one_before_are_judged_however_many_there_are() -> None:
    def chain(first: str) -> Json:
        inner = [
            _record(f"R{n}", _field("k", first if n == 0 else "int"), *([_field("x", f"R{n - 1}")] if n else []))
            for n in range(800)
        ]
        return _record("Whole", *(_field(f"f{n}", each) for n, each in enumerate(inner)))

    old, new = parse_schema(chain("int")), parse_schema(chain("long"))
    for reader, writer, said in ((new, old, []), (old, new, ["TYPE_MISMATCH"])):
        assert [found.type for found in Shortcut().check(reader, writer).incompatibilities][:1] == said
