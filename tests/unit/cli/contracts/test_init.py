from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.errors import ContractTreeError, StaleCodeError
from hangarstack.settings import Settings, load

UNIMPORTABLE = [("--package", name) for name in ("../up", "class.events", "shop.import", "os", "json.events", "")]


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


@pytest.mark.parametrize(("source", "used"), [("acme/hs", "acme/hs@REF"), ("acme/hs.git@v1.2", "acme/hs@v1.2")])
def test_init_takes_the_repository_that_ci_shall_use(tmp_path: Path, source: str, used: str) -> None:
    told = _run("init", str(tmp_path), "--source", source).output
    assert "OWNER" not in told
    assert ("REF, the commit or tag" in told) == used.endswith("@REF")
    assert f"git+https://github.com/{used}\n" in (tmp_path / ".github" / "workflows" / "contracts.yml").read_text()


@pytest.mark.parametrize("arguments", [("--source", "nowhere"), ("--source", "a/b@x y"), *UNIMPORTABLE])
def test_init_refuses_what_makes_no_sense_before_it_writes(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert _run("init", str(tmp_path), *arguments).exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", UNIMPORTABLE)
def test_code_is_generated_into_no_package_that_cannot_be_imported(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    _run("init", str(tmp_path), "--no-ci")
    before = set(tmp_path.rglob("*"))
    answer = _run("generate", "--root", str(tmp_path), *arguments)
    assert answer.exit_code == 2
    assert "--package" in answer.output
    assert set(tmp_path.rglob("*")) == before


def test_what_was_generated_once_need_not_be_named_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run("init", str(tmp_path), "--no-ci")
    elsewhere = ("--root", str(tmp_path))
    told = _run("new-version", "SensorReading", "--reason", "Why not.", *elsewhere).output
    assert f"`hangarstack contracts generate --root {tmp_path} --package PACKAGE`" in told
    assert _run("generate", "--package", "shop.events", *elsewhere).exit_code == 0
    assert _run("generate", "--check", *elsewhere).exit_code == 0
    (tmp_path / "shop" / "events" / "sensor_reading.py").unlink()
    stale = _run("generate", "--check", *elsewhere).exception
    assert isinstance(stale, StaleCodeError)
    assert f"`hangarstack contracts generate --root {tmp_path} --package shop.events`" in stale.remedy
    monkeypatch.chdir(tmp_path)
    here = CliRunner().invoke(command, ["generate", "--check"], obj=load({})).exception
    assert isinstance(here, StaleCodeError)
    assert "`hangarstack contracts generate --package shop.events`" in here.remedy
    _run("generate", "--package", "more", *elsewhere)
    assert "one of more, shop.events" in _run("generate", *elsewhere).output


def test_a_tree_that_was_emptied_takes_no_generated_code_away(tmp_path: Path) -> None:
    _run("init", str(tmp_path), "--no-ci")
    elsewhere = ("--root", str(tmp_path), "--package", "shop.events")
    _run("generate", *elsewhere)
    code = set((tmp_path / "shop").rglob("*.py"))
    shutil.rmtree(tmp_path / "contracts" / "avro" / "sensor_reading")
    answer = _run("generate", *elsewhere)
    assert isinstance(answer.exception, ContractTreeError)
    assert "contracts.lock says what was released" in answer.exception.what
    assert set((tmp_path / "shop").rglob("*.py")) == code


def test_a_foreign_tree_must_say_which_package_is_generated(tmp_path: Path) -> None:
    _run("init", str(tmp_path), "--no-ci")
    answer = _run("generate", "--root", str(tmp_path))
    assert answer.exit_code == 2
    assert "--package is missing" in answer.output
    assert not (tmp_path / "hangarstack").exists()
