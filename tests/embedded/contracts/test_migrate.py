"""The schema migrations of this repository, on the embedded registry through its real client."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hangarstack.cli.migrate import command
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import (
    CheckFailedError,
    RegistryUnavailableError,
    ReleasedVersionChangedError,
    SchemaMigrationError,
)
from hangarstack.settings import Settings
from tests.support.registry import Registry

_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def settings(own_registry: Registry) -> Settings:
    """This repository, and an empty registry."""
    return replace(own_registry.settings, root=_ROOT)


def _json(settings: Settings, name: str) -> Any:
    answer = CliRunner().invoke(command, [name, "--json"], obj=settings)
    assert answer.exit_code == 0, answer.exception
    return json.loads(answer.stdout)


def test_apply_brings_every_version_and_level_and_is_idempotent(settings: Settings) -> None:
    planned = _json(settings, "plan")
    assert {each["state"] for each in planned} == {"pending"}
    assert [each["action"] for each in _json(settings, "apply")] == [each["action"] for each in planned]
    assert _json(settings, "apply") == []
    assert _json(settings, "plan") == []
    subjects = {each["subject"]: each for each in _json(settings, "status")["subjects"]}
    for contract in load_tree(_ROOT).contracts:
        assert subjects[contract.subject]["versions"] == [version.number for version in contract.versions]
        assert subjects[contract.subject]["level"] == contract.compatibility


def test_it_says_in_words_what_it_does(settings: Settings) -> None:
    def run(name: str) -> str:
        return CliRunner().invoke(command, [name], obj=settings).output

    assert "to do   0001_first_versions: register aircraft_view v1" in run("plan")
    assert "done    0005_aircraft_view_v3: register aircraft_view v3" in run("apply")
    assert "nothing to do" in run("apply")
    assert "hangarstack.aircraft.views-value: versions 1, 2, 3; level BACKWARD_TRANSITIVE" in run("status")


@pytest.mark.parametrize("name", ["plan", "apply"])
def test_an_edited_released_version_is_named_and_never_registered(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    for part in ("contracts", "migrations"):
        shutil.copytree(_ROOT / part, tmp_path / part)
    edited = tmp_path / "contracts" / "avro" / "user_activity" / "v1.avsc"
    edited.write_text(edited.read_text().replace('"page"', '"pages"'))
    answer = CliRunner().invoke(command, [name], obj=replace(settings, root=tmp_path))
    assert isinstance(answer.exception, ReleasedVersionChangedError)
    assert str(edited) in str(answer.exception)
    assert all(each["versions"] == [] for each in _json(settings, "status")["subjects"])


def test_a_registry_with_other_schemas_under_our_subjects_is_left_as_it_is(
    settings: Settings, own_registry: Registry
) -> None:
    own_registry.register("hangarstack.aircraft.views-value", {"type": "record", "name": "Theirs", "fields": []})
    planned = CliRunner().invoke(command, ["plan"], obj=settings)
    assert isinstance(planned.exception, CheckFailedError)
    assert "NAME_MISMATCH" in planned.output
    applied = CliRunner().invoke(command, ["apply"], obj=settings)
    assert isinstance(applied.exception, SchemaMigrationError)
    assert own_registry.ask("GET", "/subjects").body == ["hangarstack.aircraft.views-value"]


def test_a_registry_that_is_gone_is_no_pass(tmp_path: Path) -> None:
    gone = Settings(root=_ROOT, home=tmp_path, registry_url="http://127.0.0.1:9", registry_timeout_s=1)
    for name in ("plan", "apply", "status"):
        answer = CliRunner().invoke(command, [name], obj=gone)
        assert isinstance(answer.exception, RegistryUnavailableError)
