from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import (
    CheckFailedError,
    ContractTreeError,
    HangarStackError,
    StaleCodeError,
)
from hangarstack.settings import Settings
from tests.unit.contracts.trees import add_versions, make_tree, ping

REQUIRED = {"name": "n", "type": "int", "doc": "N."}


def _run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=Settings(root=root))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A released contract of one version."""
    made = make_tree(tmp_path)
    release(load_tree(tmp_path))
    return made


def test_list_names_every_contract(directory: Path, tmp_path: Path) -> None:
    answer = _run(tmp_path, "list")
    assert answer.exit_code == 0
    assert "Ping" in answer.output
    assert "pings" in answer.output
    (one,) = json.loads(_run(tmp_path, "list", "--json").stdout)
    assert (one["event"], one["subject"], one["versions"]) == ("Ping", "pings-value", 1)
    assert directory.is_dir()


def test_show_explains_fields_and_versions(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(REQUIRED | {"type": ["null", "int"], "default": None, "confluent:tags": ["PII"]}))
    answer = _run(tmp_path, "show", "Ping")
    assert answer.exit_code == 0
    assert all(word in answer.output for word in ("occurred_at", "null | int", "PII", "It begins.", "Because."))
    shown = json.loads(_run(tmp_path, "show", "pings", "--version", "1", "--json").stdout)
    assert (shown["version"], shown["schema"]) == (1, ping())


@pytest.mark.parametrize("arguments", [("show", "Pong"), ("show", "Ping", "--version", "9")])
@pytest.mark.usefixtures("directory")
def test_show_of_what_is_not_there_says_what_is(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = _run(tmp_path, *arguments)
    assert isinstance(answer.exception, ContractTreeError)
    assert answer.exception.remedy


@pytest.mark.usefixtures("directory")
def test_new_version_asks_why_only_of_a_contract_that_is_there(tmp_path: Path) -> None:
    answer = _run(tmp_path, "new-version", "Pong")
    assert isinstance(answer.exception, ContractTreeError)
    assert answer.output == ""


def test_lock_releases_a_new_version_once(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(doc="Another ping."))
    assert isinstance(_run(tmp_path, "lock").exception, CheckFailedError)  # it has no example
    shutil.copytree(directory / "examples" / "v1", directory / "examples" / "v2")
    assert _run(tmp_path, "lock").stdout == f"released {directory / 'v2.avsc'}\n"
    assert _run(tmp_path, "lock").stdout == "Every version is released already.\n"


@pytest.mark.usefixtures("directory")
def test_check_passes_what_keeps_to_its_level(tmp_path: Path) -> None:
    answer = _run(tmp_path, "check")
    assert answer.exit_code == 0
    assert answer.stdout == "1 version of 1 contract keeps to its level.\n"


def test_check_fails_what_breaks_readers_and_says_why(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(REQUIRED))
    answer = _run(tmp_path, "check")
    assert isinstance(answer.exception, CheckFailedError)
    assert "Ping: v2 cannot read v1: the reader needs the field n" in answer.output
    assert f"{directory / 'v2.avsc'}:1 (READER_FIELD_MISSING_DEFAULT_VALUE at /fields/3)" in answer.output
    found = json.loads(_run(tmp_path, "check", "--json").stdout)
    assert [(each["version"], each["schema"], each["path"]) for each in found["problems"]] == [(2, "v2", "/fields/3")]
    assert found["unreleased"] == [str(directory / "v2.avsc")]


def test_check_fails_a_changed_released_file(directory: Path, tmp_path: Path) -> None:
    (directory / "v1.avsc").write_text(json.dumps(ping() | {"doc": "Changed."}))
    answer = _run(tmp_path, "check")
    assert isinstance(answer.exception, CheckFailedError)
    assert "v1 was released in contracts.lock, and has changed since" in answer.output


def test_check_and_lock_refuse_a_lock_that_lost_what_was_registered(directory: Path, tmp_path: Path) -> None:
    step = tmp_path / "migrations" / "schemas" / "0001_first.toml"
    step.parent.mkdir(parents=True)
    step.write_text('description = "Why."\n[[action]]\nregister = "ping"\nversion = 1\n')
    assert _run(tmp_path, "check").exit_code == 0
    (directory.parents[1] / "contracts.lock").write_text("")
    for name in ("check", "lock"):
        assert isinstance(_run(tmp_path, name).exception, ContractTreeError)
    assert (directory.parents[1] / "contracts.lock").read_text() == ""


def test_lint_lists_what_it_finds(directory: Path, tmp_path: Path) -> None:
    assert _run(tmp_path, "lint").exit_code == 0
    add_versions(directory, ping({"name": "n", "type": "int"}))
    answer = _run(tmp_path, "lint")
    assert isinstance(answer.exception, CheckFailedError)
    assert "n: the field has no doc" in answer.output
    found = json.loads(_run(tmp_path, "lint", "--json").stdout)
    assert {each["rule"] for each in found} == {"documented", "examples", "examples-decode"}


def test_lint_annotates_lines_and_writes_what_code_hosts_read(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping({"name": "n", "type": "int", "default": 1}))
    answer = _run(tmp_path, "lint", "--format", "github")
    assert isinstance(answer.exception, CheckFailedError)
    file = directory / "v2.avsc"
    assert f"::error file={file},line=1,title=Ping%3A documented::n: the field has no doc" in answer.stdout
    log = json.loads(_run(tmp_path, "lint", "--format", "sarif").stdout)
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {"documented", "examples"}
    assert '<failure type="documented"' in _run(tmp_path, "lint", "--format", "junit").stdout
    assert _run(tmp_path, "lint", "--format", "json").stdout == _run(tmp_path, "lint", "--json").stdout


def test_lint_that_cannot_run_says_so_in_the_report(directory: Path, tmp_path: Path) -> None:
    (directory / "contract.toml").write_text("event = 1")
    answer = _run(tmp_path, "lint", "--format", "github")
    assert isinstance(answer.exception, ContractTreeError)
    assert answer.stdout.startswith("::error title=contracts%3A the check could not run::")


def test_generated_code_is_written_checked_and_cleared_away(directory: Path, tmp_path: Path) -> None:
    package = tmp_path / "their" / "events"
    arguments = ("generate", "--package", "their.events")
    assert isinstance(_run(tmp_path, *arguments, "--check").exception, StaleCodeError)
    assert not package.exists()
    assert f"wrote {package / 'ping.py'}" in _run(tmp_path, *arguments).output.splitlines()
    assert _run(tmp_path, *arguments, "--check").exit_code == 0
    assert "already" in _run(tmp_path, *arguments).output
    contract = directory / "contract.toml"
    contract.write_text(contract.read_text().replace('"Ping"', '"Pong"'))
    (directory / "v1.avsc").write_text(json.dumps(ping() | {"name": "Pong"}))
    assert isinstance(_run(tmp_path, *arguments, "--check").exception, StaleCodeError)
    assert f"removed {package / 'ping.py'}" in _run(tmp_path, *arguments).output.splitlines()


def test_a_package_must_be_a_python_name(directory: Path, tmp_path: Path) -> None:
    assert _run(tmp_path, "generate", "--package", "../up").exit_code == 2
    assert directory.is_dir()


def test_root_points_any_command_at_another_tree(directory: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    assert isinstance(_run(elsewhere, "list").exception, HangarStackError)
    answer = _run(elsewhere, "list", "--root", str(tmp_path))
    assert answer.exit_code == 0
    assert directory.name == "ping"


@pytest.mark.parametrize(
    ("form", "begins"), [("github", "::error "), ("sarif", "{"), ("junit", "<?xml"), ("json", "{")]
)
def test_a_check_that_cannot_run_leaves_no_format_empty(
    directory: Path, tmp_path: Path, form: str, begins: str
) -> None:
    (directory / "v1.avsc").write_text("{")
    answer = _run(tmp_path, "check", "--format", form)
    assert isinstance(answer.exception, HangarStackError) or answer.exit_code == 2
    assert answer.stdout.startswith(begins)
    assert "v1.avsc" in answer.stdout


def test_what_is_long_is_not_cut_off_where_a_program_reads_it(directory: Path, tmp_path: Path) -> None:
    topic = ".".join(["corporate.europe.manufacturing.sensors"] * 3)
    table = directory / "contract.toml"
    table.write_text(table.read_text().replace('"pings"', f'"{topic}"'))
    assert topic in _run(tmp_path, "list").output


def test_a_contract_that_nobody_reads_says_so(directory: Path, tmp_path: Path) -> None:
    assert directory.is_dir()
    assert "written by a; read by nobody\n" in _run(tmp_path, "show", "Ping").output
