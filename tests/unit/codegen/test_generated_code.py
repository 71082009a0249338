from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from hangarstack.codegen import generate
from hangarstack.codegen.schematexts import HEADER
from hangarstack.contracts.model import Contract
from hangarstack.errors import DecodeError, EncodeError, UnsupportedSchemaError
from hangarstack.events.runtime import Branch, FrozenMap
from hangarstack.settings import Settings
from tests.support.generated import contract_of, generated, imported, source_of
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

Json = Any
_BY_HAND: Final = '''"""By hand."""

from hangarstack_generated.plifted.event import Event
from hangarstack_generated.plifted.event_v2 import EventV2
from hangarstack_generated.plifted.event_v3 import EventV3


def from_v2(old: EventV2) -> EventV3:
    """Return the bytes of the number."""
    return EventV3(id=old.id, b=bytes(old.a))


def from_v3(old: EventV3) -> Event:
    """Return the number of the bytes."""
    return Event(id=old.id, c=len(old.b))
'''
_ROOT: Final = Settings().root


def _record(*fields: tuple[str, Json], **more: Json) -> Json:
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": type_} for name, type_ in fields]} | more


def _tool(*command: str, cwd: Path = _ROOT) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout + done.stderr if done.returncode else ""


_RESERVED: Final = {"type": "record", "name": "Reserved", "fields": [{"name": "x", "type": []}]}
_EMPTY_UNION: Final = (
    _record(("id", "int")),
    _record(("id", "int"), ("never", ["null", _RESERVED]), ("after", "string")),
    _record(("id", "int"), ("after", "string")),
)
"""The second has a record that no value fits, which the third passes over."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Code for forty random evolutions, on disk."""
    directory = tmp_path_factory.mktemp("generated") / "hangarstack_generated"
    for number in range(40):
        made = RandomSchemas(random.Random(number))
        writer = made.record()
        _put(directory, f"p{number}", contract_of(writer, evolved(made, writer)))
    sizes = [_record(("id", "string"), (name, type_)) for name, type_ in (("a", "int"), ("b", "bytes"), ("c", "float"))]
    versions = [sizes[0], sizes[0] | {"doc": "As before."}, *sizes[1:]]
    places = {last: f"hangarstack_generated.by_hand:from_v{last}" for last in (2, 3)}
    _put(directory, "plifted", contract_of(*versions, lifted=places))
    _put(directory, "pempty", contract_of(*_EMPTY_UNION))
    (directory / "by_hand.py").write_text(_BY_HAND, "utf-8")
    (directory / "__init__.py").write_text('"""Generated."""\n', "utf-8")
    return directory


def _put(directory: Path, name: str, contract: Contract) -> None:
    for path, text in generate([contract], f"hangarstack_generated.{name}").items():
        target = directory / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def test_generated_code_says_so_on_line_one(packages: Path) -> None:
    files = [*packages.rglob("p*/*.py"), *(_ROOT / "hangarstack" / "events").glob("*.py")]
    assert len(files) > 80
    assert {path.read_text("utf-8").partition("\n")[0] for path in files} == {HEADER}


def test_generated_code_is_what_linter_and_formatter_want(packages: Path) -> None:
    config = str(_ROOT / "ruff.toml")
    # Which of two packages is one's own decides the order of imports, and the linter cannot know that here.
    assert _tool("ruff", "check", "--no-cache", "--config", config, "--ignore", "I001", str(packages)) == ""
    assert _tool("ruff", "format", "--no-cache", "--check", "--config", config, str(packages)) == ""


def test_generated_code_passes_strict_type_checking(packages: Path, tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = true\nwarn_unreachable = true\nmypy_path = {_ROOT}\n", "utf-8")
    cache = str(_ROOT / ".mypy_cache")
    command = ("mypy", "--config-file", str(config), "--cache-dir", cache, "-p", packages.name)
    assert _tool(*command, cwd=packages.parent) == ""


def test_generated_code_is_within_what_mypyc_compiles(packages: Path, tmp_path: Path) -> None:
    events = sorted((_ROOT / "hangarstack" / "events").glob("[a-z]*.py"))
    modules = [str(path) for path in [*events, *packages.rglob("event*.py")] if path.parent.name != "schemas"]
    options = ["--strict", "--cache-dir", str(tmp_path / "cache"), *modules]
    program = f"from mypyc.build import mypycify; mypycify({options!r}, target_dir={str(tmp_path)!r})"
    environment = os.environ | {"MYPYPATH": os.pathsep.join((str(_ROOT), str(packages.parent)))}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_names_that_python_or_the_code_itself_uses_are_no_trouble() -> None:
    names = ["class", "self", "encode", "replace", "body", "pos", "at", "out", "value", "fault", "key", "count", "int"]
    names += ["str", "bytes", "len", "range", "id", "date", "freeze", "read_string", "FAULTS", "CODEC", "R", "_x", "x"]
    schema = _record(*((name, "string") for name in names), ("day", {"type": "int", "logicalType": "date"}))
    schema["fields"] += [{"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}]
    with generated(schema, name="R") as codec:
        body = b"".join(bytes((2, 97 + index % 26)) for index in range(len(names))) + b"\0\2\2z\0"
        event = codec.decode(1, body)
        assert codec.encode(event) == body
        assert (event.class_, event.self, event.replace_, event.x_) == ("a", "b", "d", "z")
        assert event.replace(class_="z").class_ == "z"


def test_types_of_one_short_name_in_two_namespaces_get_two_classes() -> None:
    first = {"type": "record", "name": "Point", "namespace": "x", "fields": [{"name": "a", "type": "int"}]}
    other = first | {"namespace": "y"}
    with generated(_record(("p", first), ("q", other), ("either", ["x.Point", "y.Point"]))) as codec:
        event = codec.decode(1, b"\2\4\2\6")
        assert [type(each).__name__ for each in (event.p, event.q, event.either)] == ["Point", "YPoint", "YPoint"]
        assert codec.encode(event) == b"\2\4\2\6"


@pytest.mark.parametrize("name", ["str", "UUID", "Mapping", "Exception", "Codec", "Any", "Final", "None"])
def test_a_record_may_be_called_as_something_that_the_code_uses(name: str) -> None:
    inner = {"type": "record", "name": name, "fields": [{"name": "a", "type": {"type": "map", "values": "string"}}]}
    with generated(_record(("p", inner), ("u", {"type": "string", "logicalType": "uuid"}))) as codec:
        body = b"\2\2k\2v\0\2s"
        assert codec.encode(codec.decode(1, body)) == body


def test_a_plain_value_of_an_ambiguous_union_is_written_as_the_widest_branch() -> None:
    fixed = {"type": "fixed", "name": "F", "size": 1}
    with generated(_record(("n", ["int", "long"]), ("d", ["float", "double"]), ("b", [fixed, "bytes"]))) as codec:
        event = codec.event_type(n=1, d=1.0, b=b"x")
        assert codec.encode(event).hex() == "020202000000000000f03f020278"
        tagged = codec.event_type(n=Branch("int", 1), d=Branch("float", 1.0), b=Branch("F", b"x"))
        assert codec.encode(tagged).hex() == "0002000000803f0078"
        assert codec.decode(1, codec.encode(tagged)) == tagged
        with pytest.raises(EncodeError, match=r"expected int \| Branch") as caught:
            codec.encode(event.replace(n=Branch("long", 1)))
        assert caught.value.where == "Event.n"


@pytest.mark.parametrize(
    ("union", "value", "why"),
    [
        (["null", "string"], 5, "expected str, not int"),
        (["string", "int"], True, "expected int, not bool"),
        (["boolean", "int"], 1.5, "expected bool | int, not float"),
        (["string", "int"], None, "expected str | int, not NoneType"),
        (["null", "double"], "1", "expected float, not str"),
        ([], 1, "expected nothing"),
        ("null", 0, "expected None, not int"),
    ],
)
def test_a_value_of_no_branch_is_refused(union: Json, value: object, why: str) -> None:
    with generated(_record(("f", union))) as codec, pytest.raises(EncodeError) as caught:
        codec.encode(codec.event_type(f=value))
    assert str(caught.value) == f"Event.f: {why}" or why in str(caught.value)


def test_a_union_takes_an_integer_for_a_floating_point_number_where_no_integer_is_among_its_branches() -> None:
    with generated(_record(("f", ["string", "double"]), ("g", ["long", "double"]))) as codec:
        assert codec.encode(codec.event_type(f=1, g=1)).hex() == "02000000000000f03f0002"


def test_items_that_take_no_bytes_are_written_only_as_far_as_they_can_be_read() -> None:
    with generated(_record(("nothing", {"type": "array", "items": "null"}))) as codec:
        most = codec.event_type(nothing=(None,) * 1000)
        assert codec.decode(1, codec.encode(most)) == most
        with pytest.raises(EncodeError, match="1000 items that take no bytes"):
            codec.encode(codec.event_type(nothing=(None,) * 1001))


def test_a_union_without_branches_is_neither_read_nor_passed_over() -> None:
    with generated(*_EMPTY_UNION) as codec:
        assert codec.decode(2, b"\x02\x00\x02a") == codec.event_type(id=1, after="a")
        with pytest.raises(DecodeError, match=r"never: there is no branch at index byte 0, only 0 branches"):
            codec.decode(2, b"\x02\x02\x00\x02a")
        with pytest.raises(DecodeError, match="end within"):
            codec.decode(2, b"\x02\x02")
    with generated(*_EMPTY_UNION[:2]) as codec:
        assert codec.decode(2, b"\x02\x00\x02a") == codec.event_type(id=1, never=None, after="a")
        with pytest.raises(DecodeError, match="a union without branches has no value"):
            codec.decode(2, b"\x02\x02\x00\x02a")


def test_a_union_of_more_branches_than_one_byte_counts_is_read_and_passed_over() -> None:
    union = [{"type": "enum", "name": f"E{number}", "symbols": ["A"]} for number in range(70)]
    for last in (_record(("u", union), ("after", "string")), _record(("after", "string"))):
        with generated(_record(("u", union), ("after", "string")), last) as codec:
            for branch in (0, 1, 35, 63, 64, 69):
                index = bytes((branch << 1,)) if branch < 64 else bytes((branch << 1 & 127 | 128, 1))
                event = codec.decode(1, index + b"\x00\x02a")
                assert event.after == "a"
                if "u" in codec.event_type.__annotations__:
                    assert codec.encode(event) == index + b"\x00\x02a"
            with pytest.raises(DecodeError, match="only 70 branches"):
                codec.decode(1, b"\x8c\x01\x00\x02a")


def test_a_record_that_holds_itself_is_bounded_in_depth() -> None:
    node = _record(("next", ["null", "R"]))
    with generated(node) as codec:
        assert codec.encode(codec.decode(1, b"\2" * 150 + b"\0")) == b"\2" * 150 + b"\0"
        with pytest.raises(Exception, match="levels deep") as caught:
            codec.decode(1, b"\2" * 100_000 + b"\0")
        assert len(str(caught.value)) < 400
        event = codec.event_type(next=None)
        for _ in range(1_000):
            event = codec.event_type(next=event)
        with pytest.raises(EncodeError, match="levels deep"):
            codec.encode(event)


def test_arrays_are_nested_as_deeply_as_the_generator_takes() -> None:
    schema: Json = "int"
    for _ in range(50):
        schema = {"type": "array", "items": schema}
    with generated(_record(("f", schema), ("g", "int")), _record(("f", schema), ("g", "long"))) as codec:
        body = b"\2" * 50 + b"\6" + b"\0" * 50 + b"\2"
        assert codec.encode(codec.decode(1, body)) == body
    with generated(_record(("f", schema), ("g", "int")), _record(("g", "int"))) as codec:
        assert codec.encode(codec.decode(1, body)) == b"\2"


def test_types_that_are_nested_too_deeply_are_refused_by_name_and_place() -> None:
    schema: Json = "int"
    for _ in range(200):
        schema = {"type": "array", "items": schema}
    with pytest.raises(UnsupportedSchemaError, match="R nests types more than 60 levels deep") as caught:
        source_of([_record(("f", schema))])
    assert caught.value.where == "contracts/avro/event/v1.avsc#/f"


def test_defaults_that_stand_for_very_many_values_are_refused_by_name_and_file() -> None:
    inner, fields = "int", []
    for number in range(40):
        default: object = {} if number else 1
        own = [{"name": name, "type": inner, "default": default} for name in ("a", "b")]
        fields.append((f"q{number}", {"type": "record", "name": f"E{number}", "fields": own}))
        inner = f"E{number}"
    with pytest.raises(UnsupportedSchemaError, match=r"with that of E39\.a, the defaults stand for more") as caught:
        source_of([_record(*fields)])
    assert caught.value.where == "contracts/avro/event/v1.avsc"


def test_a_key_that_is_no_field_is_refused() -> None:
    with pytest.raises(UnsupportedSchemaError, match="key other is no field"):
        generate([contract_of(_record(("f", "int")), key="other")], "generated")


def test_a_key_that_is_no_text_is_written_as_one() -> None:
    with generated(_record(("f", "int"))) as codec:
        assert codec.key(codec.event_type(f=5)) == "5"
    with generated(_record()) as codec:
        assert codec.key(codec.event_type()) == ""


def test_versions_that_read_alike_share_their_code() -> None:
    with_doc = _record(("f", "int"), doc="words")
    text = source_of([_record(("f", "int")), with_doc])
    assert "decode_v1 = decode_v2" in text
    assert text.count("def decode_v") == 1


def test_defaults_are_those_of_the_class_too() -> None:
    inner = _record(("n", "int"), name="Inner")
    schema = _record()
    schema["fields"] = [
        {"name": "map", "type": {"type": "map", "values": "int"}, "default": {"a": 1}},
        {"name": "inner", "type": inner, "default": {"n": 5}},
        {"name": "raw", "type": "bytes", "default": "\u00ff"},
        {"name": "needed", "type": "int"},
        {"name": "broken", "type": {"type": "enum", "name": "E", "symbols": ["A"]}, "default": "B"},
    ]
    with generated(schema) as codec:
        with pytest.raises(TypeError, match="broken"):
            codec.event_type(needed=1)
        event = codec.event_type(needed=1, broken="A")
        assert (event.map, event.inner.n, event.raw) == ({"a": 1}, 5, b"\xff")
        assert type(event.map) is FrozenMap


def test_a_package_offers_every_class_whose_name_is_its_own() -> None:
    shared = {"type": "enum", "name": "Kind", "symbols": ["A"]}
    contracts = [contract_of(_record(("kind", shared)), name=name) for name in ("First", "Second")]
    with imported(generate(contracts, "acme"), "acme") as modules:
        package = modules["__init__.py"]
        assert [codec.name for codec in package.CODECS] == ["First", "Second"]
        assert sorted(package.__all__) == ["CODECS", "FIRST", "First", "SECOND", "Second"]
