from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError, InvalidSchemaError
from tests.unit.contracts.trees import CONTRACT, add_versions, make_tree, ping


def test_a_tree_becomes_objects(tmp_path: Path) -> None:
    optional = {"name": "ip", "type": ["null", "string"], "default": None, "confluent:tags": ["PII"]}
    directory = make_tree(tmp_path, ping(), ping(optional))
    (contract,) = load_tree(tmp_path).contracts
    assert (contract.name, contract.topic, contract.subject) == ("Ping", "pings", "pings-value")
    assert (contract.key, contract.compatibility, contract.retention_ms) == ("id", Level.BACKWARD, -1)
    assert contract.pii == ("ip",)
    assert [version.number for version in contract.versions] == [1, 2]
    assert contract.current.path == directory / "v2.avsc"
    assert contract.current.reason == "Because."
    assert [example.name for example in contract.versions[0].examples] == ["one"]


@pytest.mark.parametrize("name", ["Ping", "ping", "pings", "pings-value"])
def test_a_contract_is_found_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    make_tree(tmp_path)
    found = load_tree(tmp_path).find(name)
    assert found is not None
    assert load_tree(tmp_path).find("pong") is None


def test_a_root_without_contracts_says_so(tmp_path: Path) -> None:
    for history in (True, False):
        with pytest.raises(ContractTreeError, match="no such directory") as refused:
            load_tree(tmp_path, history=history)
        assert refused.value.where.startswith(str(tmp_path))
        assert "--root" in refused.value.remedy
        assert "contracts init" in refused.value.remedy


def test_a_tree_whose_lock_alone_is_left_is_refused_rather_than_begun_anew(tmp_path: Path) -> None:
    shutil.rmtree(make_tree(tmp_path))
    (tmp_path / "contracts" / "contracts.lock").touch()
    with pytest.raises(ContractTreeError, match=r"no contract in it, though contracts\.lock") as refused:
        load_tree(tmp_path)
    assert refused.value.remedy.startswith("Restore")
    assert load_tree(tmp_path, history=True).contracts == ()
    (tmp_path / "contracts" / "avro").rmdir()
    with pytest.raises(ContractTreeError, match=r"no such directory, though contracts\.lock"):
        load_tree(tmp_path, history=True)


def test_a_fingerprint_ignores_layout_and_nothing_else(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)

    def fingerprint() -> str:
        return load_tree(tmp_path).contracts[0].current.fingerprint

    before = fingerprint()
    (directory / "v1.avsc").write_text(json.dumps(ping(), indent=4, sort_keys=True))
    assert fingerprint() == before
    (directory / "v1.avsc").write_text(json.dumps(ping() | {"doc": "Another ping."}))
    assert fingerprint() != before


def _drop(text: str) -> Callable[[Path], None]:
    return lambda directory: _replace(directory, text, "")


def _replace(directory: Path, old: str, new: str) -> None:
    table = directory / "contract.toml"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new))


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no contract.toml": (lambda it: (it / "contract.toml").unlink(), "cannot be read"),
    "no TOML": (lambda it: (it / "contract.toml").write_text("event ="), "not TOML"),
    "no UTF-8": (lambda it: (it / "contract.toml").write_bytes(b"\xff"), "not TOML"),
    "no owner": (_drop('owner = "nobody"'), "owner is missing"),
    "empty owner": (lambda it: _replace(it, '"nobody"', '" "'), "must be text"),
    "unknown key": (lambda it: _replace(it, 'event = "Ping"', 'event = "Ping"\ncolour = "red"'), "unknown key: colour"),
    "unknown topic key": (lambda it: _replace(it, "partitions = 1", "partitions = 1\nfoo = 1"), "unknown key: foo"),
    "unknown level": (lambda it: _replace(it, '"BACKWARD"', '"SIDEWARD"'), "must be one of NONE"),
    "no partitions": (lambda it: _replace(it, "partitions = 1", "partitions = 0"), "from 1 to"),
    "partitions in text": (lambda it: _replace(it, "partitions = 1", 'partitions = "1"'), "whole number"),
    "producer twice": (lambda it: _replace(it, '["a"]', '["a", "a"]'), "twice"),
    "producers in text": (lambda it: _replace(it, '["a"]', '"a"'), "list of texts"),
    "topic no table": (lambda it: (it / "contract.toml").write_text("topic = 1"), "must be a table"),
    "bad topic": (lambda it: _replace(it, '"pings"', '"pi ngs"'), "topic's name"),
    "no reason": (_drop('reason = "It begins."'), "reason is missing"),
    "no table of a reason": (_drop('[versions.1]\nreason = "It begins."'), "versions is missing"),
    "a version without a reason": (lambda it: (it / "v2.avsc").write_text(json.dumps(ping())), "why version 2 came"),
    "reason for no version": (
        lambda it: _replace(it, "[versions.1]", "[versions.7]\nreason = 'x'\n[versions.1]"),
        "key: 7",
    ),
    "reads no table": (lambda it: _replace(it, 'event = "Ping"', 'event = "Ping"\nreads = 1'), "must be a table"),
    "reads without fields": (
        lambda it: _replace(it, "[topic]", "[reads.one]\nversion = 1\n[topic]"),
        "fields is missing",
    ),
    "no version": (lambda it: (it / "v1.avsc").unlink(), "has no version"),
    "gap": (lambda it: (it / "v1.avsc").rename(it / "v2.avsc"), "version 1 is missing"),
    "no JSON": (lambda it: (it / "v1.avsc").write_text("{"), "not JSON"),
    "not UTF-8": (lambda it: (it / "v1.avsc").write_bytes(b'"\xff"'), "cannot be read"),
    "no record": (lambda it: (it / "v1.avsc").write_text('"int"'), "is a record"),
    "bad schema": (lambda it: (it / "v1.avsc").write_text('{"type": "record"}'), "has no name"),
    "other name": (lambda it: (it / "v1.avsc").write_text(json.dumps(ping() | {"name": "Pong"})), "named n.Pong"),
    "no key field": (lambda it: _replace(it, 'key = "id"', 'key = "idd"'), "no string field"),
    "key no string": (lambda it: _replace(it, 'key = "id"', 'key = "occurred_at"'), "no string field"),
    "example no JSON": (lambda it: (it / "examples" / "v1" / "one.json").write_text("{"), "not JSON"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_tree_names_the_file_and_the_fault(tmp_path: Path, name: str) -> None:
    spoil, message = SPOILT[name]
    directory = make_tree(tmp_path)
    spoil(directory)
    with pytest.raises((ContractTreeError, InvalidSchemaError), match=message) as refused:
        load_tree(tmp_path)
    assert str(directory) in refused.value.where
    assert refused.value.remedy


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize(
    "spoilt",
    [
        ping(doc="x" * 100 + "\ud800"),
        ping({"name": "n", "type": "string", "doc": "N.", "aliases": [], "order": "ignore", "why": ["\udfff"]}),
        ping({"name": "n", "type": "string", "doc": "N.", "\udbff": 1}),
    ],
)
def test_half_a_character_is_refused_before_anything_is_made_of_it(
    tmp_path: Path, spoilt: dict[str, object], history: bool
) -> None:
    directory = make_tree(tmp_path, spoilt)
    with pytest.raises(ContractTreeError, match="half a character") as refused:
        load_tree(tmp_path, history=history)
    assert refused.value.where == str(directory / "v1.avsc")
    str(refused.value).encode()


def test_half_a_character_in_an_example_is_refused(tmp_path: Path) -> None:
    example = make_tree(tmp_path) / "examples" / "v1" / "one.json"
    example.write_text(json.dumps({"id": "\ud800"}))
    with pytest.raises(ContractTreeError, match="half a character") as refused:
        load_tree(tmp_path)
    assert refused.value.where == str(example)


def test_a_character_that_is_escaped_as_two_halves_is_read(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(doc="A plane: \U0001f6e9"))
    assert "\\ud83d\\udee9" in (directory / "v1.avsc").read_text()
    assert load_tree(tmp_path).contracts[0].current.schema.doc == "A plane: \U0001f6e9"


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ('{"type": "record",\n"fields": [],\n"type": "record"}', "type", 3),
        ('{"a": {"type": "}"}, "type": 2,\n"b": [{"x": 1}, {"x": ":\\"}", "\\u0078" :2}]}', "x", 2),
        # As many colons as if no key were lost, once the escape is read.
        ('{"type": "record", "fields": [],\n"doc": "\\u003a",\n"doc": "\\u003a"}', "doc", 3),
        ('{"type": "record", "fields": [],\n"doc": "a: b",\n"doc" : "c"}', "doc", 3),
        ('{"type": "record", "fields": [{"doc": "a",\n"doc": "b:"}]}', "doc", 2),
    ],
)
def test_a_key_that_stands_twice_in_one_object_is_named_with_its_line(
    tmp_path: Path, text: str, key: str, line: int
) -> None:
    directory = make_tree(tmp_path)
    for path in (directory / "examples" / "v1" / "one.json", directory / "v1.avsc"):
        before = path.read_text()
        path.write_text(text)
        with pytest.raises(InvalidSchemaError, match=f'the key "{key}" stands twice') as caught:
            load_tree(tmp_path)
        assert caught.value.where == f"{path}:{line}"
        path.write_text(before)


def test_colons_in_what_is_said_are_no_keys(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(doc="a: b : c\u0009::"))
    assert "\\t::" in (directory / "v1.avsc").read_text()
    assert load_tree(tmp_path).contracts[0].current.schema.doc == "a: b : c\t::"


@pytest.mark.parametrize("name", ["v02.avsc", "V2.avsc", "v2.AVSC", "v0.avsc", "v2 .avsc", "draft.avsc"])
@pytest.mark.parametrize("history", [True, False])
def test_a_schema_that_is_named_like_no_version_is_refused_for_nothing_would_judge_it(
    tmp_path: Path, name: str, history: bool
) -> None:
    path = make_tree(tmp_path) / name
    path.write_text(json.dumps(ping()))
    with pytest.raises(ContractTreeError, match="named like no version") as caught:
        load_tree(tmp_path, history=history)
    assert caught.value.where == str(path)


def test_two_contracts_may_not_share_a_topic(tmp_path: Path) -> None:
    first = make_tree(tmp_path)
    second = first.parent / "pong"
    second.mkdir()
    (second / "contract.toml").write_text(CONTRACT.replace('"Ping"', '"Pong"'))
    add_versions(second, ping() | {"name": "Pong"})
    with pytest.raises(ContractTreeError, match="topic pings is that of ping too"):
        load_tree(tmp_path)
