from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.contracts import command
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError, ContractTreeError
from hangarstack.settings import Settings
from tests.unit.contracts.trees import CONTRACT, add_versions, make_tree, ping

OURS = Path(__file__).resolve().parents[4]
OPTIONAL = {"name": "n", "type": ["null", "int"], "default": None}


def _run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["impact", *arguments], obj=Settings(root=root))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A released contract of one version, with a consumer."""
    made = make_tree(tmp_path, contract=CONTRACT.replace("consumers = []", 'consumers = ["one"]'))
    release(load_tree(tmp_path))
    return made


def test_what_is_not_released_yet_is_what_is_proposed(directory: Path, tmp_path: Path) -> None:
    assert "Nothing is proposed" in _run(tmp_path).output
    add_versions(directory, ping(OPTIONAL))
    answer = _run(tmp_path)
    assert answer.exit_code == 0
    assert all(part in answer.output for part in ("Ping v1 → v2", "one: untouched", "3. Deploy the producers (a)"))


def test_what_no_order_of_deployment_saves_fails(directory: Path, tmp_path: Path) -> None:
    add_versions(
        directory, ping(OPTIONAL | {"type": "int", "default": 0}), ping(OPTIONAL | {"type": "string", "default": ""})
    )
    answer = _run(tmp_path, "--json")
    assert isinstance(answer.exception, CheckFailedError)
    (first, second) = json.loads(answer.stdout)
    assert (first["to"], second["to"]) == (2, 3)
    assert [each["effect"] for each in second["services"]] == ["breaks in any order"]
    assert second["order"][0].startswith("No order works")


def test_two_versions_may_be_named(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(OPTIONAL), ping())
    (found,) = json.loads(_run(tmp_path, "Ping", "--from", "1", "--to", "3", "--json").stdout)
    assert (found["from"], found["to"]) == (1, 3)


@pytest.mark.parametrize(
    "arguments", [("--from", "1"), ("Ping",), ("Ping", "--from", "1", "--to", "1"), ("Pong",), ("Ping", "--to", "9")]
)
@pytest.mark.usefixtures("directory")
def test_what_cannot_be_compared_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = _run(tmp_path, *arguments)
    assert answer.exit_code == 2 or isinstance(answer.exception, ContractTreeError)


def test_consumers_of_any_tree_declare_in_the_contract_what_they_read(directory: Path, tmp_path: Path) -> None:
    table = directory / "contract.toml"
    both = table.read_text().replace('["one"]', '["one", "two", "three"]')
    for name, field in (("one", "n"), ("two", "id")):
        both += f'\n[reads.{name}]\nversion = 2\nfields = ["{field}"]\n'
    table.write_text(both)
    add_versions(directory, ping(OPTIONAL), ping())
    answer = _run(tmp_path, "Ping", "--json")
    (found,) = json.loads(answer.stdout)
    effects = {each["name"]: (each["declared"], each["effect"]) for each in found["services"]}
    assert effects == {"one": (True, "loses data"), "two": (True, "untouched"), "three": (False, "loses data")}


def test_a_consumer_that_would_read_wrong_values_is_a_reason_to_stop(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, *(ping({"name": "n", "type": _decimal(scale), "default": ""}) for scale in (2, 3)))
    answer = _run(tmp_path, "Ping")
    assert isinstance(answer.exception, CheckFailedError)
    assert "Ping v3: no order of deployment works" in str(answer.exception)
    assert (
        "1. No order works for one: deployed before the producers, what is in the topic is read as wrong "
        in answer.output
    )
    assert "(written 123.45, read 12.345)" in answer.output
    assert "either order" not in answer.output


def _decimal(scale: int) -> dict[str, object]:
    return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}


def test_a_consumer_is_judged_as_a_reader_of_the_version_that_it_declares(directory: Path, tmp_path: Path) -> None:
    table = directory / "contract.toml"
    table.write_text(f'{table.read_text()}\n[reads.one]\nversion = 1\nfields = ["id"]\n')
    price = {"name": "price", "default": 0}
    (directory / "v1.avsc").write_text(json.dumps(ping(price | {"type": "int"})))
    add_versions(directory, ping(price | {"type": "long"}), ping(price | {"type": "long"}, OPTIONAL))
    answer = _run(tmp_path, "Ping", "--json")
    assert answer.exit_code == 0
    (found,) = json.loads(answer.stdout)
    (one,) = found["services"]
    assert (one["version"], one["effect"]) == (1, "breaks already")
    assert one["reasons"][0]["sentence"].startswith("as it is deployed now with v1, it cannot read events of v3: ")
    assert [step.split()[2] for step in found["order"][1:]] == ["consumers", "producers"]
    assert "either order" not in found["order"][1]


def test_what_our_services_declare_says_nothing_of_another_tree_with_an_event_of_that_name(tmp_path: Path) -> None:
    contract = CONTRACT.replace('"Ping"', '"AircraftView"')
    make_tree(tmp_path, ping() | {"name": "AircraftView"}, ping(OPTIONAL) | {"name": "AircraftView"}, contract=contract)
    (found,) = json.loads(_run(tmp_path, "AircraftView", "--json").stdout)
    assert found["services"] == []


def test_our_services_declare_what_they_read() -> None:
    (found,) = json.loads(_run(OURS, "AircraftView", "--from", "1", "--to", "2", "--json").stdout)
    effects = {each["name"]: (each["declared"], each["effect"]) for each in found["services"]}
    assert effects == {"popularity": (True, "untouched"), "search-insights": (True, "untouched")}
