from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from hangarstack.cli.main import _COMMANDS

_ROOT = Path(__file__).resolve().parents[3]


def _run(
    *arguments: str, stdout: IO[str] | int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANGARSTACK_")} | variables
    return subprocess.run(
        [sys.executable, "-m", "hangarstack", *arguments],
        env=environment,
        cwd=_ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    answer = _run(name, "--help")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("Usage: ")


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_the_list_of_a_groups_commands_is_not_cut_off(name: str) -> None:
    _, _, listed = _run(name, "--help", COLUMNS="80").stdout.partition("\nCommands:\n")
    assert "..." not in listed


@pytest.mark.parametrize("arguments", [("fly",), ("up", "--broker", "rabbit"), ("settings", "--yaml"), ("data",)])
def test_wrong_usage_ends_with_two_and_no_traceback(arguments: tuple[str, ...]) -> None:
    answer = _run(*arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert answer.stderr


def test_a_wrong_setting_is_one_line() -> None:
    answer = _run("settings", HANGARSTACK_HTTP_PORT="many")
    assert answer.returncode == 2
    assert answer.stderr == "hangarstack: HANGARSTACK_HTTP_PORT: must be a whole number. Port of the web app.\n"


def test_the_settings_never_show_a_secret() -> None:
    for option in ((), ("--json",)):
        answer = _run("settings", *option, HANGARSTACK_SASL_PASSWORD="hunter2")
        assert answer.returncode == 0
        assert "hunter2" not in answer.stdout
        assert "***" in answer.stdout


def test_the_settings_never_show_the_credentials_in_a_registrys_address() -> None:
    for option in ((), ("--json",)):
        answer = _run("settings", *option, HANGARSTACK_REGISTRY_URL="https://me:hunter2@one/x,https://me:hunter2@two")
        assert answer.returncode == 0
        assert "hunter2" not in answer.stdout
        assert "https://one/x,https://two" in answer.stdout


@pytest.mark.parametrize("place", ["h:notaport/d", "[::1/d", "unescaped@h/d"])
def test_a_database_url_that_is_none_is_one_line_without_its_password(place: str) -> None:
    answer = _run("dlq", "audit", HANGARSTACK_DATABASE_URL=f"postgresql://u:hunter2@{place}")
    assert answer.returncode == 2
    assert answer.stderr.startswith("hangarstack: HANGARSTACK_DATABASE_URL: the database's URL ")
    assert answer.stderr.count("\n") == 1
    assert "hunter2" not in answer.stderr + answer.stdout
    assert "unescaped" not in answer.stderr + answer.stdout


def test_corrupt_data_is_one_line_that_names_the_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "data" / "aircraft").mkdir(parents=True)
    (tmp_path / "data" / "aircraft.schema.json").write_text((_ROOT / "data" / "aircraft.schema.json").read_text())
    (tmp_path / "data" / "aircraft" / "x.json").write_text("{\n,")
    answer = _run("data", "validate", HANGARSTACK_ROOT=str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "x.json:2: not JSON" in answer.stderr


def test_the_shipped_records_are_valid() -> None:
    answer = _run("data", "validate")
    assert answer.returncode == 0, answer.stderr


def test_a_full_disk_under_the_output_is_one_line_and_no_failed_check() -> None:
    with Path("/dev/full").open("w") as full:
        answer = _run("contracts", "check", stdout=full)
    said = (
        "hangarstack: the output cannot be written: No space left on device. Make room for it, or write it elsewhere\n"
    )
    assert (answer.returncode, answer.stderr) == (2, said)


def test_a_character_that_the_output_cannot_show_is_shown_by_its_number() -> None:
    answer = _run("contracts", "diff", "SearchQuery", "1", "2", PYTHONIOENCODING="latin-1")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("SearchQuery v1 \\u2192 v2\n")


def test_a_command_whose_output_is_closed_ends_as_if_it_had_been_written() -> None:
    command = f'exec "{sys.executable}" -m hangarstack contracts list >&-'
    answer = subprocess.run(
        ["/bin/sh", "-c", command], cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
