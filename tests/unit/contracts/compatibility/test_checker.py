from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.errors import InvalidSchemaError, SchemaTooLargeError
from tests.unit.contracts.strategies import json_values, valid_schemas

Json = dict[str, Any]


def _record(*fields: Json, name: str = "R", **more: object) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, **more}


def _found(reader: object, writer: object) -> list[tuple[str, str, str]]:
    verdict = check_reader_writer(reader, writer)
    return [(found.type, found.path, found.message) for found in verdict.incompatibilities]


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ("long", "int"),
        ("float", "long"),
        ("double", "float"),
        ("string", "bytes"),
        ("bytes", "string"),
        (["null", "long"], "int"),
        (["null", "long"], ["null", "int"]),
        ("int", ["int"]),
        ({"type": "array", "items": "double"}, {"type": "array", "items": "int"}),
        (_record(_field("a", "int", default=1)), _record()),
        (_record(_field("b", "int", aliases=["a"])), _record(_field("a", "int"))),
        (_record(name="N", aliases=["R"]), _record(name="R")),
        (_record(name="R", namespace="x"), _record(name="R", namespace="y")),
        (
            {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"},
            {"type": "enum", "name": "E", "symbols": ["B"]},
        ),
    ],
)
def test_a_reader_takes_what_the_specification_lets_it_take(reader: object, writer: object) -> None:
    assert _found(reader, writer) == []


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        ("int", "long", ("TYPE_MISMATCH", "/", "reader type: INT not compatible with writer type: LONG")),
        ("int", ["int", "string"], ("TYPE_MISMATCH", "/1", "reader type: INT not compatible with writer type: STRING")),
        (["null"], "int", ("MISSING_UNION_BRANCH", "/", "reader union lacking writer type: INT")),
        (
            _record(_field("a", ["null", "int"])),
            _record(_field("a", ["null", "int", "string"])),
            ("MISSING_UNION_BRANCH", "/fields/0/type/2", "reader union lacking writer type: STRING"),
        ),
        (_record(_field("a", "int")), _record(), ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0", "a")),
        (_record(name="N"), _record(name="R", namespace="x"), ("NAME_MISMATCH", "/name", "expected: x.R")),
        (
            {"type": "enum", "name": "E", "symbols": ["B"]},
            {"type": "enum", "name": "E", "symbols": ["D", "B", "C"]},
            ("MISSING_ENUM_SYMBOLS", "/symbols", "[C, D]"),
        ),
        (
            {"type": "fixed", "name": "F", "size": 2},
            {"type": "fixed", "name": "F", "size": 4},
            ("FIXED_SIZE_MISMATCH", "/size", "expected: 4, found: 2"),
        ),
    ],
)
def test_what_a_reader_cannot_take_is_named_as_avro_names_it(
    reader: object, writer: object, expected: tuple[str, str, str]
) -> None:
    assert _found(reader, writer) == [expected]


def test_an_alias_without_namespace_never_matches_from_within_one() -> None:
    assert _found(_record(name="x.N", aliases=[".R"]), _record(name="R"))


def test_a_field_default_outside_the_enum_does_not_replace_the_default_of_the_enum() -> None:
    reader = _record(_field("e", {"type": "enum", "name": "E", "symbols": ["A"]}, default="A"))
    writer = _record(_field("e", {"type": "enum", "name": "E", "symbols": ["A", "B"]}))
    assert _found(reader, writer) == [("MISSING_ENUM_SYMBOLS", "/fields/0/type/symbols", "[B]")]


def test_recursive_types_are_judged_once_per_pair() -> None:
    tree = _record(_field("value", "int"), _field("next", ["null", "R"]))
    other = _record(_field("value", "string"), _field("next", ["null", "R"]))
    assert _found(tree, tree) == []
    assert [place for _, place, _ in _found(tree, other)] == ["/fields/0/type"]


def test_a_reader_field_that_matches_two_of_the_writer_is_refused_by_name() -> None:
    reader = _record(_field("a", "int", aliases=["b"]))
    writer = _record(_field("a", "int"), _field("b", "int"))
    with pytest.raises(InvalidSchemaError, match="matches several fields of the writer: a, b") as refused:
        check_reader_writer(reader, writer)
    assert refused.value.where == "reader#/fields/0"


def test_an_invalid_schema_names_its_side_and_place() -> None:
    bad = _record(_field("a", {"type": "array", "items": "nothing"}))
    with pytest.raises(InvalidSchemaError) as refused:
        check_reader_writer(_record(), bad)
    assert refused.value.where == "writer#/fields/0/type/items"


def test_every_finding_says_in_words_what_is_wrong_and_what_to_do() -> None:
    verdict = check_reader_writer(_record(_field("a", "int")), _record())
    (found,) = verdict.incompatibilities
    assert found.sentence == "the reader needs the field a, which the writer does not write"
    assert '"default"' in found.fix
    assert found.reader_fragment == _record(_field("a", "int"))
    assert found.writer_fragment == _record()


def _device(*symbols: str) -> Json:
    kind = {"type": "enum", "name": "Kind", "symbols": list(symbols)}
    return _record(_field("kind", ["null", kind]), name="Device")


def test_a_branch_that_is_there_and_does_not_do_says_why_and_where() -> None:
    reader, writer = (_record(_field("d", ["null", _device(*symbols)])) for symbols in (["A"], ["A", "B"]))
    (found,) = check_reader_writer(reader, writer).incompatibilities
    assert (found.type, found.path) == ("MISSING_UNION_BRANCH", "/fields/0/type/1")
    assert found.sentence == (
        "d: the reader's branch for the record Device does not do: kind: "
        "the writer may write symbols [B] that the reader's enum Kind does not know"
    )
    assert found.fix == 'Keep the symbols, or give the reader\'s enum a "default" symbol'


def test_a_branch_that_is_not_there_is_named_alone() -> None:
    (found,) = check_reader_writer(["null", "int"], ["null", "long"]).incompatibilities
    assert found.sentence == "the writer may write a long, and the reader takes only a union of null and int"
    assert found.fix.startswith("Keep a long ")


def test_a_break_within_hundreds_of_unions_is_told_in_one_sentence() -> None:
    def nested(leaf: str) -> Json:
        schema: Json = _record(_field("x", leaf), name="R0")
        for number in range(1, 150):
            schema = _record(_field("x", ["null", schema]), name=f"R{number}")
        return schema

    (found,) = check_reader_writer(nested("int"), nested("string")).incompatibilities
    assert found.sentence.count("does not do") == 1
    assert found.sentence.endswith("the writer writes a string where the reader expects an int")


def test_a_type_used_again_and_again_is_reported_a_bounded_number_of_times() -> None:
    def pyramid(leaf: str) -> Json:
        levels = [_field("f0", _record(_field("x", leaf), name="N0"))]
        for number in range(1, 60):
            below = f"N{number - 1}"
            levels.append(_field(f"f{number}", _record(_field("a", below), _field("b", below), name=f"N{number}")))
        return _record(*levels)

    assert 1000 < len(check_reader_writer(pyramid("int"), pyramid("string")).incompatibilities) <= 10_000


def test_huge_unions_are_matched_by_name() -> None:
    def union(prefix: str) -> list[Json]:
        return [_record(name=f"{prefix}{number}") for number in range(3000)]

    assert check_reader_writer(union("A"), union("A")).compatible
    assert len(check_reader_writer(union("B"), union("A")).incompatibilities) == 3000


def test_branches_of_huge_unions_are_matched_by_alias() -> None:
    writer = [_record(name=f"A{number}") for number in range(100)]
    reader = [_record(name=f"B{number}", aliases=[f"A{number}"]) for number in range(100)]
    assert check_reader_writer(reader, writer).compatible
    assert len(check_reader_writer(reader[1:], writer).incompatibilities) == 1


@given(json_values(), json_values())
@settings(max_examples=300, deadline=None)
def test_any_json_is_judged_or_refused_and_never_crashes(reader: object, writer: object) -> None:
    try:
        answer = "judged" if check_reader_writer(reader, writer).compatible in {True, False} else ""
    except InvalidSchemaError as error:
        answer = error.where.partition("#")[0]
    assert answer in {"judged", "reader", "writer"}


@given(valid_schemas())
@settings(max_examples=200, deadline=None)
def test_every_schema_reads_itself(schema: object) -> None:
    assert check_reader_writer(schema, schema).compatible


@given(valid_schemas(), valid_schemas())
@settings(max_examples=200, deadline=None)
def test_what_is_compatible_stays_so_inside_an_array_and_a_record(reader: object, writer: object) -> None:
    bare = check_reader_writer(reader, writer)
    wrapped = check_reader_writer(
        _record(_field("a", {"type": "array", "items": reader})),
        _record(_field("a", {"type": "array", "items": writer})),
    )
    assert bare.compatible is wrapped.compatible
    assert [found.message for found in bare.incompatibilities] == [found.message for found in wrapped.incompatibilities]


def _places(reader: Json, writer: Json) -> list[tuple[str, str, str]]:
    found = check_reader_writer(reader, writer).incompatibilities
    return [(each.path, each.place.pointer, each.place.field) for each in found]


def test_a_place_for_people_leaves_out_the_branches_of_the_writers_union_and_names_the_field() -> None:
    writer = _record(_field("a", "int"), _field("carrier", ["null", "string"]))
    reader = _record(_field("a", "int"), _field("carrier", "string"))
    assert _places(reader, writer) == [("/fields/1/type/0", "/fields/1/type", "carrier")]
    (found,) = check_reader_writer(reader, writer).incompatibilities
    assert found.sentence == "carrier: the writer may write null where the reader expects a string"
    assert found.fix.startswith("Keep null in the union")


def test_a_place_within_records_arrays_and_maps_is_a_dotted_path() -> None:
    def order(cents: str) -> Json:
        line = _record(_field("cents", cents), name="Line")
        return _record(_field("lines", {"type": "array", "items": {"type": "map", "values": line}}))

    place = "/fields/0/type/items/values/fields/0/type"
    assert _places(order("int"), order("string")) == [(place, place, "lines.cents")]


def test_a_type_that_was_judged_in_a_branch_first_is_placed_where_it_stands() -> None:
    def twice(symbols: list[str]) -> Json:
        kind = {"type": "enum", "name": "Kind", "symbols": symbols}
        return _record(_field("maybe", ["null", _record(_field("kind", kind), name="Inner")]), _field("sure", "Inner"))

    first, second = _places(twice(["A"]), twice(["A", "B"]))
    assert first[1:] == ("/fields/0/type", "maybe")
    assert second == ("/fields/0/type/symbols", "/fields/0/type/1/fields/0/type/symbols", "maybe.kind")


def test_a_nested_field_that_is_missing_is_named_by_its_path() -> None:
    reader, writer = (_record(_field("o", _record(*fields, name="O"))) for fields in ([_field("p", "int")], []))
    (found,) = check_reader_writer(reader, writer).incompatibilities
    assert found.sentence == "the reader needs the field o.p, which the writer does not write"


def _crowded(space: str, kind: str, count: int) -> Any:
    return [_record(_field("a", kind), name=f"{space}{number}.R") for number in range(count)]


def test_unions_of_very_many_records_of_one_short_name_are_refused_within_seconds() -> None:
    before = time.process_time()
    with pytest.raises(SchemaTooLargeError, match="too large to judge"):
        check_reader_writer(_crowded("n", "int", 2000), _crowded("m", "string", 2000))
    assert time.process_time() - before < 15
    assert check_reader_writer(_crowded("n", "int", 2000), _crowded("n", "int", 2000)).compatible
    assert len(check_reader_writer(_crowded("n", "int", 100), _crowded("m", "string", 100)).incompatibilities) == 100


@pytest.mark.parametrize("kind", [{"type": "fixed", "size": 1}, {"type": "record", "fields": []}])
def test_a_union_of_very_many_types_of_one_short_name_is_read_by_itself_at_once(kind: Json) -> None:
    union = [kind | {"name": f"n{number}.F"} for number in range(30_000)]
    before = time.process_time()
    assert check_reader_writer(union, union).compatible
    assert time.process_time() - before < 3


@pytest.mark.parametrize(
    "kind",
    [lambda number: {"type": "fixed", "size": number}, lambda number: {"type": "enum", "symbols": [f"S{number}"]}],
)
def test_very_many_types_of_one_short_name_that_all_differ_are_refused_within_seconds(
    kind: Callable[[int], Json],
) -> None:
    union = [kind(number) | {"name": f"n{number}.F"} for number in range(20_000)]
    before = time.process_time()
    with pytest.raises(SchemaTooLargeError, match="too large to judge"):
        check_reader_writer(union, union)
    assert time.process_time() - before < 5
    assert check_reader_writer(union[:800], union[:800]).compatible


_FIXED: Json = {"type": "fixed", "name": "F", "size": 4}


def test_a_branch_that_a_union_has_tried_is_told_without_its_path_as_avro_java_tells_it() -> None:
    writer = _record(_field("a", "string"))
    mismatch = "reader type: FIXED not compatible with writer type: STRING"
    for tried in ([_FIXED, "string"], ["null", _FIXED, "bytes", "string"]):
        reader = _record(_field("a", tried), _field("b", "F", aliases=["a"]))
        assert _found(reader, writer) == [("TYPE_MISMATCH", "/", mismatch)]
    untried = _record(_field("a", ["string", _FIXED]), _field("b", "F", aliases=["a"]))
    assert _found(untried, writer) == [("TYPE_MISMATCH", "/fields/1/type", mismatch)]
    before = _record(_field("b", _FIXED, aliases=["a"]), _field("a", ["F", "string"]))
    assert _found(before, writer) == [("TYPE_MISMATCH", "/fields/0/type", mismatch)]


def test_a_named_type_that_a_union_has_tried_is_told_without_its_path_too() -> None:
    other = {"type": "fixed", "name": "G", "size": 2}
    reader = _record(_field("a", [_FIXED, other]), _field("b", "F", aliases=["a"]))
    assert [(kind, path) for kind, path, _ in _found(reader, _record(_field("a", other)))] == [
        ("NAME_MISMATCH", "/name"),
        ("FIXED_SIZE_MISMATCH", "/size"),
    ]
