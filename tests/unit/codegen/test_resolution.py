"""Where Avro Java departs from the specification, or goes where few tests do; each expectation is its answer."""

from __future__ import annotations

from typing import Any, Final

import pytest

from hangarstack.errors import ResolutionError
from tests.support.generated import generated

Json = Any
REFUSED: Final = "refused"


def _record(*fields: Json, **more: Json) -> Json:
    return {"type": "record", "name": "R", "fields": list(fields)} | more


def _field(name: str, type_: Json, **more: Json) -> Json:
    return {"name": name, "type": type_} | more


def _enum(name: str, *symbols: str, **more: Json) -> Json:
    return {"type": "enum", "name": name, "symbols": list(symbols)} | more


def _fixed(name: str, size: int, **more: Json) -> Json:
    return {"type": "fixed", "name": name, "size": size} | more


def _inner(name: str, *fields: Json, **more: Json) -> Json:
    return {"type": "record", "name": name, "fields": list(fields)} | more


_A: Final = _inner("A", _field("n", "int"))
_B: Final = _inner("B", _field("n", "int"))
_NODE: Final = _inner("N", _field("v", "int"), _field("next", ["null", "N"]))
_WIDE_NODE: Final = _inner("N", _field("v", "long"), _field("next", ["null", "N"]), _field("w", "int", default=7))

CASES: Final[dict[str, tuple[Json, Json, str, str]]] = {
    # --- promotions
    "int to double": (_field("f", "int"), _field("f", "double"), "03", "00000000000000c0"),
    "long to float rounds once": (
        _field("f", "long"),
        _field("f", "float"),
        "8280808084808020",
        "0100005a",
    ),
    "string to bytes": (_field("f", "string"), _field("f", "bytes"), "04c3a9", "04c3a9"),
    "long to int": (_field("f", "long"), _field("f", "int"), "02", REFUSED),
    "a time in milliseconds is taken for one in microseconds": (
        _field("f", {"type": "long", "logicalType": "timestamp-millis"}),
        _field("f", {"type": "long", "logicalType": "timestamp-micros"}),
        "8080c8a0f8b0a806",
        "8080c8a0f8b0a806",
    ),
    "a decimal of another scale keeps its digits": (
        _field("f", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 4}),
        _field("f", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}),
        "0404d2",
        "0404d2",
    ),
    # --- names
    "a fixed of another namespace": (
        _field("f", _fixed("F", 1, namespace="x")),
        _field("f", _fixed("F", 1, namespace="y")),
        "07",
        "07",
    ),
    "a fixed of another name": (_field("f", _fixed("F", 1)), _field("f", _fixed("G", 1)), "07", REFUSED),
    "a fixed of another size": (_field("f", _fixed("F", 1)), _field("f", _fixed("F", 2)), "07", REFUSED),
    "a record of another name": (_field("f", _A), _field("f", _B), "06", "06"),
    "an alias names the writer's enum": (
        _field("f", _enum("Old", "X", "Y")),
        _field("f", _enum("New", "Y", "X", aliases=["Old"])),
        "00",
        "02",
    ),
    "an alias of an alias": (
        _field("f", ["null", _fixed("One", 1)]),
        _field("f", ["null", _fixed("Three", 1, aliases=["Two"]), _fixed("Two", 2, aliases=["One"])]),
        "0207",
        "0207",
    ),
    "a field's alias": (_field("old", "int"), _field("new", "long", aliases=["old"]), "06", "06"),
    # --- enums
    "a symbol that the reader does not know": (
        _field("f", _enum("E", "X", "Y")),
        _field("f", _enum("E", "X")),
        "02",
        REFUSED,
    ),
    "a symbol that the reader does not know takes its default": (
        _field("f", _enum("E", "X", "Y")),
        _field("f", _enum("E", "Z", "X", default="Z")),
        "02",
        "00",
    ),
    # --- unions
    "a branch is found by promotion last": (
        _field("f", "int"),
        _field("f", ["string", "double", "long"]),
        "06",
        "020000000000000840",
    ),
    "an int and a long in one union": (_field("f", ["int", "long"]), _field("f", ["long", "int"]), "0206", "0006"),
    "a float and a double in one union": (
        _field("f", ["float", "double"]),
        _field("f", ["double", "float"]),
        "000000803f",
        "020000803f",
    ),
    "a string and an enum in one union": (
        _field("f", ["string", _enum("E", "X")]),
        _field("f", ["string", _enum("E", "X")]),
        "0200",
        "0200",
    ),
    "two fixed and bytes in one union": (
        _field("f", [_fixed("F", 1), _fixed("G", 1), "bytes"]),
        _field("f", ["bytes", _fixed("G", 1), _fixed("F", 1)]),
        "0009",
        "0409",
    ),
    "a map and a record in one union": (
        _field("f", [{"type": "map", "values": "int"}, _A]),
        _field("f", [_A, {"type": "map", "values": "int"}]),
        "000202610a00",
        "020202610a00",
    ),
    "two records with the same fields in one union": (_field("f", [_A, _B]), _field("f", [_B, _A]), "0006", "0206"),
    "a record branch of another name is found by its structure": (
        _field("f", _inner("C", _field("n", "int"))),
        _field("f", ["null", _inner("D", _field("other", "int")), _A]),
        "06",
        "0406",
    ),
    "a record branch of the same short name is preferred to one of the same structure": (
        _field("f", _inner("A", _field("n", "int"), namespace="x")),
        _field("f", [_B, _inner("A", _field("n", "int"), namespace="y")]),
        "06",
        "0206",
    ),
    "an enum branch must have the full name": (
        _field("f", _enum("E", "X", namespace="x")),
        _field("f", ["null", _enum("E", "X", namespace="y")]),
        "00",
        REFUSED,
    ),
    "unions that are the same but for namespaces are resolved by index": (
        _field("f", ["null", _enum("E", "X", namespace="x")]),
        _field("f", ["null", _enum("E", "X", namespace="y")]),
        "0200",
        "0200",
    ),
    "a branch that cannot be read, in a record that does not hold it": (
        _field("f", ["null", "string"]),
        _field("f", ["null", "int"]),
        "00",
        "00",
    ),
    "a branch that cannot be read": (_field("f", ["null", "string"]), _field("f", ["null", "int"]), "020261", REFUSED),
    "a union becomes one of its branches": (_field("f", ["null", "int"]), _field("f", "long"), "0206", "06"),
    # --- containers
    "an array in blocks with and without sizes": (
        _field("f", {"type": "array", "items": "int"}),
        _field("f", {"type": "array", "items": "int"}),
        "02040304060800",
        "0604060800",
    ),
    "an array of nulls": (
        _field("f", {"type": "array", "items": "null"}),
        _field("f", {"type": "array", "items": "null"}),
        "0600",
        "0600",
    ),
    "arrays within arrays": (
        _field("f", {"type": "array", "items": {"type": "array", "items": "int"}}),
        _field("f", {"type": "array", "items": {"type": "array", "items": "long"}}),
        "0402060002080000",
        "0402060002080000",
    ),
    # --- records
    "a record that holds itself": (_field("f", _NODE), _field("f", _WIDE_NODE), "02020400", "020204000e0e"),
    "a record that holds itself is passed over": (_field("g", _NODE), _field("f", "int", default=1), "02020400", "02"),
    "a field that is needed and not there, in a branch that is not written": (
        _field("f", ["null", _inner("A")]),
        _field("f", ["null", _A]),
        "00",
        "00",
    ),
    "a field that is needed and not there": (
        _field("f", ["null", _inner("A")]),
        _field("f", ["null", _A]),
        "02",
        REFUSED,
    ),
    # --- defaults
    "a default of bytes": (None, _field("f", "bytes", default="\u00ff\u0000"), "", "04ff00"),
    "a default of a fixed is filled up": (None, _field("f", _fixed("F", 3), default="\u00ff"), "", "ff0000"),
    "a default of a record takes those of its fields": (
        None,
        _field("f", _inner("A", _field("n", "int", default=5), _field("s", "string")), default={"s": "x"}),
        "",
        "0a0278",
    ),
    "a default of a float is rounded": (None, _field("f", "float", default=0.1), "", "cdcccc3d"),
    "a default of a union may be of any branch": (None, _field("f", ["string", "null"], default=None), "", "02"),
    "a default of a union is of the first branch that takes numbers": (
        None,
        _field("f", ["int", "long"], default=3_000_000_000),
        "",
        "00ff87fdd209",
    ),
    "a default that is no symbol": (None, _field("f", _enum("E", "X"), default="Y"), "", REFUSED),
    "a default that is no symbol, not needed": (
        _field("f", _enum("E", "X")),
        _field("f", _enum("E", "X"), default="Y"),
        "00",
        "00",
    ),
    "a default of a UUID that is none": (
        None,
        _field("f", {"type": "string", "logicalType": "uuid"}, default="s"),
        "",
        "0273",
    ),
    "a default of a map": (None, _field("f", {"type": "map", "values": "int"}, default={"a": 1}), "", "0202610200"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_resolved_as_avro_java_resolves(name: str) -> None:
    written, read, datum, resolved = CASES[name]
    writer = _record(*([] if written is None else [written]))
    with generated(writer, _record(read)) as codec:
        if resolved == REFUSED:
            with pytest.raises(ResolutionError) as caught:
                codec.decode(1, bytes.fromhex(datum))
            assert caught.value.where.startswith("Event")
        else:
            event = codec.decode(1, bytes.fromhex(datum))
            assert codec.encode(event).hex() == resolved
            assert codec.decode(2, bytes.fromhex(resolved)) == event


def test_bytes_that_are_no_text_and_became_a_string_keep_their_bytes() -> None:
    with generated(_record(_field("f", "bytes")), _record(_field("f", "string"))) as codec:
        event = codec.decode(1, b"\4\xff\0")
        assert event.f == "\N{REPLACEMENT CHARACTER}\0"
        assert codec.encode(event) == b"\4\xff\0"


def test_aliases_that_give_two_fields_one_name_cannot_be_resolved() -> None:
    writer = _record(_field("a", "int"), _field("b", "int"))
    reader = _record(_field("b", "int", aliases=["a"]))
    with generated(writer, reader) as codec, pytest.raises(ResolutionError, match="two fields"):
        codec.decode(1, b"\2\4")


def test_aliases_that_give_two_branches_one_name_cannot_be_resolved() -> None:
    writer = _record(_field("f", [_A, _B]))
    reader = _record(_field("f", [_inner("A", _field("n", "int"), aliases=["B"]), "null"]))
    with generated(writer, reader) as codec, pytest.raises(ResolutionError, match="two branches"):
        codec.decode(1, b"\0\2")


def test_a_default_that_an_alias_makes_invalid_cannot_be_resolved() -> None:
    inner = _inner("A", _field("n", "int"))
    writer = _record(_field("f", inner, default={"n": 1}))
    reader = _record(_field("f", _inner("A", _field("m", "int", aliases=["n"]))))
    with generated(writer, reader) as codec, pytest.raises(ResolutionError, match="default"):
        codec.decode(1, b"\2")


def test_a_default_that_holds_itself_without_end_cannot_be_used() -> None:
    reader = _record(_field("f", ["R", "null"], default=None))
    with generated(_record(), reader) as codec, pytest.raises(ResolutionError, match="without end"):
        codec.decode(1, b"")


def test_a_version_that_cannot_be_resolved_does_not_keep_the_others_from_being_read() -> None:
    with generated(_record(_field("f", "string")), _record(_field("f", "int")), _record(_field("f", "long"))) as codec:
        with pytest.raises(ResolutionError):
            codec.decode(1, b"\0")
        assert codec.encode(codec.decode(2, b"\6")) == b"\6"
