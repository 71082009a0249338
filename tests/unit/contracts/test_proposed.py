from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.proposed import misread
from hangarstack.contracts.report import FORMATS
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings
from tests.unit.contracts.trees import CONTRACT, add_versions, make_tree, ping


def _number(type_: str) -> dict[str, Any]:
    return {"name": "n", "type": type_, "doc": "N.", "default": 0}


def _warnings(root: Path) -> list[str]:
    tree = load_tree(root)
    return [warning.sentence for warning in misread(tree.contracts, {tree.contracts[0].current})]


def _check(root: Path, form: str = "json", *more: str) -> Result:
    return CliRunner().invoke(command, ["check", "--format", form, *more], obj=Settings(root=root))


def test_a_check_that_passes_warns_of_what_is_read_wrong_and_shows_a_record(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(_number("int")))
    release(load_tree(tmp_path))
    add_versions(directory, ping(_number("float")))
    answer = _check(tmp_path)
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    (warning,) = found["warnings"]
    assert (found["passed"], warning["type"], warning["path"]) == (True, "RUNTIME_PRECISION", "/fields/3")
    assert warning["sentence"].startswith("v2 misreads v1: n: a float does not hold every digit of an int")
    assert "written 16777217, read 16777216.0" in warning["sentence"]
    assert '"n": 16777217' in warning["sentence"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_the_warning_and_the_record_and_passes(tmp_path: Path, form: str) -> None:
    directory = make_tree(tmp_path, ping(_number("int")))
    release(load_tree(tmp_path))
    add_versions(directory, ping(_number("float")))
    answer = _check(tmp_path, form)
    assert answer.exit_code == 0
    for said in ("warning", "RUNTIME_PRECISION", "v2 misreads v1", "16777217", "v2.avsc", "Add a new optional field"):
        assert said in answer.stdout


def test_a_warning_shows_the_place_of_the_field_that_an_alias_brought_over(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(_number("int")))
    renamed = {**_number("float"), "name": "m", "aliases": ["n"]}
    add_versions(directory, ping(renamed))
    tree = load_tree(tmp_path)
    (warning,) = misread(tree.contracts, {tree.contracts[0].current})
    assert warning.path == "/fields/3"


def test_what_only_fastavro_misreads_says_so_and_what_to_do(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping())
    add_versions(directory, ping({"name": "n", "type": "bytes", "default": "\u00ff"}))
    tree = load_tree(tmp_path)
    (warning,) = misread(tree.contracts, {tree.contracts[0].current})
    assert warning.kind == "RUNTIME_RAW_DEFAULT"
    assert warning.sentence.startswith("v2 misreads v1 by fastavro: n: the writer has no such field, and fastavro")
    assert "read 'ÿ'" in warning.sentence
    assert warning.fix.startswith("Read with generated code")


_REFUSED: dict[str, Any] = {"name": "n", "type": {"type": "double"}, "default": 2, "doc": "N."}
_WHY = "SchemaParseException: Default value <2> must match schema type: double"


def test_a_schema_that_fastavro_does_not_parse_is_warned_of_once_however_many_versions_it_meets(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, contract=CONTRACT.replace("BACKWARD", "FULL_TRANSITIVE"))
    add_versions(directory, ping(), ping(), ping(_REFUSED))
    tree = load_tree(tmp_path)
    (warning,) = misread(tree.contracts, {tree.contracts[0].current})
    assert (warning.kind, warning.version, warning.file.name) == ("RUNTIME_REFUSED_SCHEMA", 4, "v4.avsc")
    assert warning.sentence == f"fastavro, and so confluent_kafka's deserializer, refuses the schema of v4: {_WHY}"
    assert warning.fix.startswith("Say the same in a way that fastavro takes")


def test_a_first_version_that_fastavro_does_not_parse_is_warned_of_while_it_can_be_mended(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(_REFUSED))
    (tmp_path / "contracts" / "contracts.lock").touch()
    answer = _check(tmp_path)
    assert answer.exit_code == 0
    (warning,) = json.loads(answer.stdout)["warnings"]
    assert (warning["type"], warning["sentence"][-len(_WHY) :]) == ("RUNTIME_REFUSED_SCHEMA", _WHY)
    release(load_tree(tmp_path))
    assert json.loads(_check(tmp_path).stdout)["warnings"] == []


def test_a_released_schema_that_fastavro_does_not_parse_is_warned_of_where_a_new_version_meets_it(
    tmp_path: Path,
) -> None:
    directory = make_tree(tmp_path, ping(_REFUSED))
    add_versions(directory, ping())
    tree = load_tree(tmp_path)
    (warning,) = misread(tree.contracts, {tree.contracts[0].current})
    assert "the schema of v1: " in warning.sentence
    assert warning.fix.startswith("Read its records with generated code")


def _status(*symbols: str) -> dict[str, Any]:
    enum = {"type": "enum", "name": "Status", "symbols": ["UNKNOWN", *symbols], "default": "UNKNOWN", "doc": "S."}
    return {"name": "status", "type": enum, "doc": "S.", "default": "UNKNOWN"}


@pytest.mark.parametrize(
    ("level", "versions", "said"),
    [
        ("BACKWARD", (("SENT",), ()), "v2 loses data of v1: status: SENT is read as UNKNOWN"),
        ("FORWARD", ((), ("SENT",)), "v1 loses data of v2: status: SENT is read as UNKNOWN"),
    ],
)
def test_a_symbol_that_is_lost_to_the_default_is_warned_about(
    tmp_path: Path, level: str, versions: tuple[tuple[str, ...], ...], said: str
) -> None:
    contract = CONTRACT.replace('"BACKWARD"', f'"{level}"')
    make_tree(tmp_path, *[ping(_status(*symbols)) for symbols in versions], contract=contract)
    (sentence,) = _warnings(tmp_path)
    assert sentence.startswith(said)
    assert "(written 'SENT', read 'UNKNOWN')" in sentence


def test_what_is_released_is_not_warned_about_again(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(_number("int")), ping(_number("float")))
    release(load_tree(tmp_path))
    assert json.loads(_check(tmp_path).stdout)["warnings"] == []


def test_what_was_locked_along_with_its_change_is_new_to_what_it_is_compared_with(tmp_path: Path) -> None:
    root, before = tmp_path / "root", tmp_path / "before"
    directory = make_tree(root, ping(_number("int")))
    release(load_tree(root))
    shutil.copytree(root, before)
    add_versions(directory, ping(_number("float")), ping(_number("float"), _status()))
    release(load_tree(root))
    assert json.loads(_check(root).stdout)["warnings"] == []
    (warning,) = json.loads(_check(root, "json", "--against", f"dir:{before}").stdout)["warnings"]
    assert warning["sentence"].startswith("v2 misreads v1: n")


def test_a_new_version_is_new_though_it_says_what_an_older_one_said(tmp_path: Path) -> None:
    root, before = tmp_path / "root", tmp_path / "before"
    directory = make_tree(root, ping(_number("float")), ping(_number("int")))
    release(load_tree(root))
    shutil.copytree(root, before)
    add_versions(directory, ping(_number("float")))
    release(load_tree(root))
    (warning,) = json.loads(_check(root, "json", "--against", f"dir:{before}").stdout)["warnings"]
    assert warning["sentence"].startswith("v3 misreads v2: n")


def test_each_of_several_new_versions_is_tried(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(_number("int")))
    release(load_tree(tmp_path))
    add_versions(directory, ping(_number("float")), ping(_number("float"), _status()))
    (warning,) = json.loads(_check(tmp_path).stdout)["warnings"]
    assert warning["sentence"].startswith("v2 misreads v1: n")
    assert (warning["version"], Path(warning["file"]).name) == (2, "v2.avsc")


@pytest.mark.parametrize(
    ("level", "pairs"),
    [
        ("NONE", []),
        ("BACKWARD", ["v3 misreads v2"]),
        ("BACKWARD_TRANSITIVE", ["v3 misreads v2", "v3 misreads v1"]),
        ("FORWARD", []),
        ("FULL_TRANSITIVE", ["v3 misreads v2", "v3 misreads v1"]),
    ],
)
def test_the_level_says_who_meets_whom(tmp_path: Path, level: str, pairs: list[str]) -> None:
    contract = CONTRACT.replace('"BACKWARD"', f'"{level}"')
    make_tree(tmp_path, ping(_number("int")), ping(_number("int")), ping(_number("float")), contract=contract)
    assert [warning.split(": ")[0] for warning in _warnings(tmp_path)] == pairs


def test_what_the_registry_refuses_is_not_tried(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(_number("int")), ping({**_number("string"), "default": ""}))
    assert _warnings(tmp_path) == []


def test_where_there_is_too_much_to_try_it_says_so(tmp_path: Path) -> None:
    contract = CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"')
    make_tree(tmp_path, *[ping(_number("int"))] * 60, contract=contract)
    (warning,) = _warnings(tmp_path)
    assert warning.startswith("18 more pairs")


def test_a_type_that_stands_at_very_many_places_does_not_keep_anyone_waiting(tmp_path: Path) -> None:
    def chain(more: int) -> dict[str, Any]:
        """Records each of which names the one before: one of them stands at each place below."""
        fields = []
        for n in range(90):
            before = {"name": "x", "type": ["null", f"R{n - 1}"] if n else "int", "default": None if n else 0}
            record = {"type": "record", "name": f"R{n}", "fields": [_number("int"), before]}
            fields.append({"name": f"f{n}", "type": ["null", record], "default": None})
        return ping(*fields, *(_number("int") | {"name": f"e{n}"} for n in range(more)))

    contract = CONTRACT.replace('"BACKWARD"', '"BACKWARD_TRANSITIVE"')
    made = make_tree(tmp_path, *map(chain, range(8)), contract=contract)
    # What comes after it is tried all the same.
    other = made.with_name("pong")
    shutil.copytree(made / "examples", other / "examples")
    (other / "contract.toml").write_text(CONTRACT.replace('"Ping"', '"Pong"').replace("pings", "pongs"))
    add_versions(other, *(ping(_number(kind), name="Pong") for kind in ("int", "float")))
    tree = load_tree(tmp_path)
    *tried, small, rest = [each.sentence for each in misread(tree.contracts, {each.current for each in tree.contracts})]
    assert {warning.partition(": ")[2] for warning in tried} == {
        "not everything was tried: it would take too long to try the rest"
    }
    assert small.startswith("v2 misreads v1: n")
    assert rest.startswith(f"{7 - len(tried)} more pairs")
    assert len(tried) < 5
