from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.lint import lint
from hangarstack.contracts.lint.reporting import report_of
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report import FORMATS, renderer
from hangarstack.contracts.report.lines import line_of
from tests.unit.contracts.trees import make_tree, ping

INNER = {"type": "record", "name": "Inner", "doc": "", "fields": [{"name": "email", "type": "string", "doc": "Doc."}]}


def _field(name: str, type_: object) -> dict[str, Any]:
    return {"name": name, "type": type_, "doc": "Doc."}


def _problems(root: Path) -> list[Problem]:
    report = report_of(lint(root), praise="Fine.")
    return [*report.problems, *report.warnings]


def _written(problem: Problem) -> str:
    return problem.file.read_text().splitlines()[line_of(problem) - 1].strip()


def test_a_finding_in_the_schema_names_the_line_of_its_field_or_type(tmp_path: Path) -> None:
    held = {"type": "array", "items": ["null", {"type": "map", "values": INNER}]}
    directory = make_tree(tmp_path, ping(_field("n", held), _field("left_at", "long")))
    path = directory / "v1.avsc"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    found = {each.kind: each for each in _problems(tmp_path) if each.file == path}
    assert {kind: each.sentence.partition(":")[0] for kind, each in found.items()} == {
        "documented": "n.Inner",
        "personal-data": "n.email",
        "logical-time": "left_at",
    }
    assert _written(found["documented"]) == '"name": "Inner",'
    lines = path.read_text().splitlines()
    assert '"name": "email"' in lines[line_of(found["personal-data"])]
    assert '"name": "left_at"' in lines[line_of(found["logical-time"])]
    assert {(each.version, each.side) for each in found.values()} == {(1, "v1")}


def test_a_type_is_found_by_its_full_name(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(_field("n", INNER | {"namespace": "a.b"})))
    path = directory / "v1.avsc"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    (found,) = [each for each in _problems(tmp_path) if each.kind == "documented"]
    assert found.sentence.startswith("a.b.Inner: ")
    assert _written(found) == '"name": "Inner",'


def test_what_is_no_schema_names_the_line_that_the_error_names(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    (directory / "v1.avsc").write_text(json.dumps(ping(_field("n", "Unknown")), indent=1))
    (found,) = _problems(tmp_path)
    assert (found.kind, _written(found)) == ("well-formed", '"type": "Unknown",')
    (directory / "v1.avsc").write_text('{\n "type": "record",\n "type": 1\n}')
    (found,) = _problems(tmp_path)
    assert (found.kind, found.file, line_of(found)) == ("well-formed", directory / "v1.avsc", 3)


def test_a_file_that_is_wrong_as_a_whole_is_named(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    (directory / "v1.avsc.orig").write_text("")
    (directory / "examples" / "v1" / "one.json").write_text("{}")
    found = {each.kind: each for each in _problems(tmp_path)}
    assert found["no-orphans"].file == directory / "v1.avsc.orig"
    assert (found["examples"].file, found["examples"].version) == (directory / "examples" / "v1" / "one.json", 1)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_an_error_its_rule_and_what_the_rule_asks_for(tmp_path: Path, form: str) -> None:
    make_tree(tmp_path, ping({"name": "n", "type": "int", "default": 1}))
    (tmp_path / "contracts" / "lint.toml").write_text('[severity]\nexamples = "off"\n')
    text = renderer(form)(report_of(lint(tmp_path), praise="Fine."), tmp_path)
    assert "contracts/avro/ping/v1.avsc" in text or form == "junit"
    assert "the field has no doc" in text
    assert "documented" in text
    assert "Every record, enum, fixed and field says what it means" in text
    assert "Fine." not in text
