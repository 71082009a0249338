from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.contracts.check import check_tree
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, make_tree, ping

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
