"""Upcasters of a tree on disk: `contracts generate --check` imports them and lifts the examples."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts.generate import command
from hangarstack.errors import SchemaMigrationError, StaleCodeError
from hangarstack.settings import Settings
from tests.unit.contracts.trees import EXAMPLE, make_tree, ping

_NUMBERS: Final = itertools.count()
_LENGTH: Final = {"name": "length", "type": "string", "doc": "As somebody typed it."}
_METRES: Final = {"name": "length_m", "type": "double", "doc": "Metres."}
_GOOD: Final = """
def lift_v1(old: PingV1) -> Ping:
    return Ping(event_id=old.event_id, occurred_at=old.occurred_at, id=old.id, length_m=float(old.length))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    root: Path
    package: str

    def generate(self, *options: str) -> Result:
        return CliRunner().invoke(command, ["--package", self.package, *options], obj=Settings(root=self.root))

    def write(self, function: str) -> None:
        home = self.root / self.package.replace(".", "/") / "upcasters"
        home.mkdir()
        modules = f"from {self.package}.ping import Ping\nfrom {self.package}.ping_v1 import PingV1\n"
        (home / "ping.py").write_text(modules + function)

    def refused(self, function: str) -> SchemaMigrationError:
        self.write(function)
        error = self.generate("--check").exception
        assert isinstance(error, SchemaMigrationError)
        return error


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[_Tree]:
    """A contract with a break and the function's place, and the generated code."""
    package = f"shop_{next(_NUMBERS)}.events"
    directory = make_tree(tmp_path, ping(_LENGTH), ping(_METRES))
    good = EXAMPLE | {"event_id": "01890a5d-ac96-774b-bcce-b302099a8057", "length": "2.5"}
    (directory / "examples" / "v1" / "one.json").write_text(json.dumps(good))
    home = tmp_path / "migrations" / "schemas"
    home.mkdir(parents=True)
    upcaster = f'[[upcaster]]\ncontract = "ping"\nfrom = 1\nfunction = "{package}.upcasters.ping:lift_v1"\n'
    (home / "0001_lift.toml").write_text(f'description = "Why."\n\n{upcaster}')
    made = _Tree(root=tmp_path, package=package)
    assert made.generate().exit_code == 0
    yield made
    for name in [name for name in sys.modules if name.partition(".")[0] == package.partition(".")[0]]:
        del sys.modules[name]


def test_a_good_function_lifts_the_examples(tree: _Tree) -> None:
    tree.write(_GOOD)
    answer = tree.generate("--check")
    assert answer.exit_code == 0, answer.exception
    assert "lift all 1 examples" in answer.output
    assert str(tree.root) not in sys.path


def test_a_package_of_that_name_from_elsewhere_is_not_tried_instead(tree: _Tree, tmp_path: Path) -> None:
    tree.write(_GOOD)
    assert tree.generate("--check").exit_code == 0
    copy = _Tree(root=tmp_path / "copy", package=tree.package)
    shutil.copytree(tree.root, copy.root, ignore=shutil.ignore_patterns("copy"))
    error = copy.generate("--check").exception
    assert isinstance(error, SchemaMigrationError)
    assert "is not that of this tree" in error.what


def test_a_function_that_is_not_there_yet_is_described(tree: _Tree) -> None:
    error = tree.generate("--check").exception
    assert isinstance(error, SchemaMigrationError)
    assert error.where.endswith("0001_lift.toml")
    assert "cannot be imported: ModuleNotFoundError" in error.what
    assert "def lift_v1(old: PingV1) -> Ping" in error.remedy


@pytest.mark.parametrize(
    ("function", "what"),
    [
        ("lift_v1 = 5", "there is no function lift_v1"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
        ("raise SystemExit(0)", "cannot be imported: SystemExit: 0"),
        ("def lift_v1(old): ...", "does not take one PingV1"),
        ("def lift_v1(old: Ping) -> Ping: ...", "does not take one PingV1"),
        ("def lift_v1(old: PingV1, new: PingV1) -> Ping: ...", "does not take one PingV1"),
        ("def lift_v1(old: PingV1, *more: PingV1) -> Ping: ...", "does not take one PingV1"),
        ("def lift_v1(old: PingV1) -> PingV1: ...", "does not return Ping"),
        ("def lift_v1(old: PingV1): ...", "does not return Ping"),
        ("def lift_v1(old: 'Pong') -> Ping: ...", "annotation cannot be understood: NameError"),
    ],
)
def test_a_function_of_another_signature_is_refused(tree: _Tree, function: str, what: str) -> None:
    assert what in tree.refused(function).what


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("float(old.length)", "old.length", "Ping.length_m: expected float, not str"),
        ("float(old.length)", "float(old.id)", "the upcaster failed: ValueError at ping.py:5"),
        ("float(old.length)", "exit(0)", "the upcaster failed: SystemExit"),
    ],
)
def test_an_example_that_is_not_lifted_is_named(tree: _Tree, before: str, after: str, what: str) -> None:
    error = tree.refused(_GOOD.replace(before, after))
    assert error.where.endswith("examples/v1/one.json")
    assert what in error.what


def test_a_function_without_an_example_is_refused(tree: _Tree) -> None:
    (tree.root / "contracts" / "avro" / "ping" / "examples" / "v1" / "one.json").unlink()
    assert "no example of v1" in tree.refused(_GOOD).what


def test_an_example_of_something_else_is_refused(tree: _Tree) -> None:
    (tree.root / "contracts" / "avro" / "ping" / "examples" / "v1" / "one.json").write_text("{}")
    assert "the example is no record of v1" in tree.refused(_GOOD).what


def test_code_that_names_another_function_is_stale(tree: _Tree) -> None:
    tree.write(_GOOD)
    step = tree.root / "migrations" / "schemas" / "0001_lift.toml"
    step.write_text(step.read_text().replace("lift_v1", "lift_from_v1"))
    error = tree.generate("--check").exception
    assert isinstance(error, StaleCodeError)
    assert "ping.py, ping_v1.py" in error.what


def test_code_of_an_old_major_goes_with_its_upcaster(tree: _Tree) -> None:
    (tree.root / "migrations" / "schemas" / "0001_lift.toml").unlink()
    answer = tree.generate()
    assert "removed" in answer.output
    assert not (tree.root / tree.package.replace(".", "/") / "ping_v1.py").exists()
