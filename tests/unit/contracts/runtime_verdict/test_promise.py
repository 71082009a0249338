"""Whatever a writer writes comes out right, or the checker refuses the pair, or the runtime verdict warns.

What comes out is asked of the generated code, which the verdict itself does not use.
"""

from __future__ import annotations

import io
import json
import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import fastavro
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.contracts.runtime_verdict import judge_runtime
from hangarstack.errors import HangarStackError, InvalidSchemaError
from tests.support.generated import generated

Json = Any

_VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "avro_resolution.json"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PER_SECOND = {"millis": 10**3, "micros": 10**6}
_NUMBERS = ["int", "long", "float", "double"]
_TEXTS = ["string", "bytes"]
_TIMES = [
    "long",
    *(
        {"type": "long", "logicalType": f"{kind}-{unit}"}
        for kind in ("timestamp", "local-timestamp")
        for unit in _PER_SECOND
    ),
]
_DECIMALS = [
    {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    for precision, scale in ((9, 2), (9, 4), (12, 2))
]
_FAMILIES: list[list[Json]] = [
    _NUMBERS,
    _TEXTS,
    _TIMES,
    _DECIMALS,
    ["string", {"type": "string", "logicalType": "uuid"}],
    ["boolean"],
]
_CONTAINERS = {"array", "map", "record", "enum"}
_SHAPES = ["leaf", "leaf", "enum", "fixed", "optional", "array", "map", "union", "records"]
_SYMBOLS = [["A", "B"], ["A"], ["B", "C"]]


@st.composite
def _pairs(draw: st.DrawFn, depth: int = 2) -> tuple[Json, Json]:
    """A type of the writer's, and one of the reader's that is often the same and often related."""
    shape = draw(st.sampled_from(_SHAPES if depth else ["leaf"]))
    if shape == "leaf":
        family = draw(st.sampled_from(_FAMILIES))
        writer = draw(st.sampled_from(family))
        return writer, draw(st.just(writer) | st.sampled_from(family))
    if shape == "enum":
        mine, theirs = draw(st.sampled_from(_SYMBOLS)), draw(st.sampled_from(_SYMBOLS))
        default = draw(st.sampled_from([{}, {"default": theirs[0]}]))
        space = {"namespace": draw(st.sampled_from(["a", "b"]))}
        named = {"type": "enum", "name": "E*"}
        return {**named, "symbols": mine, "namespace": "a"}, {**named, "symbols": theirs, **default, **space}
    if shape == "fixed":
        sizes = st.sampled_from([2, 2, 3])
        spaces = st.sampled_from(["a", "b"])
        return tuple({"type": "fixed", "name": "F*", "namespace": draw(spaces), "size": draw(sizes)} for _ in range(2))  # type: ignore[return-value] # two of them
    if shape == "records":
        return draw(_record_unions())
    if shape == "union":
        family = draw(st.sampled_from([_NUMBERS, _TEXTS]))
        branches = st.lists(st.sampled_from(family), unique=True, min_size=1)
        return draw(branches), draw(branches)
    writer, reader = draw(_pairs(depth=depth - 1))
    if shape == "optional":
        return _optional(writer), _optional(reader)
    key = "items" if shape == "array" else "values"
    return {"type": shape, key: writer}, {"type": shape, key: reader}


@st.composite
def _record_unions(draw: st.DrawFn) -> tuple[Json, Json]:
    """Unions of records, some of one short name, some renamed with an alias."""
    writer, reader = draw(_pairs(depth=0))
    mine = [_inner(space, "R*", {"name": "x", "type": writer}) for space in draw(_SPACES)]
    theirs = []
    for space in draw(_SPACES):
        field = {"name": "x", "type": reader}
        if draw(st.booleans()):
            field = {"name": "y", "aliases": ["x"], "type": reader}
        theirs.append(_inner(space, "R*", field) | draw(st.sampled_from([{}, {"aliases": ["a.R*", "b.R*"]}])))
    return ["null", *mine], draw(st.sampled_from([["null", *theirs], [*theirs, "null"]]))


_SPACES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1, max_size=2)


def _inner(space: str, name: str, field: Json) -> Json:
    return {"type": "record", "name": name, "namespace": space, "fields": [field]}


def _optional(schema: Json) -> Json:
    return schema if isinstance(schema, list) else ["null", schema]


@st.composite
def _evolutions(draw: st.DrawFn) -> tuple[Json, Json]:
    mine, theirs = [], []
    for number, (writer, reader) in enumerate(draw(st.lists(_pairs(), min_size=1, max_size=3))):
        mine.append({"name": f"f{number}", "type": _numbered(writer, number)})
        theirs.append({"name": f"f{number}", "type": _numbered(reader, number)})
    head = {"type": "record", "name": "Event"}
    added = draw(st.sampled_from([[], [{"name": "new", "type": ["null", "int"], "default": None}]]))
    return {**head, "fields": mine}, {**head, "fields": [*theirs, *added]}


_NAMES = ["A", "B", "C", "D"]
_LETTERS = ["x", "y", "z"]


def _renaming(seed: int) -> tuple[Json, Json]:
    """Types and fields under a few names that the reader gives anew, with aliases that chain, swap and clash."""
    rng = random.Random(seed)
    names = rng.choice([_NAMES, _NAMES, rng.sample(_NAMES, len(_NAMES))])
    writer, reader = [], []
    for mine, theirs in zip(_NAMES, names, strict=True):
        one, other = _namesakes(rng)
        stray = [rng.choice([*_NAMES, "Event"])] if rng.random() < 0.2 else []
        aliases = {*stray, mine} - {theirs}
        writer.append(one | {"name": mine})
        reader.append(other | {"name": theirs, "aliases": sorted(aliases)})
    numbers = _integers(rng)
    added = rng.choice([[], [{"name": "new", "type": ["null", "int"], "default": None}]])
    return _event(rng, writer, numbers[0]), _event(rng, reader, [*numbers[1], *added])


def _event(rng: random.Random, types: list[Json], more: list[Json]) -> Json:
    union = rng.choice([["null", *types[2:]], [*reversed(types[2:]), "null"]])
    fields = [{"name": f"f{number}", "type": type_} for number, type_ in enumerate([*types[:2], union])]
    return {"type": "record", "name": "Event", "fields": [*fields, *more]}


def _namesakes(rng: random.Random) -> tuple[Json, Json]:
    kind = rng.choice(["record", "record", "record", "enum", "fixed"])
    if kind == "record":
        mine, theirs = _integers(rng)
        return {"type": kind, "fields": mine}, {"type": kind, "fields": theirs}
    same = {"type": kind, "symbols": ["S", "T"]} if kind == "enum" else {"type": kind, "size": 2}
    return same, same


def _integers(rng: random.Random) -> tuple[list[Json], list[Json]]:
    """Fields of the writer's, and the reader's under other names."""
    mine = [{"name": name, "type": "int"} for name in rng.sample(_LETTERS, rng.choice([1, 1, 2]))]
    theirs = []
    for number, name in enumerate(rng.sample(_LETTERS, rng.choice([0, 1, 1, 2]))):
        aliases = [rng.choice(_LETTERS)] if rng.random() < 0.4 else []
        default = {"default": number + 5} if rng.random() < 0.9 else {}
        theirs.append({"name": name, "type": "int", "aliases": [each for each in aliases if each != name], **default})
    return mine, theirs


def _numbered(schema: Json, number: int) -> Json:
    return json.loads(
        json.dumps(schema).replace("E*", f"E{number}").replace("F*", f"F{number}").replace("R*", f"R{number}")
    )


def _values(schema: Json) -> st.SearchStrategy[Any]:
    """What a writer can write, as fastavro takes it, logical types aside."""
    if isinstance(schema, list):
        return st.one_of([st.tuples(st.just(_kind(branch)), _values(branch)) for branch in schema])
    kind = schema if isinstance(schema, str) else schema["type"]
    logical = "" if isinstance(schema, str) else schema.get("logicalType", "")
    if logical.endswith(("millis", "micros")):
        return st.integers(0, 4_000_000_000 * _PER_SECOND[logical.rpartition("-")[2]])
    if logical == "decimal":
        most = 10 ** schema["precision"] - 1
        return st.integers(-most, most).map(lambda number: number.to_bytes(8, "big", signed=True))
    if logical == "uuid":
        return st.uuids().map(str)
    if kind == "array":
        return st.lists(_values(schema["items"]), max_size=2)
    if kind == "map":
        return st.dictionaries(st.text("ab"), _values(schema["values"]), max_size=2)
    if kind == "enum":
        return st.sampled_from(schema["symbols"])
    if kind == "fixed":
        return st.binary(min_size=schema["size"], max_size=schema["size"])
    if kind == "record":
        return st.fixed_dictionaries({field["name"]: _values(field["type"]) for field in schema["fields"]})
    return {
        "null": st.none(),
        "boolean": st.booleans(),
        "int": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**63), 2**63 - 1),
        "float": st.floats(width=32),
        "double": st.floats(),
        "string": st.text(max_size=4),
        "bytes": st.binary(max_size=4),
    }[kind]


def _kind(schema: Json) -> str:
    if isinstance(schema, str):
        return schema
    space = f"{schema['namespace']}." if "namespace" in schema else ""
    return space + schema["name"] if "name" in schema else str(schema["type"])


def _type(schema: Json) -> str:
    return schema if isinstance(schema, str) else str(schema["type"])


def _is(schema: Json, name: str) -> bool:
    """Tell whether a type has that name; one without a namespace has that of whatever is around it."""
    return name == _kind(schema) or ("." not in _kind(schema) and _last(name) == _kind(schema))


def _aliases(schema: Json) -> list[str]:
    return schema.get("aliases", []) if isinstance(schema, dict) else []


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _same(writer: Json, reader: Json, written: Any, read: Any) -> bool:
    """Tell whether both sides mean one thing, each by its own schema."""
    if isinstance(writer, list):
        if not isinstance(written, tuple):
            in_bytes = isinstance(written, bytes)
            could = [branch for branch in writer if in_bytes == (_type(branch) in {"bytes", "fixed"})]
            return any(_same(branch, reader, written, read) for branch in could)
        return _same(next(branch for branch in writer if _is(branch, written[0])), reader, written[1], read)
    if isinstance(reader, list):
        return _in_union(writer, reader, written, read)
    # A part may come with its name though one of the two schemas has no union there.
    mine = written[1] if isinstance(written, tuple) else written
    theirs = read[1] if isinstance(read, tuple) else read
    if isinstance(writer, dict) and isinstance(reader, dict) and writer["type"] == reader["type"] in _CONTAINERS:
        return _parts(writer, reader, mine, theirs)
    return _leaves(writer, reader, mine, theirs)


def _in_union(writer: Json, reader: list[Json], written: Any, read: Any) -> bool:
    if not isinstance(read, tuple):
        alike = [branch for branch in reader if _type(branch) == _type(writer)]
        return any(_same(writer, branch, written, read) for branch in alike or reader)
    of_name = [branch for branch in reader if _is(branch, _kind(writer))]
    of_alias = [branch for branch in reader if _kind(writer) in _aliases(branch)]
    alike = [branch for branch in reader if _last(_kind(branch)) == _last(read[0])]
    meant = of_name or of_alias or alike
    if len(meant) > 1 or not any(_is(branch, read[0]) for branch in meant):
        return False  # nobody can say which is meant, or it is another
    return any(_same(writer, branch, written, read[1]) for branch in reader if _is(branch, read[0]))


def _parts(writer: Json, reader: Json, written: Any, read: Any) -> bool:
    kind = writer["type"]
    if kind == "enum":
        return bool(read == (written if written in reader["symbols"] else reader.get("default")))
    if not all(isinstance(value, list if kind == "array" else dict) for value in (written, read)):
        return False
    if kind == "array":
        return len(written) == len(read) and all(
            _same(writer["items"], reader["items"], mine, theirs) for mine, theirs in zip(written, read, strict=True)
        )
    if kind == "map":
        values = writer["values"], reader["values"]
        return written.keys() == read.keys() and all(_same(*values, written[key], read[key]) for key in written)
    return _same_records(writer, reader, written, read)


def _same_records(writer: Json, reader: Json, written: Any, read: Any) -> bool:
    sources = {field["name"]: field for field in writer["fields"]}
    for field in reader["fields"]:
        names = [name for name in (field["name"], *field.get("aliases", ())) if name in sources]
        if names:
            source = sources[names[0]]
            if not _same(source["type"], field["type"], written[names[0]], read[field["name"]]):
                return False
        elif field["type"] == "int" and read[field["name"]] != field["default"]:
            return False
    return True


def _leaves(writer: Json, reader: Json, written: Any, read: Any) -> bool:
    if "null" in (writer, reader):
        return writer == reader and written is None and read is None
    if isinstance(written, str) and isinstance(read, bytes):
        return _type(reader) == "bytes" and written.encode() == read
    if isinstance(written, bytes) and isinstance(read, str):
        return _type(reader) == "string" and written == read.encode()
    mine, theirs = _logical(writer), _logical(reader)
    if theirs == "uuid" and not mine:
        return bool(_UUID.fullmatch(read))
    if mine and theirs and isinstance(written, int | bytes | str) and isinstance(read, type(written)):
        return bool(_meaning(writer, written) == _meaning(reader, read))
    return bool(written == read or (written != written and read != read))


def _logical(schema: Json) -> str:
    return "" if isinstance(schema, str) else str(schema.get("logicalType", ""))


def _meaning(schema: Json, raw: Any) -> Any:
    name = _logical(schema)
    if name == "decimal" and isinstance(raw, bytes):
        return Fraction(int.from_bytes(raw, "big", signed=True), 10 ** schema["scale"])
    kind, _, unit = name.rpartition("-")
    return (kind, Fraction(raw, _PER_SECOND[unit])) if unit in _PER_SECOND and isinstance(raw, int) else raw


def _bare(schema: Json) -> Json:
    """The schema without logical types."""
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key != "logicalType"}
    return schema


def _encode(schema: Json, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(_bare(schema)), value)
    return out.getvalue()


def _decode(schema: Json, body: bytes) -> Any:
    return fastavro.schemaless_reader(
        io.BytesIO(body), fastavro.parse_schema(_bare(schema)), None, return_named_type=True, return_record_name=True
    )


_RENAMINGS = st.integers(0, 2**64).map(_renaming)

_SETTINGS = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking generates code again and again
)


@_SETTINGS
@given(_evolutions(), st.data())
def test_generated_code_reads_right_whatever_is_neither_refused_nor_warned_about(
    evolution: tuple[Json, Json], data: st.DataObject
) -> None:
    _check_promise(*evolution, data)


@settings(_SETTINGS, max_examples=400)
@given(_RENAMINGS, st.data())
def test_generated_code_reads_right_what_aliases_rename_unless_it_is_refused_or_warned_about(
    evolution: tuple[Json, Json], data: st.DataObject
) -> None:
    _check_promise(*evolution, data)


def _check_promise(writer: Json, reader: Json, data: st.DataObject) -> None:
    if not _compatible(reader, writer) or not all(each.loses for each in judge_runtime(reader, writer).misreadings):
        return
    records = data.draw(st.lists(_values(writer), min_size=3, max_size=5))
    with generated(writer, reader) as codec:
        for record in records:
            body = _encode(writer, record)
            read = _decode(reader, codec.encode(codec.decode(1, body)))
            assert _same_records(writer, reader, record, read), (record, read)


def _compatible(reader: Json, writer: Json) -> bool:
    try:
        return check_reader_writer(reader, writer).compatible
    except InvalidSchemaError:
        return False


@_SETTINGS
@given(_evolutions())
def test_every_witness_is_read_wrong_by_fastavro_or_by_the_generated_code(evolution: tuple[Json, Json]) -> None:
    _check_witnesses(*evolution)


@settings(_SETTINGS, max_examples=400)
@given(_RENAMINGS)
def test_every_witness_of_what_aliases_rename_is_read_wrong_by_fastavro_or_by_the_generated_code(
    evolution: tuple[Json, Json],
) -> None:
    _check_witnesses(*evolution)


def _check_witnesses(writer: Json, reader: Json) -> None:
    if not _compatible(reader, writer):
        return
    misreadings = [each for each in judge_runtime(reader, writer).misreadings if not each.loses]
    if not misreadings:
        return
    with generated(writer, reader) as codec:
        for each in misreadings:
            assert each.witness is not None
            assert _is_read_wrong(writer, reader, each.witness.body, codec), each


def _is_read_wrong(writer: Json, reader: Json, body: bytes, codec: Any) -> bool:
    record = _decode(writer, body)
    try:
        ours = _decode(reader, codec.encode(codec.decode(1, body)))
        theirs: Any = fastavro.schemaless_reader(
            io.BytesIO(body),
            fastavro.parse_schema(_bare(writer)),
            # With the writer's own schema fastavro would resolve nothing; they differ, if only in logical types.
            fastavro.parse_schema(_bare(reader) | {"doc": "The reader's."}),
            return_named_type=True,
            return_record_name=True,
        )
    except (HangarStackError, ValueError, KeyError, fastavro.read.SchemaResolutionError):
        return True
    return not all(_same_records(writer, reader, record, read) for read in (ours, theirs))


def test_avro_java_reads_whatever_is_neither_refused_nor_warned_about() -> None:
    cases = json.loads(_VECTORS.read_text(encoding="utf-8"))
    failed = [
        case["name"]
        for case in cases
        if any("error" in each for each in case["cases"]) and _promised(case["reader"], case["writer"])
    ]
    assert cases
    assert failed == []


def test_avro_java_reads_right_whatever_is_neither_refused_nor_warned_about() -> None:
    cases = [case for case in json.loads(_VECTORS.read_text(encoding="utf-8")) if "error" not in str(case["cases"])]
    promised = [case for case in cases if _promised(case["reader"], case["writer"])]
    assert len(promised) > 100
    for case in promised:
        for each in case["cases"]:
            written = _decode(case["writer"], bytes.fromhex(each["datum"]))
            read = _decode(case["reader"], bytes.fromhex(each["resolved"]))
            assert _same_records(case["writer"], case["reader"], written, read), (case["name"], written, read)


def _promised(reader: Json, writer: Json) -> bool:
    return _compatible(reader, writer) and judge_runtime(reader, writer).right
