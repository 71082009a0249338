"""What a schema or a table says never controls the terminal of who looks at it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli import migrate
from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings
from tests.support.registry import running
from tests.unit.contracts.trees import CONTRACT, EXAMPLE, make_tree, ping

_EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
_TOLD = r"\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
_TOML = r"\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A released contract whose every free text tries it, and a second version that is not released yet."""
    contract = CONTRACT
    for text in ("A ping.", "nobody", '"a"', "It begins."):
        told = f'"{_TOML}a"' if text == '"a"' else f"{_TOML}{text}"
        contract = contract.replace(text, told)
    contract = contract.replace("consumers = []", f'consumers = ["{_TOML}c"]')
    directory = make_tree(tmp_path, ping(), contract=contract)
    release(load_tree(tmp_path))
    optional = {"name": "n", "type": ["null", "string"], "default": None, "doc": _EVIL}
    (directory / "v2.avsc").write_text(
        json.dumps(ping(optional, {"name": "m", "type": "int", "default": 1, "doc": _EVIL}))
    )
    table = directory / "contract.toml"
    table.write_text(f'{table.read_text()}\n[versions.2]\nreason = "{_TOML}"\n')
    directory.rename(directory.parent / f"{_EVIL}ping")
    lock = tmp_path / "contracts" / "contracts.lock"
    lock.write_text(lock.read_text().replace("[ping]", f'["{_TOML}ping"]'))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [("show", "Ping"), ("diff", "Ping"), ("list",), ("impact", "Ping"), ("lint",), ("check",)],
    ids=lambda arguments: str(arguments[0]),
)
def test_a_command_shows_them_as_text(root: Path, arguments: tuple[str, ...]) -> None:
    answer = _run(root, *arguments)
    assert r"\x1b" in answer.output.replace("\n", "")
    _assert_harmless(answer.output)


def test_releasing_shows_them_as_text(root: Path) -> None:
    (directory,) = root.glob("contracts/avro/*ping")
    (directory / "examples" / "v2").mkdir()
    (directory / "examples" / "v2" / "one.json").write_text(json.dumps(EXAMPLE | {"n": None, "m": 1}))
    answer = _run(root, "lock")
    assert answer.output.startswith("released ")
    _assert_harmless(answer.output)


def test_a_new_version_is_begun_without_them(root: Path) -> None:
    release(load_tree(root))
    answer = _run(root, "new-version", "Ping", "--reason", "More is known.")
    assert answer.exit_code == 0
    assert _TOLD in answer.output
    _assert_harmless(answer.output)


@pytest.mark.parametrize("reason", ["a\x7fb", "a\x1bb", "a\nb", "a\u2028b"])
def test_a_reason_that_holds_them_is_wrong_usage(root: Path, reason: str) -> None:
    assert _run(root, "new-version", "Ping", "--reason", reason).exit_code == 2
    assert CliRunner().invoke(migrate.command, ["new", reason], obj=_at(root)).exit_code == 2


def test_migrations_show_them_as_text(root: Path) -> None:
    release(load_tree(root))
    written = CliRunner().invoke(migrate.command, ["new", "Begin."], obj=_at(root))
    assert written.exit_code == 0, written.output
    with running(Settings(home=root / "home")) as registry:
        settings = replace(registry.settings, root=root)
        planned, applied, stands = (
            CliRunner().invoke(migrate.command, [each], obj=settings) for each in ("plan", "apply", "status")
        )
    for answer in (written, planned, applied, stands):
        assert _TOLD in answer.output
        _assert_harmless(answer.output)


def test_an_error_shows_them_as_text(root: Path) -> None:
    (path,) = root.glob("contracts/avro/*ping/v2.avsc")
    path.write_text(json.dumps(ping({"name": _EVIL, "type": "int"})))
    done = subprocess.run(
        [sys.executable, "-m", "hangarstack", "contracts", "check", "--root", str(root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert _TOLD in done.stderr
    assert done.stderr.rstrip("\n").isprintable()


def _at(root: Path) -> Settings:
    return replace(Settings(), root=root)


def _run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), obj=_at(root))


def _assert_harmless(output: str) -> None:
    assert all(line.isprintable() for line in output.split("\n")), output
