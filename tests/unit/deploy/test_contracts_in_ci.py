"""The workflow and the hooks that others use call commands that exist, with options that exist."""

from __future__ import annotations

import os
import shlex
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from hangarstack.cli.main import hangarstack
from hangarstack.contracts.starting import Choices, begin
from hangarstack.settings import Settings
from tests.unit.contracts.against.repository import commit, git

_ROOT = Path(__file__).parents[3]
_WORKFLOW = _ROOT / ".github" / "workflows" / "contracts.yml"
_HOOKS = _ROOT / ".pre-commit-hooks.yaml"
_OWN_HOOKS = _ROOT / ".pre-commit-config.yaml"
_DOCUMENTATION = _ROOT / "docs" / "contracts-in-ci.md"
_AGAINST = '${AGAINST:+--against "$AGAINST"}'
_NULL = "0" * 40
"""What GitHub names as the commit before the first push of a branch."""


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _workflow() -> dict[str, Any]:
    # YAML 1.1 takes the key `on` for the truth value.
    loaded: dict[Any, Any] = _load(_WORKFLOW)
    return {"on" if key is True else str(key): value for key, value in loaded.items()}


def _hooks() -> list[dict[str, Any]]:
    own = [hook for repository in _load(_OWN_HOOKS)["repos"] for hook in repository["hooks"]]
    return [*_load(_HOOKS), *own]


def _lines() -> list[str]:
    steps = _workflow()["jobs"]["contracts"]["steps"]
    runs = [line for step in steps for line in step.get("run", "").splitlines() if line.startswith("hangarstack ")]
    return [*runs, *(shlex.join([*shlex.split(hook["entry"]), *hook.get("args", [])]) for hook in _hooks())]


def _understand(line: str) -> None:
    """Parse a command line as the command itself does, without running it."""
    words = shlex.split(line.split(">")[0].replace(_AGAINST, "--against git:main").replace("$PACKAGE", "a.b"))
    assert words[0].removeprefix(".venv/bin/") == "hangarstack"
    command: click.Command = hangarstack
    context, rest = click.Context(hangarstack, obj=Settings()), words[1:]
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.parse_args(context, rest)


@pytest.mark.parametrize("line", _lines())
def test_every_command_that_ci_calls_exists(line: str) -> None:
    _understand(line)


@pytest.mark.parametrize("line", ["hangarstack contracts chek", "hangarstack contracts check --agains x"])
def test_a_command_that_does_not_exist_would_be_noticed(line: str) -> None:
    with pytest.raises(click.UsageError):
        _understand(line)


def test_the_workflow_can_be_called_and_checks_this_repository_too() -> None:
    workflow = _workflow()
    assert workflow["on"].keys() == {"workflow_call", "pull_request", "push"}
    inputs = workflow["on"]["workflow_call"]["inputs"]
    text = _WORKFLOW.read_text(encoding="utf-8")
    assert all(f"inputs.{name}" in text for name in inputs)
    assert all({"description", "type", "default"} <= each.keys() for each in inputs.values())


def _compared_with(root: Path, against: str) -> tuple[str, str]:
    """Run the step that settles what to compare with, and return that and what the step printed."""
    step = next(each for each in _workflow()["jobs"]["contracts"]["steps"] if each.get("name") == "What was released")
    told = root / ".git" / "told"
    told.write_text("")
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],  # noqa: S607 - as GitHub runs it
        cwd=root,
        env={"PATH": os.environ["PATH"], "AGAINST": against, "GITHUB_OUTPUT": str(told)},
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return told.read_text().strip(), done.stdout


@pytest.mark.parametrize("before", [_NULL, ""])
def test_a_first_push_is_held_against_the_lock_and_the_commit_before_and_says_so(tmp_path: Path, before: str) -> None:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    against, said = _compared_with(tmp_path, f"git:{before}")
    assert against == "against="
    assert said.startswith("::notice ")
    assert "contracts.lock alone" in said
    first = git(tmp_path, "rev-parse", "HEAD")
    commit(tmp_path)
    against, said = _compared_with(tmp_path, f"git:{before}")
    assert against == f"against=git:{first}"
    assert first in said


@pytest.mark.parametrize("against", ["git:origin/main", f"git:{'1' * 40}", "registry", "git:0000"])
def test_whatever_else_is_named_is_left_for_the_check_to_find_or_to_refuse(tmp_path: Path, against: str) -> None:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    assert _compared_with(tmp_path, against) == (f"against={against}", "")


def test_every_step_that_compares_takes_what_was_settled() -> None:
    steps = [each for each in _workflow()["jobs"]["contracts"]["steps"] if _AGAINST in each.get("run", "")]
    assert [each["env"] for each in steps] == [{"AGAINST": "${{ steps.released.outputs.against }}"}] * 2


def test_the_workflow_has_the_whole_history_and_no_more_rights_than_it_needs() -> None:
    job = _workflow()["jobs"]["contracts"]
    assert _workflow()["permissions"] == {"contents": "read"}
    assert job["steps"][0]["with"]["fetch-depth"] == 0
    # What an event brings is passed as a variable: within a script it would be run.
    assert not any("${{" in step.get("run", "") for step in job["steps"])


def test_the_hooks_that_others_use_are_those_that_we_use() -> None:
    offered = {hook["id"]: hook for hook in _load(_HOOKS)}
    for hook in _load(_OWN_HOOKS)["repos"][0]["hooks"]:
        other = offered.get(hook["id"], hook)
        assert hook["entry"] in {other["entry"], f".venv/bin/{other['entry']}"}
        assert hook.get("args") == other.get("args")
    assert offered.keys() <= {hook["id"] for hook in _hooks()}


def _hooks_everywhere(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each hook that is offered, used, documented or written for a new tree, and where."""
    begin(tmp_path, Choices(package="shop.events", repository="acme/hangarstack", ref="v1"))
    documented = _DOCUMENTATION.read_text(encoding="utf-8").partition("    repos:")[2].partition("\n\n`")[0]
    for where, repositories in (
        ("offered", [{"hooks": _load(_HOOKS)}]),
        ("ours", _load(_OWN_HOOKS)["repos"]),
        ("a new tree's", _load(tmp_path / _OWN_HOOKS.name)["repos"]),
        ("documented", yaml.safe_load(textwrap.dedent(f"    repos:{documented}"))["repos"]),
    ):
        for repository in repositories:
            yield from ((where, hook) for hook in repository["hooks"])


def test_no_hook_waits_for_files_that_a_commit_does_not_delete(tmp_path: Path) -> None:
    # pre-commit names no deleted file, and skips a hook for which it has none: unless it always runs.
    hooks = list(_hooks_everywhere(tmp_path))
    assert len(hooks) == 4 * 3
    assert [(where, hook["id"]) for where, hook in hooks if hook.get("always_run") is not True] == []


def test_the_documentation_names_every_input_and_hook() -> None:
    text = _DOCUMENTATION.read_text(encoding="utf-8")
    for name in (*_workflow()["on"]["workflow_call"]["inputs"], *(hook["id"] for hook in _load(_HOOKS))):
        assert f"`{name}`" in text
