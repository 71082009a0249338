"""Types that hold themselves and each other: whatever a reader changes of them anywhere, the verdict finds it."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.contracts.runtime_verdict import Kind, judge_runtime
from hangarstack.contracts.schema import Array, Map, Record, Schema, Union, parse_schema
from tests.support.generated import generated

Json = Any

MILLIS, MICROS = ({"type": "long", "logicalType": f"timestamp-{unit}"} for unit in ("millis", "micros"))
_FAMILIES = [["int", "long", "float", "double"], ["string", "bytes"], ["boolean"]]
_VALUES: dict[str, list[Any]] = {
    "null": [None],
    "boolean": [False, True],
    "int": [0, 5, 2**31 - 1, 2**24 + 1],
    "long": [0, 5, 2**63 - 1, 2**53 + 1],
    "float": [0.0, 1.5],
    "double": [0.0, 0.1, 1e300],
    "string": ["", "text"],
    "bytes": [b"", b"text", b"\xff"],
}


def _decimal(scale: int) -> Json:
    return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}


def _flag(*symbols: str) -> Json:
    return {"type": "enum", "name": "Flag", "symbols": list(symbols), "default": "A"}


def _record(name: str, *types: Json) -> Json:
    fields = [{"name": f"f{number}", "type": type_} for number, type_ in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


def _list(leaf: Json) -> Json:
    return _record("N", ["null", "N", leaf])


def _tree(leaf: Json) -> Json:
    return _record("N", ["null", "N"], ["null", "N"], ["null", "N", leaf])


def _anything(leaf: Json) -> Json:
    array, map_ = {"type": "array", "items": "N"}, {"type": "map", "values": "N"}
    return _record("N", ["null", "boolean", array, map_, "string", leaf])


def _pair(leaf: Json) -> Json:
    return _record("N", ["null", _record("M", ["N", "null", leaf])], ["null", "M", "string"])


@pytest.mark.parametrize("shape", [_list, _tree, _anything, _pair])
@pytest.mark.parametrize(
    ("writer", "reader", "kind"),
    [
        (MILLIS, MICROS, Kind.UNIT),
        (_decimal(2), _decimal(4), Kind.SCALE),
        (_flag("A", "B"), _flag("A"), Kind.LOST_SYMBOL),
        (_record("x.R", "int"), _record("x.R", "float"), Kind.PRECISION),
    ],
)
def test_what_stands_behind_a_branch_that_leads_back_is_tried(
    shape: Any, writer: Json, reader: Json, kind: Kind
) -> None:
    assert kind in {each.kind for each in judge_runtime(shape(reader), shape(writer)).misreadings}
    assert judge_runtime(shape(writer), shape(writer)).right


def test_text_that_another_branch_takes_is_found_behind_a_branch_that_leads_back() -> None:
    writer, reader = _record("N", ["null", "N", "string"]), _record("N", ["null", "N", "bytes", "string"])
    assert [each.kind for each in judge_runtime(reader, writer).misreadings] == [Kind.VALUE]


@pytest.mark.parametrize("seed", range(150))
def test_a_change_anywhere_among_records_that_hold_each_other_is_found(seed: int) -> None:
    writer, reader = _alike(random.Random(seed))
    mine = _filled(writer, lambda _: [MILLIS])
    assert judge_runtime(mine, mine).right
    for changed in _leaves(reader):
        types = {leaf: [MICROS if leaf == changed else MILLIS] for leaf in _leaves(reader)}
        theirs = _filled(reader, types.__getitem__)
        assert check_reader_writer(theirs, mine).compatible
        assert {each.kind for each in judge_runtime(theirs, mine).misreadings} == {Kind.UNIT}


@pytest.mark.parametrize("seed", range(150))
def test_records_that_hold_each_other_are_read_right_unless_that_is_refused_or_warned_about(seed: int) -> None:
    rng = random.Random(seed)
    writer, reader = _alike(rng)
    families = {_slot(leaf): rng.choice(_FAMILIES) for leaf in _leaves(writer)}
    before = {slot: rng.sample(family, rng.randint(1, len(family))) for slot, family in families.items()}
    after = {leaf: rng.sample(families[_slot(leaf)], len(families[_slot(leaf)])) for leaf in _leaves(reader)}
    mine = _filled(writer, lambda leaf: before[_slot(leaf)])
    theirs = _filled(reader, lambda leaf: before[_slot(leaf)] if rng.random() < 0.8 else after[leaf])
    if not check_reader_writer(theirs, mine).compatible or not judge_runtime(theirs, mine).right:
        return
    with generated(mine, theirs) as codec:
        for _ in range(10):
            body = _encoded(mine, _value(parse_schema(mine), rng, 0))
            written = _decoded(body, mine)
            assert _same(written, _decoded(body, mine, theirs))
            assert _same(written, _decoded(codec.encode(codec.decode(1, body)), theirs))


def _alike(rng: random.Random) -> tuple[Json, Json]:
    """A writer's schema, and a reader's that spells it out in several copies.

    Leaves are ``?0.0``: the one's number among those of the records' shapes, and how often it was written before.
    """
    names = ["A", "B", "C", "D"][: rng.randint(1, 4)]
    slots = itertools.count()
    shapes = {name: [_shape(rng, names, f"?{next(slots)}") for _ in range(rng.randint(1, 3))] for name in names}

    def written(name: str, spaces: list[str], known: dict[str, int]) -> Json:
        full = rng.choice(spaces) + name
        if full in known:
            return full
        known[full] = 1
        return _record(full, *[inner(shape, spaces, known) for shape in shapes[name]])

    def inner(shape: Json, spaces: list[str], known: dict[str, int]) -> Json:
        if isinstance(shape, list):
            return [inner(each, spaces, known) for each in shape]
        if isinstance(shape, dict):
            return {key: inner(value, spaces, known) for key, value in shape.items()}
        if shape.startswith("?"):
            known[shape] = known.get(shape, 0) + 1
            return f"{shape}.{known[shape] - 1}"
        return written(shape, spaces, known) if shape in names else shape

    spaces = [f"n{number}." for number in range(rng.randint(1, 3))]
    return written("A", [""], {}), written("A", spaces, {})


def _shape(rng: random.Random, names: list[str], leaf: str) -> Json:
    """A type that ends though it refers to records."""
    refs = rng.sample(names, rng.randint(1, min(2, len(names))))
    kind = rng.choice(["union", "union", "union", "listed", "array", "map", "leaf"])
    branches = ["null", *refs, leaf]
    rng.shuffle(branches)
    return {
        "union": branches,
        "listed": {"type": "array", "items": branches},
        "array": {"type": "array", "items": refs[0]},
        "map": {"type": "map", "values": refs[0]},
        "leaf": leaf,
    }[kind]


def _slot(leaf: str) -> str:
    return leaf.partition(".")[0]


def _leaves(schema: Json) -> list[str]:
    inner = schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ()
    own = [schema] if isinstance(schema, str) and schema.startswith("?") else []
    return [*own, *itertools.chain.from_iterable(map(_leaves, inner))]


def _filled(schema: Json, types: Callable[[str], list[Json]]) -> Json:
    """The schema with types in the place of each leaf; several are a union."""
    if isinstance(schema, list):
        filled = [_filled(each, types) for each in schema]
        return [branch for each in filled for branch in (each if isinstance(each, list) else [each])]
    if isinstance(schema, dict):
        return {key: _filled(value, types) for key, value in schema.items()}
    if not schema.startswith("?"):
        return schema
    found = types(schema)
    return found if len(found) > 1 else found[0]


def _value(schema: Schema, rng: random.Random, depth: int) -> Any:
    if isinstance(schema, Union):
        null = [branch for branch in schema.branches if getattr(branch, "type", "") == "null"]
        branch = rng.choice(null if null and depth > 6 else schema.branches)
        return (getattr(branch, "name", "") or branch.type), _value(branch, rng, depth + 1)  # type: ignore[union-attr] # no branch is a container
    if isinstance(schema, Record):
        return {field.name: _value(field.type, rng, depth + 1) for field in schema.fields}
    if isinstance(schema, Array):
        return [_value(schema.items, rng, depth + 1) for _ in range(0 if depth > 6 else rng.randint(0, 2))]
    if isinstance(schema, Map):
        return {key: _value(schema.values, rng, depth + 1) for key in "ab"[: 0 if depth > 6 else rng.randint(0, 2)]}
    return rng.choice(_VALUES[schema.type])  # type: ignore[union-attr] # what is left is primitive


def _encoded(schema: Json, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


def _decoded(body: bytes, writer: Json, reader: Json = None) -> Any:
    theirs = None if reader is None else fastavro.parse_schema(reader)
    return fastavro.schemaless_reader(io.BytesIO(body), fastavro.parse_schema(writer), theirs)


def _same(written: Any, read: Any) -> bool:
    if isinstance(written, list):
        return len(written) == len(read) and all(map(_same, written, read))
    if isinstance(written, dict):
        return written.keys() == read.keys() and all(_same(written[key], read[key]) for key in written)
    if isinstance(written, str) and isinstance(read, bytes):
        return written.encode() == read
    return bool(written == (read.encode() if isinstance(written, bytes) and isinstance(read, str) else read))
