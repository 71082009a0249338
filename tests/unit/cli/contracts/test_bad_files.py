"""Files that cannot be read, or should not: one line and exit code 2, never a traceback, a pass or a wait."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangarstack.cli.contracts import command
from hangarstack.errors import CheckFailedError, ContractTreeError, HangarStackError
from hangarstack.settings import Settings
from tests.support.unprivileged import run_unprivileged
from tests.unit.contracts.against.repository import released

_COMMANDS = (("check",), ("lint",), ("lock",), ("impact", "ping"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A contract of three versions, released on main, and a step."""
    steps = tmp_path / "migrations" / "schemas"
    steps.mkdir(parents=True)
    (steps / "0001_first.toml").write_text('description = "x"\n[[action]]\nregister = "ping"\nversion = 1\n')
    return released(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no modes")
@pytest.mark.parametrize(
    "closed", ["contracts", "contracts/avro", "migrations", "migrations/schemas", "contracts/avro/ping/examples"]
)
@pytest.mark.parametrize("mode", [0o000, 0o400])
@pytest.mark.usefixtures("directory")
def test_a_directory_that_may_not_be_looked_into_is_never_taken_for_a_missing_one(
    tmp_path: Path, closed: str, mode: int
) -> None:
    for arguments in _COMMANDS:
        if arguments == ("check",) and closed.endswith("examples"):
            continue  # which looks at no example
        with _closed(tmp_path / closed, mode):
            done = run_unprivileged("contracts", *_filled(arguments, tmp_path), "--root", str(tmp_path))
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done.stdout, done.stderr)
        assert done.stderr.startswith(f"hangarstack: {tmp_path / closed}"), arguments
        assert "Permission denied" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("directory")
def test_contracts_that_may_not_be_looked_at_do_not_pass_for_those_of_a_directory_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "below"
    (below / "contracts" / "avro").mkdir(parents=True)
    monkeypatch.chdir(below)
    with _closed(below / "contracts", 0o000):
        done = run_unprivileged("contracts", "list")
    assert done.returncode == 2
    assert f"{below}" in done.stderr


@pytest.mark.parametrize("arguments", [("check",), ("lint",), ("list",), ("docs", "--out", "{root}/html")])
def test_a_number_of_thousands_of_digits_is_no_toml(directory: Path, tmp_path: Path, arguments: tuple[str]) -> None:
    table = directory / "contract.toml"
    table.write_text(table.read_text().replace("retention_ms = -1", f"retention_ms = {'9' * 6000}"))
    refused = _refused(tmp_path, *arguments)
    assert isinstance(refused, ContractTreeError)
    assert "this is not TOML" in refused.what
    assert refused.where == str(table)


@pytest.mark.parametrize("name", ["v3.avsc", "contract.toml", "../../contracts.lock", "../../waivers.toml"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(
    directory: Path, tmp_path: Path, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (directory / name).resolve()
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        monkeypatch.chdir(path.parent)  # for the path of a socket must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    refused = _refused(tmp_path, "check")
    assert isinstance(refused, ContractTreeError)
    assert refused.where == str(path)
    assert "the file cannot be read" in refused.what
    assert kind == "socket" or "it is not a regular file" in refused.what


def test_a_link_to_a_file_is_read(directory: Path, tmp_path: Path) -> None:
    path = directory / "v3.avsc"
    path.rename(tmp_path / "elsewhere.avsc")
    path.symlink_to(tmp_path / "elsewhere.avsc")
    assert _run(tmp_path, "check") is None


@pytest.mark.parametrize("newest", [20_251_130, 999_999_999])
def test_a_version_with_a_large_number_leaves_one_gap_that_is_told_at_once(
    directory: Path, tmp_path: Path, newest: int
) -> None:
    (directory / f"v{newest}.avsc").write_text((directory / "v3.avsc").read_text())
    answer = CliRunner().invoke(command, ["check"], obj=replace(Settings(), root=tmp_path))
    assert isinstance(answer.exception, CheckFailedError)
    assert f"v4 to v{newest - 1} are missing though v{newest} is there" in answer.stdout
    assert "1 problem found" in str(answer.exception)


@pytest.mark.parametrize("arguments", [("check",), ("list",), ("docs", "--out", "{root}/html"), ("impact", "ping")])
def test_a_number_that_no_version_can_have_is_refused(
    directory: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = directory / "v9999999999.avsc"
    path.write_text((directory / "v3.avsc").read_text())
    refused = _refused(tmp_path, *arguments)
    assert (refused.what, refused.where) == ("no version has a number above 999999999", str(path))
    assert "no version has a number above" in CliRunner().invoke(command, ["lint"], obj=_at(tmp_path)).stdout


@pytest.mark.parametrize("number", ["9" * 6000, "0", "01", "٣"])
@pytest.mark.usefixtures("directory")
def test_what_is_no_number_of_a_version_is_none_in_the_lock(tmp_path: Path, number: str) -> None:
    lock = tmp_path / "contracts" / "contracts.lock"
    lock.write_text(lock.read_text().replace("3 =", f'"{number}" ='))
    assert "is no version" in _refused(tmp_path, "check").what


def _at(root: Path) -> Settings:
    return replace(Settings(), root=root)


def _filled(arguments: tuple[str, ...], root: Path) -> list[str]:
    return [each.replace("{root}", str(root)) for each in arguments]


def _run(root: Path, *arguments: str) -> BaseException | None:
    answer = CliRunner().invoke(command, _filled(arguments, root), obj=_at(root))
    return answer.exception


def _refused(root: Path, *arguments: str) -> HangarStackError:
    error = _run(root, *arguments)
    assert isinstance(error, HangarStackError)
    assert error.exit_code == 2
    return error


@contextmanager
def _closed(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)
