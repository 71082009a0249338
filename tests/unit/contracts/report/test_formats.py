from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hangarstack.contracts.gate import check
from hangarstack.contracts.report import FORMATS, Report, renderer, unrun
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, WAIVER, add_versions, make_tree, ping

REQUIRED = {"name": "n", "type": "int"}
ODD = {"name": "o", "type": {"type": "enum", "name": "O", "symbols": ["A"], "doc": "<&%\n\x01>"}}


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Version 2 breaks readers and is waived, version 3 breaks them and is not."""
    directory = make_tree(tmp_path, ping(), ping(REQUIRED))
    (directory / "v3.avsc").write_text(json.dumps(ping(REQUIRED, ODD), indent=2))
    (tmp_path / "contracts" / "waivers.toml").write_text(WAIVER)
    return check(load_tree(tmp_path, history=True), [], today=datetime.date(2026, 6, 1))


@pytest.fixture
def good(tmp_path: Path) -> Report:
    """A tree without a problem."""
    make_tree(tmp_path / "good")
    return check(load_tree(tmp_path / "good", history=True), [], today=datetime.date(2026, 6, 1))


def _render(name: str, report: Report, base: Path) -> str:
    return renderer(name)(report, base)


def test_text_says_what_where_and_what_to_do(report: Report, good: Report, tmp_path: Path) -> None:
    text = _render("text", report, tmp_path)
    assert "Ping: v3 cannot read v2: the reader needs the field o" in text
    assert "contracts/avro/ping/v3.avsc:32 (READER_FIELD_MISSING_DEFAULT_VALUE at /fields/4)" in text
    assert "waived until 2026-06-01 by nobody: No event of version 1 was ever written." in text
    assert report.praise not in text
    assert _render("text", good, tmp_path).endswith("1 version of 1 contract keeps to its level.\n")


def test_text_says_once_what_is_wrong_with_several_earlier_versions(tmp_path: Path) -> None:
    contract = CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"')
    other = ping({"name": "n", "type": "int", "default": 1})
    wrong = ping({"name": "n", "type": "string"})
    make_tree(tmp_path, other, other, ping(), other, other, wrong, contract=contract)
    report = check(load_tree(tmp_path, history=True), [], today=datetime.date(2026, 6, 1))
    lines = _render("text", report, tmp_path).splitlines()
    assert [line for line in lines if line.startswith("Ping: ")] == [
        "Ping: v6 cannot read v1, v2, v4 and v5: n: the writer writes an int where the reader expects a string",
        "Ping: v1, v2, v4 and v5 cannot read v6: n: the writer writes a string where the reader expects an int",
        "Ping: v6 cannot read v3: the reader needs the field n, which the writer does not write",
    ]
    places = [line for line in lines if " of v" in line]
    assert [line.rpartition(" of ")[2] for line in places] == ["v1, v2, v4 and v5)"]
    assert len(json.loads(_render("json", report, tmp_path))["problems"]) == 9


def test_text_names_a_run_of_earlier_versions_by_its_ends(tmp_path: Path) -> None:
    contract = CONTRACT.replace('"BACKWARD"', '"BACKWARD_TRANSITIVE"')
    make_tree(tmp_path, *[ping()] * 5, ping(REQUIRED), contract=contract)
    report = check(load_tree(tmp_path, history=True), [], today=datetime.date(2026, 6, 1))
    assert _render("text", report, tmp_path).startswith("Ping: v6 cannot read v1 to v5: the reader needs the field n")


def test_json_has_every_problem_with_its_line(report: Report, tmp_path: Path) -> None:
    found = json.loads(_render("json", report, tmp_path))
    (problem,) = found["problems"]
    assert (found["passed"], problem["version"], problem["path"]) == (False, 3, "/fields/4")
    line = (tmp_path / problem["file"]).read_text().splitlines()[problem["line"] - 1 :]
    assert '"name": "o"' in "".join(line[:2])
    assert [each["owner"] for each in found["waived"]] == ["nobody"]


def test_junit_has_a_case_for_each_version(report: Report, good: Report, tmp_path: Path) -> None:
    root = ET.fromstring(_render("junit", report, tmp_path))  # noqa: S314 - our own text
    assert (root.tag, root.attrib) == (
        "testsuites",
        {"name": "contracts", "tests": "3", "failures": "1", "errors": "0", "skipped": "1"},
    )
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {"v1": [], "v2": ["skipped"], "v3": ["failure"]}
    passed = ET.fromstring(_render("junit", good, tmp_path))  # noqa: S314 - our own text
    assert passed.attrib["failures"] == "0"


def test_junit_stays_well_formed_whatever_a_schema_says(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(), ping({"name": "n", "type": "int"}))
    table = directory / "contract.toml"
    table.write_text(table.read_text().replace('event = "Ping"', 'event = "Ping<&\\u0001\\"\\n"'))
    for number in (1, 2):
        path = directory / f"v{number}.avsc"
        path.unlink()
    report = check(load_tree(tmp_path, history=True), [], today=datetime.date(2026, 6, 1))
    root = ET.fromstring(_render("junit", report, tmp_path))  # noqa: S314 - our own text
    assert [suite.get("name") for suite in root] == ['Ping<&\ufffd"\n']


def test_sarif_has_rules_places_and_suppressions(report: Report, tmp_path: Path) -> None:
    log = json.loads(_render("sarif", report, tmp_path))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    broken, waived = run["results"]
    assert rules[broken["ruleIndex"]]["id"] == broken["ruleId"] == "READER_FIELD_MISSING_DEFAULT_VALUE"
    place = broken["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "contracts/avro/ping/v3.avsc"
    assert place["region"]["startLine"] > 1
    assert "suppressions" not in broken
    assert waived["suppressions"][0]["kind"] == "external"
    assert broken["partialFingerprints"] != waived["partialFingerprints"]


def test_github_gets_a_command_a_line(report: Report, tmp_path: Path) -> None:
    error, notice = _render("github", report, tmp_path).splitlines()
    assert error.startswith("::error file=contracts/avro/ping/v3.avsc,line=")
    assert ",title=Ping%3A READER_FIELD_MISSING_DEFAULT_VALUE::v3 cannot read v2: " in error
    assert "%0AGive o" in error
    assert notice.startswith("::notice ")


def test_github_gets_text_that_cannot_end_its_command(report: Report, tmp_path: Path) -> None:
    odd = replace(report.problems[0], sentence="50%0A of\r\n::warning::x", contract="A,b:%")
    first = _render("github", replace(report, problems=(odd,)), tmp_path).splitlines()[0]
    assert first.endswith(f"::50%250A of\\r%0A::warning::x%0A{odd.fix}")
    assert ",title=A%2Cb%3A%25%3A READER_" in first


def test_github_gets_no_character_that_controls_a_terminal(report: Report, tmp_path: Path) -> None:
    odd = replace(
        report.problems[0], sentence="d\0\x07\x1b[31m\u202e\x85é", contract="A\x07\n", file=tmp_path / "a\x1b.avsc"
    )
    first = _render("github", replace(report, problems=(odd,), notes=("\x07",)), tmp_path).splitlines()[0]
    assert r"::d\x00\x07\x1b[31m\u202e\x85é%0A" in first
    assert r"title=A\x07\n%3A READER_" in first
    assert first.startswith(r"::error file=a\x1b.avsc,")
    assert unrun("github", "a\x07") == "::error title=contracts%3A the check could not run::a\\x07\n"


def test_text_cannot_control_a_terminal_or_begin_a_command_of_a_log(report: Report, tmp_path: Path) -> None:
    odd = replace(
        report.problems[0], sentence="d\r\n::warning::x\x1b[31m\u202e\x85é", fix="  ##[error]x", contract="::add-mask"
    )
    lines = _render("text", replace(report, problems=(odd,)), tmp_path).split("\n")
    assert lines[0] == r"\::add-mask: d\r\n::warning::x\x1b[31m\u202e\x85é"
    assert r"\    ##[error]x" in lines


def test_a_warning_is_one_in_every_format(good: Report, report: Report, tmp_path: Path) -> None:
    warned = replace(good, warnings=report.problems, notes=("There is nothing at <x>.",))
    assert "\nwarning: There is nothing at <x>.\n" in _render("text", warned, tmp_path)
    (run,) = json.loads(_render("sarif", warned, tmp_path))["runs"]
    assert [result["level"] for result in run["results"]] == ["warning"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told == {"level": "warning", "message": {"text": "There is nothing at <x>."}}
    assert json.loads(_render("json", warned, tmp_path))["notes"] == ["There is nothing at <x>."]
    github = _render("github", warned, tmp_path).splitlines()
    assert [line.startswith("::warning ") for line in github] == [True, True, False]
    suites = ET.fromstring(_render("junit", warned, tmp_path))  # noqa: S314 - our own text
    assert [suite.findtext("system-out") for suite in suites][1:] == ["warning: There is nothing at <x>."]
    assert suites.attrib["failures"] == "0"


@pytest.mark.parametrize("name", FORMATS)
def test_files_elsewhere_keep_their_whole_path(report: Report, name: str) -> None:
    text = _render(name, report, Path("/elsewhere"))
    assert "/contracts/avro/ping/v3.avsc" in text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_when_nothing_is_wrong(good: Report, tmp_path: Path, name: str) -> None:
    add_versions(tmp_path / "good" / "contracts" / "avro" / "ping")
    text = _render(name, good, tmp_path)
    assert "READER" not in text
    assert text.endswith("\n")


ERROR = "v2.avsc: it is <no> schema, 100 %\nat all. Mend it"


def test_a_check_that_could_not_run_says_so_in_every_format() -> None:
    assert unrun("text", ERROR) == ""
    assert json.loads(unrun("json", ERROR)) == {"error": ERROR}
    title = "title=contracts%3A the check could not run"
    assert unrun("github", ERROR) == f"::error {title}::v2.avsc: it is <no> schema, 100 %25%0Aat all. Mend it\n"
    suites = ET.fromstring(unrun("junit", ERROR))  # noqa: S314 - our own text
    assert (suites.get("errors"), suites.get("failures"), suites.get("tests")) == ("1", "0", "1")
    assert [error.get("message") for error in suites.iter("error")] == [ERROR]
    (run,) = json.loads(unrun("sarif", ERROR))["runs"]
    assert run["results"] == []
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": ERROR}}],
        }
    ]
