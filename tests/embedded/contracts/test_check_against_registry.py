"""``contracts check --against registry`` with a registry that speaks HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import BaselineError
from tests.support.registry import Registry
from tests.unit.contracts.trees import add_versions, make_tree, ping

OPTIONAL = {"name": "n", "type": ["null", "int"], "default": None}


def _check(registry: Registry, root: Path) -> Result:
    settings = replace(registry.settings, root=root)
    return CliRunner().invoke(command, ["check", "--against", "registry", "--format", "json"], obj=settings)


def _register(registry: Registry, schema: object) -> None:
    body = {"schema": json.dumps(schema)}
    assert registry.ask("POST", "/subjects/pings-value/versions", body).status == 200


def test_files_are_held_against_what_is_registered(own_registry: Registry, tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping())
    release(load_tree(tmp_path))
    empty = _check(own_registry, tmp_path)
    assert isinstance(empty.exception, BaselineError)
    assert empty.exception.exit_code == 2
    _register(own_registry, ping())
    assert _check(own_registry, tmp_path).exit_code == 0
    add_versions(directory, ping(OPTIONAL))
    assert _check(own_registry, tmp_path).exit_code == 0
    _register(own_registry, ping(OPTIONAL | {"doc": "Registered by somebody else."}))
    answer = _check(own_registry, tmp_path)
    assert answer.exit_code == 1
    assert [each["type"] for each in json.loads(answer.stdout)["problems"]] == ["VERSION_EDITED"]
