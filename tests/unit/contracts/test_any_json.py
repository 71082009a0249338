"""Whatever stands in a version's file, every judge of it answers or refuses, and none crashes."""

from __future__ import annotations

import datetime
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangarstack.contracts.against.directory import read_directory
from hangarstack.contracts.diff import diff
from hangarstack.contracts.docs import pages
from hangarstack.contracts.gate import check
from hangarstack.contracts.impact import change, touched
from hangarstack.contracts.lint import lint
from hangarstack.contracts.report import FORMATS, renderer
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import HangarStackError
from tests.unit.contracts.strategies import json_values, valid_schemas
from tests.unit.contracts.trees import CONTRACT, make_tree, ping


def _versions() -> st.SearchStrategy[object]:
    """What may stand in a file: any JSON, often as the type or the default of a field of a record that is good."""
    fields = st.builds(
        lambda kind, more: {"name": "x", "type": kind, **more},
        valid_schemas() | json_values(),
        st.fixed_dictionaries({}, optional={"default": json_values(), "doc": json_values(), "aliases": json_values()}),
    )
    return json_values() | st.builds(ping, fields)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_versions(), _versions())
def test_any_json_as_a_version_is_judged_or_refused_by_every_command_and_crashes_none(one: object, two: object) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        directory = make_tree(root, contract=CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"'))
        shutil.copytree(root, root / "old")
        table = directory / "contract.toml"
        for number, value in ((2, one), (3, two)):
            (directory / f"v{number}.avsc").write_text(json.dumps(value))
            table.write_text(f'{table.read_text()}\n[versions.{number}]\nreason = "Because."\n')
        for command in (_check, lint, _change, _pages):
            refusal = _refusal(command, root)
            assert refusal is None or (refusal.where and str(refusal).encode())


def _refusal(command: Callable[[Path], object], root: Path) -> HangarStackError | None:
    try:
        command(root)
    except HangarStackError as error:
        return error
    return None


def _check(root: Path) -> None:
    baseline = read_directory(root / "old", known={})
    report = check(load_tree(root, history=True), [baseline], today=datetime.date(2026, 6, 1))
    for name in FORMATS:
        assert renderer(name)(report, root).encode()


def _change(root: Path) -> None:
    (contract,) = load_tree(root).contracts
    for old, new in zip(contract.versions, contract.versions[1:], strict=False):
        diff(old.schema, new.schema)
        touched(change(contract, old, new), [])


def _pages(root: Path) -> None:
    pages(load_tree(root))
