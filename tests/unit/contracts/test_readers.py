"""Whom a finding of the check hits, as the report names them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.gate import check
from hangarstack.contracts.report import FORMATS, Report, renderer
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, Json, make_tree, ping

_REQUIRED: Json = {"name": "n", "type": "int"}
_TODAY = datetime.date(2026, 6, 1)


def _check(
    root: Path, *versions: Json, level: str = "BACKWARD", reads: dict[str, tuple[int, str]] | None = None, **more: Any
) -> Report:
    contract = CONTRACT.replace("consumers = []", 'consumers = ["tracking", "billing"]')
    contract = contract.replace('"BACKWARD"', f'"{level}"')
    for name, (version, field) in (reads or {}).items():
        contract += f'\n[reads.{name}]\nversion = {version}\nfields = ["{field}"]\n'
    make_tree(root, *versions, contract=contract)
    return check(load_tree(root, history=True), [], today=_TODAY, **more)


def test_who_reads_by_a_version_that_cannot_read_the_old_events_is_named(tmp_path: Path) -> None:
    (problem,) = _check(tmp_path, ping(), ping(_REQUIRED)).problems
    assert problem.hits == "who: tracking, billing would break (`hangarstack contracts impact Ping --to 2`)"


def test_of_old_readers_only_those_are_named_that_declare_that_version(tmp_path: Path) -> None:
    versions = ping(_REQUIRED), ping(_REQUIRED), ping()
    reads = {"tracking": (1, "n"), "billing": (3, "id")}
    problems = _check(tmp_path, *versions, level="FORWARD_TRANSITIVE", reads=reads).problems
    assert {problem.reader: problem.who for problem in problems} == {1: ("tracking",), 2: ("billing",)}


def test_what_is_read_wrong_hits_those_who_look_at_the_field(tmp_path: Path) -> None:
    versions = (ping({"name": "n", "type": type_, "default": 0}) for type_ in ("int", "float"))
    (warning,) = _check(tmp_path, *versions, reads={"tracking": (1, "n"), "billing": (1, "id")}).warnings
    assert warning.hits == "who: tracking would get it wrong (`hangarstack contracts impact Ping --to 2`)"


def test_who_declares_in_code_is_named_too_and_asked_only_where_something_is_found(tmp_path: Path) -> None:
    asked = []

    def declarations() -> list[Declared]:
        asked.append(True)
        return [Declared(consumer="three", event="n.Ping", version=1, fields=("id",))]

    (problem,) = _check(tmp_path / "bad", ping(), ping(_REQUIRED), declarations=declarations).problems
    assert problem.who == ("tracking", "billing", "three")
    _check(tmp_path / "good", ping(), declarations=declarations)
    assert asked == [True]


def test_whoever_reads_a_contract_is_named_when_a_version_is_gone(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(), ping(), contract=CONTRACT.replace("consumers = []", 'consumers = ["one"]'))
    (directory / "v1.avsc").unlink()
    (problem,) = check(load_tree(tmp_path, history=True), [], today=_TODAY).problems
    assert problem.hits == "who: one read it"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_names_them_where_they_are_known(tmp_path: Path, form: str) -> None:
    text = renderer(form)(_check(tmp_path / "known", ping(), ping(_REQUIRED)), tmp_path)
    said = json.dumps(["tracking", "billing"], indent=2).split() if form == "json" else ["who: tracking, billing would"]
    assert all(part in text for part in said)
    make_tree(tmp_path / "nobody", ping(), ping(_REQUIRED))
    nobody = check(load_tree(tmp_path / "nobody", history=True), [], today=_TODAY)
    assert "who: " not in renderer(form)(nobody, tmp_path)


def test_whom_a_misreading_hits_is_said_in_text_as_in_other_formats(tmp_path: Path) -> None:
    decimals = ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale} for scale in (2, 3))
    versions = (ping({"name": "n", "type": each}) for each in decimals)
    report = _check(tmp_path, *versions, level="FULL_TRANSITIVE")
    assert all("billing would get it wrong" in renderer(form)(report, tmp_path) for form in ("text", "github", "sarif"))


def test_what_was_not_tried_may_hit(tmp_path: Path) -> None:
    huge = {"name": "n", "type": ["null", {"type": "fixed", "name": "F", "size": 2_000_000}], "default": None}
    warnings = _check(tmp_path, ping(), ping(huge), level="FORWARD").warnings
    assert {warning.kind: warning.hits for warning in warnings} == {
        "RUNTIME_NOT_TRIED": "who: tracking, billing may get it wrong"
    }
