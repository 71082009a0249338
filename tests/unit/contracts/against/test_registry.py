from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.against.registry import read_registry
from hangarstack.contracts.gate import check
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import BaselineError, RegistryUnavailableError
from tests.unit.contracts.migrations.fake import FakeRegistry
from tests.unit.contracts.trees import CONTRACT, make_tree, ping

ONE = {"name": "n", "type": ["null", "int"], "default": None}
TWO = {"name": "m", "type": ["null", "int"], "default": None}
TODAY = datetime.date(2026, 6, 1)


def _kinds(root: Path, *registered: dict[str, Any]) -> list[tuple[str, int]]:
    registry = FakeRegistry()
    for schema in registered:
        registry.register("pings-value", json.dumps(schema))
    registry.set_compatibility("pings-value", "BACKWARD_TRANSITIVE")
    tree = load_tree(root, history=True)
    report = check(tree, [read_registry(tree, registry)], today=TODAY)
    return [(problem.kind, problem.version) for problem in report.problems]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree whose contract has three versions."""
    make_tree(tmp_path, ping(), ping(ONE), ping(TWO), contract=CONTRACT.replace("BACKWARD", "BACKWARD_TRANSITIVE"))
    return tmp_path


@pytest.mark.parametrize(
    ("own", "of_all", "enforced"),
    [
        ("NONE", "FULL_TRANSITIVE", "NONE"),
        ("BACKWARD", "FULL_TRANSITIVE", "BACKWARD"),
        (None, "BACKWARD", "BACKWARD"),
        (None, "BACKWARD_TRANSITIVE", None),
        ("FULL_TRANSITIVE", "NONE", None),
    ],
)
def test_a_subject_whose_level_lets_pass_what_the_contract_forbids_is_found(
    root: Path, own: str | None, of_all: str, enforced: str | None
) -> None:
    registry = FakeRegistry()
    registry.register("pings-value", json.dumps(ping()))
    registry.set_compatibility(None, of_all)
    if own is not None:
        registry.set_compatibility("pings-value", own)
    tree = load_tree(root, history=True)
    found = check(tree, [read_registry(tree, registry)], today=TODAY).problems
    assert [problem.kind for problem in found] == (["LEVEL_NOT_ENFORCED"] if enforced else [])
    assert all(f"the registry enforces {enforced}: " in problem.sentence for problem in found)


def test_a_registry_that_has_nothing_of_a_tree_without_releases_is_warned_of(root: Path) -> None:
    tree = load_tree(root, history=True)
    registry = FakeRegistry()
    assert "No version is registered yet" in read_registry(tree, registry).note
    registry.register("pings-value", json.dumps(ping()))
    assert read_registry(tree, registry).note == ""


def test_a_registry_that_has_nothing_of_what_was_released_is_an_error(root: Path) -> None:
    tree = load_tree(root, history=True)
    release(tree)
    registry = FakeRegistry()
    registry.register("other-value", json.dumps(ping()))
    with pytest.raises(BaselineError, match="lock holds 3 released versions") as caught:
        read_registry(tree, registry)
    assert caught.value.exit_code == 2
    assert "migrate apply" in caught.value.remedy
    registry.register("pings-value", json.dumps(ping()))
    assert len(read_registry(tree, registry).contracts) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_is_registered_may_be_the_beginning_of_the_files(root: Path, count: int) -> None:
    assert _kinds(root, *[ping(), ping(ONE), ping(TWO)][:count]) == []


def test_a_retired_version_leaves_a_hole_that_is_no_problem(root: Path) -> None:
    assert _kinds(root, ping(), ping(TWO)) == []


def test_a_registered_schema_that_no_file_has_was_edited_or_deleted(root: Path) -> None:
    assert _kinds(root, ping(), ping(ONE | {"doc": "Another."})) == [("VERSION_EDITED", 2)]
    more = [ping(), ping(ONE), ping(TWO), ping(ONE, TWO)]
    assert _kinds(root, *more) == [("VERSION_DELETED", 4)]


def test_a_schema_that_comes_again_later_is_in_order(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(), ping(ONE), ping(), contract=CONTRACT.replace("BACKWARD", "BACKWARD_TRANSITIVE"))
    assert _kinds(tmp_path, ping(), ping(ONE)) == []


def test_another_order_is_found(root: Path) -> None:
    assert _kinds(root, ping(), ping(TWO), ping(ONE)) == [("VERSION_REORDERED", 3)]


def test_a_new_version_must_read_what_only_the_registry_has(root: Path) -> None:
    registered = ping({"name": "n", "type": "string", "default": ""})
    assert _kinds(root, ping(), registered) == [
        ("VERSION_EDITED", 2),
        *[("MISSING_UNION_BRANCH", 2)],
    ]


def test_a_schema_that_cannot_be_read_is_an_error(root: Path) -> None:
    class Odd(FakeRegistry):
        def versions(self, subject: str) -> dict[int, str]:
            assert subject == "pings-value"
            return {1: '{"type": "elsewhere.Defined"}'}

    with pytest.raises(BaselineError) as caught:
        read_registry(load_tree(root, history=True), Odd())
    assert caught.value.exit_code == 2
    assert "pings-value version 1" in caught.value.where


def test_a_registry_that_is_gone_is_an_error(root: Path) -> None:
    class Gone(FakeRegistry):
        def versions(self, subject: str) -> dict[int, str]:
            raise RegistryUnavailableError("no answer", where=subject)

    with pytest.raises(RegistryUnavailableError):
        read_registry(load_tree(root, history=True), Gone())
