from __future__ import annotations

import io
import time
from typing import Any

import fastavro
import pytest

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.contracts.runtime_verdict import Kind, judge, judge_runtime
from hangarstack.contracts.schema import Logical, Primitive

Json = dict[str, Any]


def _with(type_: object, **more: object) -> Json:
    return {"type": "record", "name": "R", "fields": [{"name": "f", "type": type_, **more}]}


def _logical(kind: str, name: str, **more: object) -> Json:
    return {"type": kind, "logicalType": name, **more}


def _decimal(scale: int, precision: int = 9) -> Json:
    return _logical("bytes", "decimal", precision=precision, scale=scale)


def _named(kind: str, name: str, **more: object) -> Json:
    return {"type": kind, "name": name, **more}


EMPTY: Json = {"type": "record", "name": "R", "fields": []}
MILLIS, MICROS = _logical("long", "timestamp-millis"), _logical("long", "timestamp-micros")
CIRCLE = [{"name": "x", "type": "int", "default": 0}]
CIRCLES = [_named("record", "a.Circle", fields=CIRCLE), _named("record", "b.Circle", fields=CIRCLE)]
FLAG = {"type": "enum", "symbols": ["A", "B"]}
NODE: Json = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
}
WIDE_NODE = NODE | {"fields": [{"name": "v", "type": "float"}, NODE["fields"][1]]}


def _link(space: str, unit: Json, inner: object) -> Json:
    return _named("record", f"{space}.Node", fields=[{"name": "v", "type": unit}, {"name": "next", "type": inner}])


def _spelt_out(links: int) -> Json:
    """Lists of which the first links are spelt out, and only the last takes microseconds."""
    node = _link("n0", MICROS, ["null", "n0.Node"])
    for number in range(1, links):
        node = _link(f"n{number}", MILLIS, ["null", node])
    return node


def _listed(schema: Json) -> Json:
    """The same with arrays instead of optional links."""
    fields = [schema["fields"][0]]
    inner = schema["fields"][1]["type"][1]
    items = inner if isinstance(inner, str) else _listed(inner)
    return schema | {"fields": [*fields, {"name": "next", "type": {"type": "array", "items": items}}]}


LINKED = _link("w", MILLIS, ["null", "w.Node"])

TOO_LATE = "9007199254740993: it is no time from year 1 to 9999"

WRONG: dict[str, tuple[Json, Json, Kind, str, str, str]] = {
    "decimal scale": (_with(_decimal(2)), _with(_decimal(4)), Kind.SCALE, "f", "1.2345", "123.45"),
    "timestamp unit": (
        _with(MICROS),
        _with(MILLIS),
        Kind.UNIT,
        "f",
        "2023-11-14T22:13:20.123000Z",
        "1970-01-20T16:13:20.000123Z",
    ),
    "instant as local time": (
        _with(_logical("long", "local-timestamp-millis")),
        _with(MILLIS),
        Kind.LOGICAL_TYPE,
        "f",
        "1970-01-01T00:00:00.000000Z",
        "1970-01-01T00:00:00.000000 local time",
    ),
    "any number as a time": (_with(MILLIS), _with("long"), Kind.LOGICAL_TYPE, "f", "9007199254740993", TOO_LATE),
    "any text as a uuid": (
        _with(_logical("string", "uuid")),
        _with("string"),
        Kind.LOGICAL_TYPE,
        "f",
        "''",
        "'': it is no UUID",
    ),
    "any text as a decimal": (_with(_decimal(2)), _with("string"), Kind.LOGICAL_TYPE, "f", "'text'", "19528070.28"),
    "any text as a decimal, within a union within an array": (
        _with({"type": "array", "items": ["null", _decimal(2)]}),
        _with({"type": "array", "items": ["null", "string"]}),
        Kind.LOGICAL_TYPE,
        "f[]",
        "'text'",
        "19528070.28",
    ),
    "any text as a big decimal": (
        _with(_logical("bytes", "big-decimal")),
        _with("string"),
        Kind.LOGICAL_TYPE,
        "f",
        "'text'",
        "b'text'",
    ),
    "int as float": (_with("float"), _with("int"), Kind.PRECISION, "f", "16777217", "16777216.0"),
    "long as double": (_with("double"), _with("long"), Kind.PRECISION, "f", "9007199254740993", "9007199254740992.0"),
    "bytes that are no text": (
        _with("string"),
        _with("bytes"),
        Kind.UNREADABLE,
        "f",
        "b'\\xff\\xfe'",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    ),
    "a default outside the symbols": (
        _with(_named("enum", "E", **FLAG), default="Z"),
        EMPTY,
        Kind.DEFAULT,
        "f",
        "nothing",
        "'Z'",
    ),
    "a default for another branch": (
        _with([_named("record", "D", fields=[]), "null"], default=None),
        EMPTY,
        Kind.DEFAULT,
        "f",
        "nothing",
        "None",
    ),
    **{
        f"a default that is no {name}": (_with(kind, default=default), EMPTY, Kind.DEFAULT, "f", "nothing", read)
        for name, kind, default, read in (
            ("date", _logical("int", "date"), 2**31 - 1, "2147483647"),
            ("time of day", _logical("int", "time-millis"), -1, "-1"),
            ("time", MICROS, 2**63 - 1, "9223372036854775807"),
            ("uuid", _logical("string", "uuid"), "x", "'x'"),
            (
                "date in a map",
                {"type": "map", "values": _logical("int", "date")},
                {"a": -(2**31)},
                "{'a': -2147483648}",
            ),
            ("float", "float", 16_777_217, "16777217"),
            ("finite double", "double", 1e400, "inf"),
        )
    },
    "two records of one short name": (
        _with([*CIRCLES, "null"]),
        _with(CIRCLES),
        Kind.WRONG_BRANCH,
        "f",
        "the record b.Circle",
        "the record a.Circle",
    ),
    "an enum of another namespace in a union": (
        _with(["null", _named("enum", "b.E", **FLAG)]),
        _with(_named("enum", "a.E", **FLAG)),
        Kind.REFUSED_BRANCH,
        "f",
        "the enum a.E",
        "an error",
    ),
    "an alias of a field in a record of another namespace": (
        {"type": "record", "name": "x.R", "fields": [{"name": "f", "type": "int", "aliases": ["old"]}]},
        {"type": "record", "name": "R", "fields": [{"name": "old", "type": "int"}]},
        Kind.ALIAS,
        "old",
        "its value",
        "an error",
    ),
    "aliases that make one name of two": (
        _with([_named("record", "c.Circle", fields=CIRCLE, aliases=["a.Circle", "b.Circle"]), "null"]),
        _with(CIRCLES),
        Kind.ALIAS,
        "",
        "any record",
        "an error",
    ),
    "within an array of records": (
        _with({"type": "array", "items": _named("record", "I", fields=[{"name": "n", "type": "float"}])}),
        _with({"type": "array", "items": _named("record", "I", fields=[{"name": "n", "type": "int"}])}),
        Kind.PRECISION,
        "f[].n",
        "16777217",
        "16777216.0",
    ),
    "a symbol that the reader does not know": (
        _with(_named("enum", "E", symbols=["A"], default="A")),
        _with(_named("enum", "E", **FLAG)),
        Kind.LOST_SYMBOL,
        "f",
        "'B'",
        "'A'",
    ),
    **{
        f"within {links} links of a list that are spelt out": (
            _spelt_out(links),
            LINKED,
            Kind.UNIT,
            "next." * (links - 1) + "v",
            "2023-11-14T22:13:20.123000Z",
            "1970-01-20T16:13:20.000123Z",
        )
        for links in (2, 3, 4, 9)
    },
    "within 4 levels of a tree that are spelt out": (
        _listed(_spelt_out(4)),
        _listed(LINKED),
        Kind.UNIT,
        "next[].next[].next[].v",
        "2023-11-14T22:13:20.123000Z",
        "1970-01-20T16:13:20.000123Z",
    ),
    "within a record within itself": (WIDE_NODE, NODE, Kind.PRECISION, "next.v", "16777217", "16777216.0"),
}

BARE_WITHIN_A_NAMESPACE: Json = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "one", "type": _named("enum", "A", **FLAG)},
        {"name": "two", "type": _named("record", "y.A", fields=[{"name": "f", "type": "A"}])},
        {"name": "three", "type": ["null", _named("record", "y.B", fields=[{"name": "f", "type": ["A", "null"]}])]},
    ],
}

RIGHT: dict[str, tuple[Json, Json]] = {
    "the same": (_with(MICROS), _with(MICROS)),
    "the same, with two records of one short name": (_with(CIRCLES), _with(CIRCLES)),
    "the same, with text beside bytes": (_with(["string", "bytes"]), _with(["string", "bytes"])),
    "an enum of another namespace in a union of one structure": (
        _with(["null", _named("enum", "b.E", **FLAG)]),
        _with(["null", _named("enum", "a.E", **FLAG)]),
    ),
    "a record of a union by its alias": (
        _with([_named("record", "a.Round", fields=CIRCLE, aliases=["a.Circle"]), "null"]),
        _with(["null", _named("record", "a.Circle", fields=CIRCLE)]),
    ),
    "int as long": (_with("long"), _with("int")),
    "int as double": (_with("double"), _with("int")),
    "string as bytes": (_with("bytes"), _with("string")),
    "a field that is new, with a default that a float holds as well as it can": (_with("float", default=0.1), EMPTY),
    "a field that is new, with a large default": (_with("float", default=1e30), EMPTY),
    "a field that is new, with a date": (_with(_logical("int", "date"), default=20_000), EMPTY),
    "a field that is new": (_with(["null", "int"], default=None), EMPTY),
    "a field that is gone": (EMPTY, _with("long")),
    "a field by another name": (_with("int", aliases=["old"]), {**EMPTY, "fields": [{"name": "old", "type": "int"}]}),
    "a symbol that is new to the writer": (
        _with(_named("enum", "E", **FLAG)),
        _with(_named("enum", "E", symbols=["A"], default="A")),
    ),
    "fewer digits of a decimal": (_with(_decimal(2, 4)), _with(_decimal(2))),
    "more digits of a decimal": (_with(_decimal(2, 12)), _with(_decimal(2))),
    "a time as a bare number": (_with("long"), _with(MILLIS)),
    "a record within itself": (NODE, NODE),
    "a name without namespace within one": (BARE_WITHIN_A_NAMESPACE, BARE_WITHIN_A_NAMESPACE),
    "a name without namespace within one, and a new field": (
        BARE_WITHIN_A_NAMESPACE
        | {"fields": [*BARE_WITHIN_A_NAMESPACE["fields"], {"name": "n", "type": "int", "default": 0}]},
        BARE_WITHIN_A_NAMESPACE,
    ),
    "a field of bytes with a default": (_with("bytes", default="\u00ff"), EMPTY),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_registry_lets_pass_and_a_reader_gets_wrong_is_shown_with_both_values(name: str) -> None:
    reader, writer, kind, path, written, read = WRONG[name]
    assert check_reader_writer(reader, writer).compatible
    found = {(each.kind, each.path): each for each in judge_runtime(reader, writer).misreadings}
    witness = found[kind, path].witness
    assert witness is not None
    assert (witness.written, witness.read) == (written, read)
    assert found[kind, path].sentence


@pytest.mark.parametrize("name", WRONG)
def test_every_witness_is_a_record_that_the_writer_wrote(name: str) -> None:
    reader, writer, *_ = WRONG[name]
    for each in judge_runtime(reader, writer).misreadings:
        assert each.witness is not None
        body = io.BytesIO(each.witness.body)
        assert isinstance(fastavro.schemaless_reader(body, fastavro.parse_schema(writer), None), dict)
        assert body.read() == b""
        assert isinstance(each.witness.record, dict)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_read_right_is_not_warned_about(name: str) -> None:
    reader, writer = RIGHT[name]
    assert check_reader_writer(reader, writer).compatible
    verdict = judge_runtime(reader, writer)
    assert verdict.misreadings == ()
    assert verdict.tried


def test_a_witness_holds_nothing_but_what_goes_wrong() -> None:
    fields = [{"name": name, "type": ["null", "string", "long"]} for name in ("a", "b", "c")]
    writer = {"type": "record", "name": "R", "fields": [*fields, {"name": "f", "type": ["null", "int"]}]}
    reader = {"type": "record", "name": "R", "fields": [*fields, {"name": "f", "type": ["null", "float"]}]}
    (found,) = judge_runtime(reader, writer).misreadings
    assert found.witness is not None
    assert found.witness.record == {"a": None, "b": None, "c": None, "f": {"int": 16777217}}


def test_symbols_that_are_lost_to_a_default_are_named_and_the_finding_is_told_from_a_mistake() -> None:
    symbols = ["A", "B", "C", "D", "E", "F", "G"]
    reader = _with(["null", _named("enum", "E", symbols=["A"], default="A")])
    (one,) = judge_runtime(reader, _with(["null", _named("enum", "E", symbols=symbols[:2])])).misreadings
    (many,) = judge_runtime(reader, _with(["null", _named("enum", "E", symbols=symbols)])).misreadings
    assert one.sentence == "B is read as A, the default of the reader's enum"
    assert many.sentence.startswith("B, C, D, E, F and 1 more are read as A")
    assert (one.loses, many.loses) == (True, True)


def test_where_not_everything_was_tried_it_says_so() -> None:
    deep: object = "int"
    for _ in range(70):
        deep = {"type": "array", "items": deep}
    symbols = [f"S{number}" for number in range(2000)]
    wide: object = _named("enum", "E", symbols=symbols)
    huge = {"type": "record", "name": "R", "fields": [{"name": f"f{n}", "type": "int"} for n in range(30_000)]}
    for schema in (_with(deep), _with(wide), huge):
        (found,) = judge_runtime(schema, schema).misreadings
        assert (found.kind, found.witness) == (Kind.NOT_TRIED, None)


def test_a_record_that_never_ends_cannot_be_written_so_nothing_goes_wrong() -> None:
    endless = {"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}
    verdict = judge_runtime(endless, endless)
    assert (verdict.right, verdict.tried) == (True, 0)


def test_a_reader_that_reads_nothing_at_all_is_shown_once() -> None:
    (found,) = judge_runtime(_with("int"), EMPTY).misreadings
    assert (found.kind, found.path) == (Kind.UNREADABLE, "")


def test_what_goes_wrong_in_the_trial_itself_is_said_and_not_raised() -> None:
    unheard_of = Primitive(type="int", logical=Logical(name="unheard-of"))
    (found,) = judge(unheard_of, unheard_of).misreadings
    assert found.kind is Kind.NOT_TRIED
    assert found.sentence == "not everything was tried: the trial itself failed: KeyError: 'of'"


@pytest.mark.parametrize("space", ["n", "m"])
def test_a_union_of_a_thousand_records_of_one_short_name_is_tried_within_seconds(space: str) -> None:
    writer, reader = (
        [_named("record", f"{letter}{number}.R", fields=CIRCLE) for number in range(1000)] for letter in ("n", space)
    )
    before = time.process_time()
    kinds = {each.kind for each in judge_runtime(reader, writer).misreadings}
    assert time.process_time() - before < 5
    assert kinds == ({Kind.NOT_TRIED} if space == "n" else {Kind.NOT_TRIED, Kind.WRONG_BRANCH})


def test_an_enum_of_very_many_symbols_is_tried_within_seconds() -> None:
    writer = _with(_named("enum", "E", symbols=[f"S{number}" for number in range(100_000)]))
    before = time.process_time()
    (lost, rest) = judge_runtime(_with(_named("enum", "E", symbols=["S0"], default="S0")), writer).misreadings
    assert time.process_time() - before < 5
    assert (lost.kind, rest.kind) == (Kind.LOST_SYMBOL, Kind.NOT_TRIED)


def test_a_wide_record_of_which_many_parts_cannot_be_read_is_tried_within_seconds() -> None:
    writer, reader = (
        {"type": "record", "name": "R", "fields": [{"name": f"f{n}", "type": ["null", kind]} for n in range(1000)]}
        for kind in ("bytes", "string")
    )
    before = time.process_time()
    kinds = {each.kind for each in judge_runtime(reader, writer).misreadings}
    assert time.process_time() - before < 8
    assert Kind.UNREADABLE in kinds
