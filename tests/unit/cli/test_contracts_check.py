from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.errors import (
    BaselineError,
    CheckFailedError,
    ContractTreeError,
    HangarStackError,
    InvalidSchemaError,
    RegistryUnavailableError,
)
from hangarstack.settings import Settings, load
from tests.support.ports import free_port
from tests.unit.contracts.against.repository import commit, released
from tests.unit.contracts.trees import add_versions, ping

REQUIRED = {"name": "x", "type": "int", "doc": "X."}


def _run(root: Path, *arguments: str, settings: Settings | None = None) -> Result:
    return CliRunner().invoke(command, ["check", *arguments], obj=replace(settings or Settings(), root=root))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A contract of three versions, released on main."""
    return released(tmp_path)


@pytest.mark.parametrize("source", ["git:main", "git:HEAD", "dir:{root}"])
def test_what_was_released_passes_against_itself(directory: Path, tmp_path: Path, source: str) -> None:
    answer = _run(tmp_path, "--against", source.format(root=tmp_path))
    assert (answer.exit_code, answer.stdout) == (0, "3 versions of 1 contract keep to their levels.\n")
    assert directory.is_dir()


def test_a_tree_that_was_lost_never_passes_for_the_one_of_hangarstack(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(directory)
    emptied = CliRunner().invoke(command, ["check", "--against", "git:HEAD"], obj=load({}))
    assert isinstance(emptied.exception, CheckFailedError)
    assert "CONTRACT_DELETED" in emptied.stdout
    assert "with 3 released versions, and is gone" in emptied.stdout
    directory.parent.rmdir()
    for arguments in (["check", "--against", "git:HEAD"], ["lint"], ["generate", "--package", "a.b"]):
        answer = CliRunner().invoke(command, arguments, obj=load({}))
        assert isinstance(answer.exception, ContractTreeError), answer.output
        assert answer.exception.where == str(tmp_path / "contracts" / "avro")
    assert not (tmp_path / "a").exists()


def test_a_break_fails_in_every_format(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(REQUIRED))
    answers = {
        form: _run(tmp_path, "--against", "git:main", "--format", form)
        for form in ("text", "json", "junit", "sarif", "github")
    }
    assert all(isinstance(answer.exception, CheckFailedError) for answer in answers.values())
    assert "v4 cannot read v1" in answers["text"].stdout
    assert len(json.loads(answers["json"].stdout)["problems"]) == 3
    assert ET.fromstring(answers["junit"].stdout).get("failures") == "1"  # noqa: S314 - our own text
    assert len(json.loads(answers["sarif"].stdout)["runs"][0]["results"]) == 3
    assert answers["github"].stdout.count("::error ") == 3


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("git:nowhere", BaselineError),
        ("dir:/nowhere", BaselineError),
        ("registry", RegistryUnavailableError),
    ],
)
def test_what_cannot_be_compared_with_is_never_a_pass(
    directory: Path, tmp_path: Path, source: str, error: type[HangarStackError]
) -> None:
    settings = Settings(registry_url=f"http://127.0.0.1:{free_port()}", registry_timeout_s=0.5)
    answer = _run(tmp_path, "--against", source, settings=settings)
    assert isinstance(answer.exception, error)
    assert answer.exception.exit_code == 2
    assert directory.is_dir()


@pytest.mark.parametrize("source", ["", "git:", "dir:", "main", "registry:x", "svn:1"])
def test_a_source_that_is_none_is_wrong_usage(directory: Path, tmp_path: Path, source: str) -> None:
    assert _run(tmp_path, "--against", source).exit_code == 2
    assert directory.is_dir()


@pytest.mark.parametrize("text", ["", "{", '{"type": "record"}', "[" * 3000, "\xff"])
def test_a_schema_that_cannot_be_read_is_never_a_pass(directory: Path, tmp_path: Path, text: str) -> None:
    (directory / "v4.avsc").write_bytes(text.encode("latin-1"))
    answer = _run(tmp_path)
    assert isinstance(answer.exception, ContractTreeError | InvalidSchemaError)
    assert answer.exception.exit_code == 2
    assert str(directory / "v4.avsc") in answer.exception.where


@pytest.mark.parametrize("arguments", [(), ("--against", "git:main")])
def test_without_a_lock_nobody_can_say_what_was_released(
    directory: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "contracts" / "contracts.lock").unlink()
    commit(tmp_path)
    answer = _run(tmp_path, *arguments)
    assert isinstance(answer.exception, ContractTreeError)
    assert answer.exception.exit_code == 2
    assert directory.is_dir()


def test_only_the_named_contracts_are_told_of(directory: Path, tmp_path: Path) -> None:
    other = directory.with_name("pong")
    shutil.copytree(directory, other)
    for path in other.glob("*.*"):
        path.write_text(path.read_text().replace("Ping", "Pong").replace("pings", "pongs"))
    add_versions(other, ping(REQUIRED) | {"name": "Pong"})
    assert _run(tmp_path).exit_code == 1
    assert _run(tmp_path, "Ping").exit_code == 0
    assert _run(tmp_path, "pongs").exit_code == 1
    (directory / "v3.avsc").unlink()
    assert "VERSION_DELETED" not in _run(tmp_path, "Pong", "--against", "git:main").stdout
    assert isinstance(_run(tmp_path, "Pang").exception, ContractTreeError)


def test_the_command_leaves_with_the_code_of_its_answer(directory: Path, tmp_path: Path) -> None:
    def code(*arguments: str) -> int:
        line = [sys.executable, "-m", "hangarstack", "contracts", "check", "--root", str(tmp_path), *arguments]
        return subprocess.run(line, capture_output=True, check=False, timeout=60).returncode

    assert code("--against", "git:main") == 0
    assert code("--against", "git:nowhere") == 2
    (directory / "v2.avsc").unlink()
    assert code("--against", "git:main") == 1


@pytest.mark.parametrize("name", ["check", "lint"])
@pytest.mark.usefixtures("directory")
def test_two_formats_at_once_are_wrong_usage(tmp_path: Path, name: str) -> None:
    answer = CliRunner().invoke(command, [name, "--json", "--format", "junit"], obj=Settings(root=tmp_path))
    assert answer.exit_code == 2
    assert "--json and --format junit exclude each other" in answer.output


def test_a_break_is_judged_though_its_step_is_written_before_it_is_released(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(REQUIRED))
    steps = tmp_path / "migrations" / "schemas"
    steps.mkdir(parents=True)
    actions = "".join(f'[[action]]\nregister = "ping"\nversion = {n}\n' for n in (1, 2, 3))
    (steps / "0001_begin.toml").write_text(f'description = "Begin."\n{actions}')
    (steps / "0002_more.toml").write_text('description = "More."\n[[action]]\nregister = "ping"\nversion = 4\n')
    answer = _run(tmp_path, "--json")
    kinds = [problem["type"] for problem in json.loads(answer.stdout)["problems"]]
    assert kinds == ["READER_FIELD_MISSING_DEFAULT_VALUE"] * 3 + ["VERSION_NOT_RELEASED"]
    assert isinstance(answer.exception, CheckFailedError)


def test_without_a_repository_nothing_is_said_of_histories(directory: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(directory.parents[1], bare / "contracts")
    shutil.rmtree(tmp_path / ".git")
    answer = _run(bare, "--against", "git:main")
    assert isinstance(answer.exception, BaselineError)
    assert "is in no git repository" in answer.exception.what
    assert "dir:PATH" in answer.exception.remedy


@pytest.mark.parametrize("name", ["check", "lint", "list"])
def test_a_schema_beside_the_contracts_is_refused_for_nothing_would_judge_it(
    directory: Path, tmp_path: Path, name: str
) -> None:
    (directory.parent / "stray.avsc").write_text("{")
    error = CliRunner().invoke(command, [name], obj=Settings(root=tmp_path)).exception
    assert isinstance(error, ContractTreeError)
    assert error.what == "the schema is in no contract's directory, so nothing would judge it"


def test_a_contract_that_lost_all_versions_is_told_though_a_step_registers_one(directory: Path, tmp_path: Path) -> None:
    steps = tmp_path / "migrations" / "schemas"
    steps.mkdir(parents=True)
    (steps / "0001_begin.toml").write_text('description = "Begin."\n[[action]]\nregister = "ping"\nversion = 1\n')
    for path in directory.glob("*.avsc"):
        path.unlink()
    answer = _run(tmp_path, "--json")
    assert "VERSION_DELETED" in {problem["type"] for problem in json.loads(answer.stdout)["problems"]}
