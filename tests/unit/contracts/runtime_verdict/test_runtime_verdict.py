from __future__ import annotations

import io
import time
import tracemalloc
from typing import Any

import fastavro
import pytest

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.contracts.runtime_verdict import Kind, judge, judge_runtime
from hangarstack.contracts.schema import Logical, Primitive
from hangarstack.errors import InvalidSchemaError

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

ADDED: Json = {"name": "n", "type": ["null", "int"], "default": None}
FLAGS = _named("enum", "E", **FLAG)


def _int(name: str, **more: object) -> Json:
    return {"name": name, "type": "int", **more}


def _null(name: str, **more: object) -> Json:
    return {"name": name, "type": "null", "default": None, **more}


def _ints(name: str, *fields: Json, **more: object) -> Json:
    return _named("record", name, fields=list(fields), **more)


def _two(one: object, other: object, *more: Json) -> Json:
    return _ints("R", {"name": "a", "type": one}, {"name": "b", "type": other}, *more)


ENDLESS = _ints("E", {"name": "e", "type": "E"})
SWAPPED = _ints("V", _int("c", aliases=["i"]), _int("i", default=0))

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
            ("float of all its digits", "float", 1e15, "1000000000000000.0"),
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
        "",
        "any record",
        "an error",
    ),
    "an alias of a field in a record of another namespace": (
        {"type": "record", "name": "x.R", "fields": [{"name": "f", "type": "int", "aliases": ["old"]}]},
        {"type": "record", "name": "R", "fields": [{"name": "old", "type": "int"}]},
        Kind.ALIAS,
        "",
        "any record",
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
    "an alias that is the name of another type": (
        _two(_ints("A", _int("y", aliases=["x"]), aliases=["B"]), _ints("B", _int("x", default=5))),
        _two(_ints("A", _int("x")), _ints("B", _int("x"))),
        Kind.ALIAS,
        "b.x",
        "16777217 of x",
        "the default 5",
    ),
    "an alias that is the name of a record in a union": (
        _two(_ints("A", aliases=["B"]), ["null", _ints("Z", _int("x")), _ints("B", _int("x"))], ADDED),
        _two(_ints("A"), ["null", _ints("Z", _int("x")), _ints("B", _int("x"))]),
        Kind.ALIAS,
        "b",
        "the record B",
        "the record Z",
    ),
    "an alias that is the name of an enum in a union": (
        _two(_ints("A", aliases=["E"]), ["null", FLAGS], ADDED),
        _two(_ints("A"), ["null", FLAGS]),
        Kind.ALIAS,
        "b",
        "the enum E",
        "an error",
    ),
    "an alias that is the name of an enum": (
        _ints("R", {"name": "f", "type": FLAGS}, ADDED, aliases=["E"]),
        _with(FLAGS),
        Kind.ALIAS,
        "",
        "any record",
        "an error",
    ),
    "an alias of an alias that fills another field": (
        _ints("R", _int("k", default=7, aliases=["h"]), _int("g", default=8, aliases=["k"])),
        _ints("R", _int("h")),
        Kind.ALIAS,
        "g",
        "the default 8",
        "16777217 of h",
    ),
    "an alias of an alias that leaves its field empty": (
        _ints("R", _int("k", default=7, aliases=["h"]), _int("g", default=8, aliases=["k"])),
        _ints("R", _int("h")),
        Kind.ALIAS,
        "h",
        "16777217 of h",
        "the default 7",
    ),
    "an alias of an alias that leaves its field empty, with the likeliest value for its default": (
        _ints("R", _int("k", default=2**24 + 1, aliases=["h"]), _int("g", default=8, aliases=["k"])),
        _ints("R", _int("h")),
        Kind.ALIAS,
        "h",
        "0 of h",
        "the default 16777217",
    ),
    "an alias of a field in records of another namespace in an array": (
        _with({"type": "array", "items": _ints("b.I", _int("x", aliases=["old"]))}),
        _with({"type": "array", "items": _ints("a.I", _int("old"))}),
        Kind.ALIAS,
        "f[]",
        "the record a.I",
        "an error",
    ),
    "an alias of a field in an optional record of another namespace": (
        _with(["null", _ints("b.I", _int("x", aliases=["old"]))]),
        _with(["null", _ints("a.I", _int("old"))]),
        Kind.REFUSED_BRANCH,
        "f",
        "the record a.I",
        "an error",
    ),
    "aliases that clash in a record that only a default holds": (
        _ints("R", {"name": "new", "type": ["null", SWAPPED], "default": None}),
        _ints("R", {"name": "old", "type": _ints("V", _int("c"), _int("i"))}),
        Kind.ALIAS,
        "",
        "any record",
        "an error",
    ),
    **{
        f"a default of {name} as fastavro hands it out": (
            _with(type_, default=default),
            EMPTY,
            Kind.RAW_DEFAULT,
            "f",
            f"nothing, which means {meant}",
            read,
        )
        for name, type_, default, meant, read in (
            ("bytes", "bytes", "\u00ff", "b'\\xff'", "'\u00ff'"),
            ("no bytes", "bytes", "", "b''", "''"),
            ("a fixed", _named("fixed", "F", size=2), "ab", "b'ab'", "'ab'"),
            ("a decimal", _decimal(2), "\u0001", "b'\\x01'", "'\\x01'"),
            ("bytes in a list", {"type": "array", "items": "bytes"}, ["a"], "[b'a']", "['a']"),
            ("bytes in a map", {"type": "map", "values": "bytes"}, {"k": "a"}, "{'k': b'a'}", "{'k': 'a'}"),
            ("a number in text", "double", "1.5", "1.5", "'1.5'"),
            ("a float in text", "float", "1e3", "1000.0", "'1e3'"),
            ("a record without its fields", [_ints("D", _int("q", default=3)), "null"], {}, "{'q': 3}", "{}"),
        )
    },
    "text where bytes come first": (
        _with(["bytes", "string"]),
        _with(["string", "bytes"]),
        Kind.VALUE,
        "f",
        "''",
        "b''",
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
    "within a record within itself": (WIDE_NODE, NODE, Kind.PRECISION, "v", "16777217", "16777216.0"),
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
    **{
        f"a field that is new, with a default of {name}": (_with(type_, default=default), EMPTY)
        for name, type_, default in (
            ("text", "string", "a"),
            ("an enum", FLAGS, "A"),
            ("an empty map", {"type": "map", "values": "bytes"}, {}),
            ("a list", {"type": "array", "items": "long"}, [1]),
            ("a whole record", _ints("D", _int("q", default=3)), {"q": 4}),
            ("a whole number for a double", "double", 1),
        )
    },
    "a type by another name, beside one that is new": (
        _ints("R", {"name": "a", "type": _ints("New", _int("x"), aliases=["Old"])}, {**ADDED, "type": ["null", FLAGS]}),
        _ints("R", {"name": "a", "type": _ints("Old", _int("x"))}),
    ),
    "an alias of an alias that leaves a field empty that is always so": (
        _ints("R", _null("k", aliases=["h"]), _null("g", aliases=["k"])),
        _ints("R", {"name": "h", "type": "null"}),
    ),
    "an alias that is the name of a type that no record can hold": (
        _two(_ints("A", aliases=["E"]), ["null", _ints("Z"), ENDLESS], ADDED),
        _two(_ints("A"), ["null", ENDLESS, _ints("Z")]),
    ),
    "types that swap their names, and are alike": (
        _two(_ints("B", _int("x"), aliases=["A"]), _ints("A", _int("x"), aliases=["B"])),
        _two(_ints("A", _int("x")), _ints("B", _int("x"))),
    ),
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


@pytest.mark.parametrize(("alias", "kinds"), [("R", {Kind.UNREADABLE}), ("shop.R", set()), ("y.R", set())])
@pytest.mark.parametrize("inside", ["enum", "record"])
def test_an_alias_is_tried_as_it_is_written_for_fastavro_takes_a_short_one_for_any_namespace(
    alias: str, kinds: set[Kind], inside: str
) -> None:
    union = [_named("enum", "N", symbols=["Z"], aliases=[alias]), _named("enum", "x.R", symbols=["B"])]
    field = {"name": "f", "type": union}
    wrapped = field if inside == "enum" else {"name": "r", "type": _ints("Inner", field)}
    writer, reader = _ints("shop.Event", wrapped), _ints("shop.Event", wrapped, ADDED)
    found = judge_runtime(reader, writer).misreadings
    assert {each.kind for each in found} == kinds
    for each in found:
        assert each.witness is not None
        schemas = fastavro.parse_schema(writer), fastavro.parse_schema(reader)
        with pytest.raises(fastavro.read.SchemaResolutionError):
            fastavro.schemaless_reader(io.BytesIO(each.witness.body), *schemas)


@pytest.mark.parametrize(
    ("logical", "other"),
    [
        (_logical("string", "uuid"), "bytes"),
        (_logical("int", "date"), "double"),
        (MILLIS, "double"),
        (MICROS, "float"),
        (_decimal(2), "string"),
    ],
)
@pytest.mark.parametrize("scattered", [True, False])
def test_a_logical_type_that_fastavro_knows_is_read_right_beside_what_its_type_is_promoted_to(
    logical: Json, other: str, scattered: bool
) -> None:
    union = ["null", other, logical] if scattered else [other, "null", logical]
    assert judge_runtime(_with(union), _with(["null", logical])).right
    assert judge_runtime(_with(union), _with(logical)).right
    assert judge_runtime(_with(union), _with(union)).right


@pytest.mark.parametrize(
    ("writer", "reader", "kind"),
    [
        ("bytes", ["string", _decimal(2)], Kind.UNREADABLE),
        ("string", ["bytes", _logical("string", "uuid")], Kind.VALUE),
        ("long", ["double", MILLIS], Kind.LOGICAL_TYPE),
        ("int", ["double", _logical("int", "date")], Kind.LOGICAL_TYPE),
        (_logical("bytes", "big-decimal"), ["string", _logical("bytes", "big-decimal")], Kind.VALUE),
        (_logical("long", "timestamp-nanos"), ["double", _logical("long", "timestamp-nanos")], Kind.VALUE),
    ],
)
def test_a_logical_type_of_another_branch_brings_no_senseless_sentence_and_trips_no_trial(
    writer: object, reader: list[object], kind: Kind
) -> None:
    misreadings = judge_runtime(_with(reader), _with(writer)).misreadings
    kinds = {each.kind for each in misreadings}
    assert kind in kinds
    assert Kind.NOT_TRIED not in kinds
    for each in misreadings:
        read, _, as_ = each.sentence.partition(" is read as ")
        assert read != as_.partition(":")[0]


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


@pytest.mark.parametrize("logical", [{}, {"logicalType": "decimal", "precision": 9}])
@pytest.mark.parametrize("name", ["f", "optional", "list", "many"])
def test_a_fixed_is_tried_up_to_a_million_bytes_and_costs_little_beyond(name: str, logical: Json) -> None:
    def schema(size: int, precision: object) -> Json:
        types = {
            "f": _named("fixed", "F", size=size, **logical),
            "optional": ["null", _named("fixed", "F", size=size, **logical)],
            "list": {"type": "array", "items": _named("fixed", "F", size=size, **logical)},
            "many": _ints(
                "M", *({"name": f"f{n}", "type": _named("fixed", f"F{n}", size=size // 8)} for n in range(9))
            ),
        }
        return _two(types[name], precision)

    assert judge_runtime(schema(800_000, "long"), schema(800_000, "int")).right
    tracemalloc.start()
    (found,) = judge_runtime(schema(2**30, "long"), schema(2**30, "int")).misreadings
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.kind is Kind.NOT_TRIED
    assert most < 20_000_000


def test_the_larger_a_fixed_is_the_fewer_records_are_tried() -> None:
    symbols = _named("enum", "E", symbols=[f"S{number}" for number in range(400)])
    small, large = (_two(_named("fixed", "F", size=size), symbols) for size in (100, 900_000))
    assert judge_runtime(small, small).tried == 400
    assert judge_runtime(large, large).tried < 100


def test_a_default_that_refuses_every_record_without_any_alias_is_not_laid_to_aliases() -> None:
    misreadings = judge_runtime(_with(FLAGS, default="Z"), EMPTY).misreadings
    assert {each.kind for each in misreadings} == {Kind.UNREADABLE, Kind.DEFAULT}


def test_a_default_for_a_huge_fixed_costs_little() -> None:
    tracemalloc.start()
    (found,) = judge_runtime(_with(_named("fixed", "F", size=2**30), default=""), EMPTY).misreadings
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.kind is Kind.DEFAULT
    assert most < 20_000_000


def test_a_witness_names_no_more_of_a_long_value_than_people_read() -> None:
    long = _named("fixed", "F", size=100_000)
    lost = {"name": "f", "type": ["null", long], "aliases": ["old"], "default": None}
    misreadings = judge_runtime(_ints("x.R", lost), _ints("R", {"name": "old", "type": ["null", long]})).misreadings
    witnesses = [each.witness for each in misreadings if each.kind is Kind.ALIAS]
    assert [witness and len(witness.written) for witness in witnesses] == [1_000]


def test_decimals_of_any_scale_are_compared_exactly() -> None:
    near, far = (_logical("bytes", "decimal", precision=2**31 - 1, scale=scale) for scale in (1_500_000, 1_600_000))
    (found,) = judge_runtime(_with(far), _with(near)).misreadings
    assert found.kind is Kind.SCALE
    assert found.witness is not None
    assert (found.witness.written, found.witness.read) == ("1.2345E-1499996", "1.2345E-1599996")


def test_what_is_too_large_to_be_resolved_is_said_and_the_rest_is_tried() -> None:
    writer, reader = (
        [_named("record", f"{letter}{number}.R{number}", fields=CIRCLE) for number in range(700)] for letter in "nm"
    )
    kinds = {
        each.kind
        for each in judge_runtime(
            _two([*reader, "null"], "float"),
            _two(writer, "int"),
        ).misreadings
    }
    assert kinds == {Kind.NOT_TRIED, Kind.PRECISION}


def test_what_only_fastavro_misreads_is_told_from_what_all_do() -> None:
    (found,) = judge_runtime(_with("bytes", default=""), EMPTY).misreadings
    assert found.only_by_fastavro
    (other,) = judge_runtime(_with("float"), _with("int")).misreadings
    assert not other.only_by_fastavro


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


def test_records_that_all_refer_to_each_other_are_tried_within_seconds() -> None:
    def records() -> list[Any]:
        field = {"name": "f", "type": ["null", *(f"R{number}" for number in range(60))], "default": None}
        return [_named("record", f"R{number}", fields=[field]) for number in range(60)]

    before = time.process_time()
    kinds = {each.kind for each in judge_runtime(records(), records()[::-1]).misreadings}
    assert time.process_time() - before < 8
    assert Kind.NOT_TRIED in kinds


def test_equal_schemas_of_a_thousand_levels_are_refused_by_fastavro_and_raise_nothing() -> None:
    def deep() -> Any:
        schema: Any = "int"
        for _ in range(1000):
            schema = {"type": "array", "items": schema}
        return schema

    kinds = {each.kind for each in judge_runtime(deep(), deep()).misreadings}
    assert kinds == {Kind.REFUSED_SCHEMA, Kind.NOT_TRIED}


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ({"type": "int", "default": True}, {"type": "int", "default": 1}),
        ({"type": "boolean", "default": 1}, {"type": "boolean", "default": True}),
        ({"type": "int", "default": 1.0}, {"type": "int", "default": 1}),
        ({"type": {"type": "fixed", "name": "F", "size": True}}, {"type": {"type": "fixed", "name": "F", "size": 1}}),
    ],
)
def test_a_reader_that_python_takes_for_the_writer_is_looked_at_all_the_same(reader: Any, writer: Any) -> None:
    def record(field: Any) -> Any:
        return {"type": "record", "name": "R", "fields": [{"name": "f", **field}]}

    assert record(reader) == record(writer)
    with pytest.raises(InvalidSchemaError, match="reader#"):
        judge_runtime(record(reader), record(writer))


def test_an_enum_of_very_many_symbols_is_tried_within_seconds() -> None:
    writer = _with(_named("enum", "E", symbols=[f"S{number}" for number in range(100_000)]))
    before = time.process_time()
    (lost, rest) = judge_runtime(_with(_named("enum", "E", symbols=["S0"], default="S0")), writer).misreadings
    assert time.process_time() - before < 5
    assert (lost.kind, rest.kind) == (Kind.LOST_SYMBOL, Kind.NOT_TRIED)


@pytest.mark.parametrize("known", ["S", "T"])
def test_an_enum_that_both_sides_know_with_very_many_symbols_is_tried_within_seconds(known: str) -> None:
    symbols = [f"S{number}" for number in range(100_000)]
    writer = _with(_named("enum", "E", symbols=symbols))
    theirs = _named("enum", "E", symbols=[f"{known}{number}" for number in range(100_000)], default=f"{known}0")
    before = time.process_time()
    kinds = {each.kind for each in judge_runtime(_with(theirs), writer).misreadings}
    assert time.process_time() - before < 20
    assert kinds == {Kind.NOT_TRIED} | ({Kind.LOST_SYMBOL} if known == "T" else set())


@pytest.mark.parametrize("values", [45_000, 200_000])
def test_a_default_of_very_many_values_is_judged_or_said_to_be_untried_within_seconds(values: int) -> None:
    items = ["null", "int", {"type": "array", "items": "int"}]
    field = {"name": "a", "type": {"type": "array", "items": items}, "default": [None] * values}
    symbols = _named("enum", "E", symbols=[f"S{number}" for number in range(400)])
    writer, reader = _with(symbols), _ints("R", field, {"name": "f", "type": symbols})
    before = time.process_time()
    misreadings = judge_runtime(reader, writer).misreadings
    assert time.process_time() - before < 20
    assert [each.kind for each in misreadings] == [Kind.NOT_TRIED]


@pytest.mark.parametrize("levels", [16, 30, 200])
def test_records_that_nest_and_take_each_others_defaults_are_said_to_be_untried_at_once(levels: int) -> None:
    inner, fields = "int", [_int("f")]
    for number in range(levels):
        default: object = {} if number else 1
        own = [{"name": name, "type": inner, "default": default} for name in ("a", "b")]
        fields.append({"name": f"q{number}", "type": _named("record", f"E{number}", fields=own), "default": {}})
        inner = f"E{number}"
    before = time.process_time()
    [found] = judge_runtime(_ints("R", *fields), _with("int")).misreadings
    assert time.process_time() - before < 5
    assert found.sentence == "not everything was tried: the reader's defaults have more than 50000 values"


def test_a_wide_record_of_which_many_parts_cannot_be_read_is_tried_within_seconds() -> None:
    writer, reader = (
        {"type": "record", "name": "R", "fields": [{"name": f"f{n}", "type": ["null", kind]} for n in range(1000)]}
        for kind in ("bytes", "string")
    )
    before = time.process_time()
    kinds = {each.kind for each in judge_runtime(reader, writer).misreadings}
    assert time.process_time() - before < 20
    assert Kind.UNREADABLE in kinds


def test_a_reader_that_differs_in_its_doc_alone_is_resolved_and_one_that_is_the_writers_own_is_not() -> None:
    writer = {"type": "record", "name": "R", "fields": [{"name": "f", "type": ["null", "bytes", "string"]}]}
    [found] = judge_runtime(writer | {"doc": "Other words."}, writer).misreadings
    assert (found.path, found.sentence) == ("f", "another branch of the reader's union takes a string")
    assert judge_runtime(dict(writer), writer).right


def test_fastavro_takes_no_alias_that_a_leading_dot_puts_into_no_namespace() -> None:
    writer: dict[str, Any] = {"type": "record", "name": "Q", "fields": [{"name": "f", "type": "int"}]}
    assert judge_runtime(writer | {"name": "T", "aliases": ["Q"]}, writer).right
    [found] = judge_runtime(writer | {"name": "T", "aliases": [".Q"]}, writer).misreadings
    assert found.kind is Kind.UNREADABLE
