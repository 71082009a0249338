from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings
from tests.unit.contracts.trees import add_versions, make_tree, ping


def _run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=Settings(root=root))


def _number(type_: str) -> dict[str, object]:
    return {"name": "n", "type": type_, "doc": "N."}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A released contract of three versions."""
    made = make_tree(tmp_path, ping(_number("int")), ping(_number("float")), ping())
    release(load_tree(tmp_path))
    return made


@pytest.mark.usefixtures("directory")
def test_diff_says_what_differs_who_reads_whom_and_what_is_read_wrong(tmp_path: Path) -> None:
    answer = _run(tmp_path, "diff", "Ping", "1", "2")
    assert answer.exit_code == 0
    assert "~ n is float, not int" in answer.output
    assert "v2 reads v1" in answer.output
    assert "written 16777217, read 16777216.0" in answer.output
    assert "v1 cannot read v2: n: the writer writes a float where the reader expects an int" in answer.output


@pytest.mark.usefixtures("directory")
def test_diff_compares_the_current_version_with_the_one_before(tmp_path: Path) -> None:
    found = json.loads(_run(tmp_path, "diff", "Ping", "--json").stdout)
    assert [(each["mark"], each["path"]) for each in found["differences"]] == [("-", "n")]
    assert [(each["reader"], each["writer"], each["compatible"]) for each in found["readings"]] == [
        (3, 2, True),
        (2, 3, False),
    ]


def test_diff_says_which_symbols_are_lost_to_the_default(tmp_path: Path) -> None:
    enum = {"type": "enum", "name": "S", "symbols": ["U", "SENT"], "default": "U"}
    fewer = enum | {"symbols": ["U"]}
    make_tree(tmp_path, *(ping({"name": "s", "type": each}) for each in (enum, fewer)))
    answer = _run(tmp_path, "diff", "Ping")
    assert "but loses data of s: SENT is read as U" in answer.output


@pytest.mark.usefixtures("directory")
def test_a_witness_is_given_as_record_and_as_bytes(tmp_path: Path) -> None:
    found = json.loads(_run(tmp_path, "diff", "Ping", "1", "2", "--json").stdout)
    ((wrong,), _) = (each["misreadings"] for each in found["readings"])
    assert (wrong["kind"], wrong["path"]) == ("precision", "n")
    assert wrong["witness"]["record"]["n"] == 16777217
    assert bytes.fromhex(wrong["witness"]["body"]).endswith(b"\x82\x80\x80\x10")


def test_versions_that_mean_the_same_are_said_to(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping())
    assert "They mean the same." in _run(tmp_path, "diff", "Ping").output


@pytest.mark.usefixtures("directory")
def test_a_version_beside_itself_is_said_to_be_read_once(tmp_path: Path) -> None:
    assert _run(tmp_path, "diff", "Ping", "2", "2").output.count("v2 reads v2") == 1


def test_one_version_alone_differs_from_nothing(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert _run(tmp_path, "diff", "Ping").exit_code == 2


def test_new_version_names_files_as_seen_from_where_one_is(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = _run(tmp_path, "new-version", "Ping", "--reason", "Because.")
    file = (directory / "v4.avsc").relative_to(tmp_path)
    assert f"wrote {file}\n" in answer.output
    assert f"  [ ] Change {file}: " in answer.output


def test_new_version_copies_asks_why_and_lists_what_is_to_be_done(directory: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, ["new-version", "Ping"], obj=Settings(root=tmp_path), input="Because.\n")
    assert answer.exit_code == 0
    assert f"wrote {directory / 'v4.avsc'}" in answer.output
    assert f"[ ] `hangarstack contracts check --root {tmp_path}` passes." in answer.output
    assert load_tree(tmp_path).contracts[0].current.reason == "Because."


@pytest.mark.parametrize("reason", [" ", "two\nlines"])
def test_new_version_wants_a_reason_of_one_line(directory: Path, tmp_path: Path, reason: str) -> None:
    assert _run(tmp_path, "new-version", "Ping", "--reason", reason).exit_code == 2
    assert not (directory / "v4.avsc").exists()


def test_new_version_that_can_ask_nobody_says_how_to_give_the_reason(directory: Path, tmp_path: Path) -> None:
    answer = _run(tmp_path, "new-version", "Ping")
    assert answer.exit_code == 2
    assert "give --reason" in answer.output
    assert not (directory / "v4.avsc").exists()


def test_diff_does_not_take_what_was_not_tried_for_misread(tmp_path: Path) -> None:
    huge = {"name": "n", "type": ["null", {"type": "fixed", "name": "F", "size": 2_000_000}], "default": None}
    make_tree(tmp_path, ping(), ping(huge))
    output = _run(tmp_path, "diff", "Ping").output
    assert "but not everything was tried: " in output
    assert "misreads" not in output


def test_diff_names_what_lifts_the_records_that_a_version_cannot_read(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(), ping(_number("int")))
    steps = tmp_path / "migrations" / "schemas"
    steps.mkdir(parents=True)
    lift = '[[upcaster]]\ncontract = "ping"\nfrom = 1\nfunction = "lifts.ping:lift_v1"\n'
    (steps / "0001_lift.toml").write_text(f'description = "Lift."\n{lift}')
    assert "  our code can: lifts.ping:lift_v1 lifts its events" in _run(tmp_path, "diff", "Ping").output
