from __future__ import annotations

import json
from pathlib import Path

import pytest

from hangarstack.contracts.check import check_tree
from hangarstack.contracts.report.model import place
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, Json, make_tree, ping

OPTIONAL = {"name": "n", "type": ["null", "int"], "default": None}
REQUIRED = {"name": "n", "type": "int"}


def _breaks(root: Path, level: str, *versions: dict[str, object]) -> list[tuple[int, int, int, str]]:
    make_tree(root, *versions, contract=CONTRACT.replace("BACKWARD", level))
    return [
        (
            found.version,
            int(found.side[1:]),
            int(found.sentence.partition(" cannot read v")[2].split(":")[0]),
            found.kind,
        )
        for found in check_tree(load_tree(root))
    ]


def test_versions_that_keep_to_the_level_have_no_breaks(tmp_path: Path) -> None:
    assert _breaks(tmp_path, "FULL_TRANSITIVE", ping(), ping(OPTIONAL), ping()) == []


def test_a_required_field_breaks_backward_readers(tmp_path: Path) -> None:
    assert _breaks(tmp_path, "BACKWARD", ping(), ping(REQUIRED)) == [(2, 2, 1, "READER_FIELD_MISSING_DEFAULT_VALUE")]


def test_a_removed_field_breaks_forward_readers(tmp_path: Path) -> None:
    assert _breaks(tmp_path, "FORWARD", ping(REQUIRED), ping()) == [(2, 1, 2, "READER_FIELD_MISSING_DEFAULT_VALUE")]


@pytest.mark.parametrize(("level", "pairs"), [("BACKWARD", []), ("BACKWARD_TRANSITIVE", [(3, 1)]), ("NONE", [])])
def test_only_a_transitive_level_finds_what_breaks_across_versions(
    tmp_path: Path, level: str, pairs: list[tuple[int, int]]
) -> None:
    found = _breaks(tmp_path, level, ping(), ping(OPTIONAL), ping(REQUIRED | {"type": ["null", "int"]}))
    assert [(reader, writer) for _, reader, writer, _ in found] == pairs


def test_a_break_names_the_readers_file_and_place(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(), ping(REQUIRED))
    (found,) = check_tree(load_tree(tmp_path))
    assert (found.file, found.path, found.in_file) == (directory / "v2.avsc", "/fields/3", True)
    assert "needs the field n" in found.sentence
    assert found.fix


def test_an_ambiguous_alias_is_a_break(tmp_path: Path) -> None:
    two = [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]
    assert _breaks(tmp_path, "BACKWARD", ping(*two), ping(two[0] | {"aliases": ["b"]})) == [
        (2, 2, 1, "AMBIGUOUS_ALIAS")
    ]


def test_a_place_in_an_earlier_version_is_not_taken_for_one_in_the_new_file(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(REQUIRED), ping(), contract=CONTRACT.replace("BACKWARD", "FORWARD"))
    (found,) = check_tree(load_tree(tmp_path))
    assert (found.version, found.side, found.path, found.in_file) == (2, "v1", "/fields/3", False)


def test_a_field_that_may_not_be_null_any_more_is_named_where_it_stands_in_the_file(tmp_path: Path) -> None:
    was = {"name": "carrier", "type": ["null", "string"], "default": None}
    directory = make_tree(tmp_path, ping(was), ping({"name": "carrier", "type": "string"}))
    path = directory / "v2.avsc"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    (found,) = check_tree(load_tree(tmp_path))
    assert found.sentence == "v2 cannot read v1: carrier: the writer may write null where the reader expects a string"
    assert (found.path, found.avro_path) == ("/fields/3/type", "/fields/3/type/0")
    line = path.read_text().split('"carrier",\n')[0].count("\n") + 2
    assert place(found, tmp_path) == f"contracts/avro/ping/v2.avsc:{line} (TYPE_MISMATCH at /fields/3/type)"


def test_a_path_through_the_name_of_a_type_ends_at_the_field_that_names_it(tmp_path: Path) -> None:
    def pair(kind: str) -> Json:
        inner = {"type": "record", "name": "Inner", "doc": "x", "fields": [{"name": "a", "type": kind}]}
        return ping({"name": "new", "type": inner, "default": {"a": 1}}, {"name": "old", "type": "Inner"})

    outer = {"type": "record", "name": "Inner", "doc": "x", "fields": [{"name": "a", "type": "string"}]}
    make_tree(tmp_path, ping({"name": "old", "type": outer}), pair("int"))
    (found,) = check_tree(load_tree(tmp_path))
    assert (found.path, found.avro_path) == ("/fields/4/type", "/fields/4/type/fields/0/type")
    assert "old.a: " in found.sentence


def test_a_break_of_an_old_reader_leads_to_the_field_in_the_new_file(tmp_path: Path) -> None:
    forward = CONTRACT.replace("BACKWARD", "FORWARD")
    make_tree(tmp_path, ping(REQUIRED), ping(OPTIONAL | {"name": "o"}, REQUIRED | {"type": "string"}), contract=forward)
    (found,) = check_tree(load_tree(tmp_path))
    assert (found.side, found.path, found.place_in_file) == ("v1", "/fields/3/type", "/fields/4")
    assert place(found, tmp_path).endswith("v2.avsc:1 (TYPE_MISMATCH at /fields/3/type of v1)")


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        (REQUIRED, None, "Keep the field n: the reader has no default for it"),
        (
            REQUIRED | {"type": {"type": "enum", "name": "E", "symbols": ["A"]}},
            REQUIRED | {"type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            "Leave [B] out, for the reader's enum has no default; a new optional field may carry them",
        ),
        (
            REQUIRED | {"type": ["null", "int"]},
            REQUIRED | {"type": ["null", "int", "string"]},
            "Write no string there, or add a new optional field for it beside this one",
        ),
        (
            REQUIRED | {"type": "int"},
            REQUIRED | {"type": ["null", "int"]},
            "Take null out of the union, or add a new optional field for it beside this one",
        ),
        (
            REQUIRED | {"type": {"type": "fixed", "name": "F", "size": 2}},
            REQUIRED | {"type": [{"type": "fixed", "name": name, "size": 2} for name in "FG"]},
            "Take the fixed n.G out of the union, or add a new optional field for it beside this one",
        ),
        (
            REQUIRED | {"type": {"type": "fixed", "name": "F", "size": 2}},
            REQUIRED | {"type": {"type": "fixed", "name": "G", "size": 2}},
            "Keep the name n.F, by which the reader knows it",
        ),
    ],
)
def test_what_to_do_is_to_be_done_in_the_new_version_though_it_is_an_old_one_that_cannot_read(
    tmp_path: Path, old: Json, new: Json | None, fix: str
) -> None:
    versions = ping(old), ping(*([new] if new else []))
    make_tree(tmp_path, *versions, contract=CONTRACT.replace("BACKWARD", "FORWARD"))
    assert [found.fix for found in check_tree(load_tree(tmp_path))] == [fix]
