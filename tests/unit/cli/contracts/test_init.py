from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.settings import Settings


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=Settings())


def test_init_names_what_it_made_and_three_commands_that_work(tmp_path: Path) -> None:
    root = tmp_path / "a shop"
    answer = _run("init", str(root), "--package", "shop.events")
    assert answer.exit_code == 0, answer.output
    wrote = {Path(line.removeprefix("wrote ")) for line in answer.output.splitlines() if line.startswith("wrote ")}
    assert wrote == {path for path in root.rglob("*") if path.is_file()}
    lines = answer.output.split("Next:\n")[1].splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    assert [words[:3] for words in commands] == [
        ["hangarstack", "contracts", "check"],
        ["hangarstack", "contracts", "generate"],
        ["hangarstack", "migrate", "plan"],
    ]
    for words in commands[:2]:
        done = _run(*words[2:])
        assert done.exit_code == 0, done.output
    assert (root / "shop" / "events" / "sensor_reading.py").is_file()


@pytest.mark.parametrize(("source", "used"), [("acme/hs", "acme/hs@main"), ("acme/hs.git@v1.2", "acme/hs@v1.2")])
def test_init_takes_the_repository_that_ci_shall_use(tmp_path: Path, source: str, used: str) -> None:
    assert "OWNER" not in _run("init", str(tmp_path), "--source", source).output
    assert f"git+https://github.com/{used}\n" in (tmp_path / ".github" / "workflows" / "contracts.yml").read_text()


@pytest.mark.parametrize("arguments", [("--source", "nowhere"), ("--source", "a/b@x y"), ("--package", "../up")])
def test_init_refuses_what_makes_no_sense_before_it_writes(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert _run("init", str(tmp_path), *arguments).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_foreign_tree_must_say_which_package_is_generated(tmp_path: Path) -> None:
    _run("init", str(tmp_path), "--no-ci")
    answer = _run("generate", "--root", str(tmp_path))
    assert answer.exit_code == 2
    assert "--package is missing" in answer.output
    assert not (tmp_path / "hangarstack").exists()
