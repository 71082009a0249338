from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from hangarstack.contracts.against.directory import read_directory
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.gate import check
from hangarstack.contracts.lock import release
from hangarstack.contracts.report import Report
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.waivers import read_waivers
from hangarstack.errors import ContractTreeError
from tests.unit.contracts.trees import CONTRACT, WAIVER, make_tree, ping

REQUIRED = {"name": "n", "type": "int"}
LAST_DAY = datetime.date(2026, 6, 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree whose second version breaks readers."""
    make_tree(tmp_path, ping(), ping(REQUIRED))
    return tmp_path


def _waive(root: Path, text: str) -> None:
    (root / "contracts" / "waivers.toml").write_text(text)


def _check(root: Path, today: datetime.date = LAST_DAY, only: set[str] | None = None) -> Report:
    return check(load_tree(root, history=True), [], today=today, only=only)


def _kinds(report: Report) -> list[str]:
    return [problem.kind for problem in report.problems]


def test_a_break_fails_unless_it_is_waived(root: Path) -> None:
    assert _kinds(_check(root)) == ["READER_FIELD_MISSING_DEFAULT_VALUE"]
    _waive(root, WAIVER)
    report = _check(root)
    assert _kinds(report) == []
    assert [(each.problem.version, each.waiver.owner) for each in report.waived] == [(2, "nobody")]


def test_a_waiver_holds_on_its_last_day_and_no_longer(root: Path) -> None:
    _waive(root, WAIVER)
    after = _check(root, LAST_DAY + datetime.timedelta(days=1))
    assert _kinds(after) == ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_EXPIRED"]
    assert after.waived == ()


def test_an_expired_waiver_fails_even_when_nothing_needs_it(tmp_path: Path) -> None:
    make_tree(tmp_path)
    _waive(tmp_path, WAIVER)
    assert _kinds(_check(tmp_path, LAST_DAY + datetime.timedelta(days=1))) == ["WAIVER_EXPIRED"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("versions = [2]", "versions = [1]"),
        ("versions = [2]", ""),
        ("/fields/3", "/fields/2"),
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "TYPE_MISMATCH"),
        ('contract = "Ping"', 'contract = "Pong"'),
    ],
)
def test_a_waiver_covers_exactly_what_it_names_and_an_unused_one_fails(root: Path, before: str, after: str) -> None:
    _waive(root, WAIVER.replace(before, after))
    assert _kinds(_check(root)) == ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_UNUSED"]


def _full(root: Path) -> None:
    """Each of two versions needs a field that the other has not, and both at one place."""
    make_tree(root, ping({"name": "x", "type": "int"}), ping(REQUIRED), contract=CONTRACT.replace("BACKWARD", "FULL"))


@pytest.mark.parametrize(("readers", "left"), [("", "v1 cannot read v2"), ("readers = [1]", "v2 cannot read v1")])
def test_a_waiver_covers_one_direction_alone(tmp_path: Path, readers: str, left: str) -> None:
    _full(tmp_path)
    _waive(tmp_path, f"{WAIVER}{readers}\n")
    report = _check(tmp_path)
    assert [problem.sentence.partition(":")[0] for problem in report.problems] == [left]
    assert len(report.waived) == 1


def test_each_direction_has_a_waiver_of_its_own(tmp_path: Path) -> None:
    _full(tmp_path)
    _waive(tmp_path, f"{WAIVER}{WAIVER}readers = [1]\n")
    assert _kinds(_check(tmp_path)) == []


def test_an_earlier_version_that_only_a_baseline_has_is_named_by_its_number(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    contract = CONTRACT.replace("BACKWARD", "FORWARD")
    make_tree(old, ping({"name": "x", "type": "int"}), contract=contract)
    make_tree(new, ping(), contract=contract)
    _waive(
        new,
        WAIVER.replace("[2]", "[1]\nreaders = [1]")
        + WAIVER.replace("[2]", "[1]")
        .replace("READER_FIELD_MISSING_DEFAULT_VALUE", "VERSION_EDITED")
        .replace('path = "/fields/3"', f'to = "{load_tree(new).contracts[0].current.fingerprint}"'),
    )
    report = check(load_tree(new, history=True), [read_directory(old, known={})], today=LAST_DAY)
    assert _kinds(report) == []
    assert [each.problem.kind for each in report.waived] == ["VERSION_EDITED", "READER_FIELD_MISSING_DEFAULT_VALUE"]


def test_each_version_and_reader_that_needs_no_waiver_is_told(tmp_path: Path) -> None:
    _full(tmp_path)
    _waive(
        tmp_path,
        WAIVER.replace("[2]", "[2, 3, 99]") + WAIVER.replace("[2]", "[2]\nreaders = [1, 4]"),
    )
    found = [
        (problem.kind, problem.version, problem.sentence.rpartition(", ")[2]) for problem in _check(tmp_path).problems
    ]
    assert found == [
        ("WAIVER_UNUSED", 3, "covers nothing of v3"),
        ("WAIVER_UNUSED", 99, "covers nothing of v99"),
        ("WAIVER_UNUSED", 2, "covers nothing that v4 cannot read"),
    ]


@pytest.mark.parametrize(
    ("days", "kinds"), [(366, []), (367, ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_TOO_LONG"])]
)
def test_a_waiver_that_would_hold_for_more_than_a_year_does_not_hold(root: Path, days: int, kinds: list[str]) -> None:
    _waive(root, WAIVER)
    assert _kinds(_check(root, LAST_DAY - datetime.timedelta(days=days))) == kinds


@pytest.mark.parametrize("versions", ["[2]", "[1, 2]", "[2]\nreaders = [1, 3]"])
def test_a_break_is_waived_once(root: Path, versions: str) -> None:
    first = WAIVER.replace("[2]", "[2]\nreaders = [3]") if "readers" in versions else WAIVER
    _waive(root, first + WAIVER.replace("[2]", versions))
    with pytest.raises(ContractTreeError, match="waived twice") as caught:
        _check(root)
    assert "waiver 2" in caught.value.where


def test_a_waiver_of_a_contract_that_is_not_looked_at_is_not_unused(root: Path) -> None:
    _waive(root, WAIVER + WAIVER.replace("Ping", "Pong"))
    assert _kinds(_check(root, only={"Ping"})) == []


def test_a_change_that_only_a_comparison_finds_is_waived_as_a_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    make_tree(old)
    table = make_tree(new) / "contract.toml"
    table.write_text(table.read_text().replace('key = "id"', 'key = "event_id"'))
    _waive(
        new,
        WAIVER.replace("versions = [2]\n", "")
        .replace('path = "/fields/3"', 'to = "event_id"')
        .replace("READER_FIELD_MISSING_DEFAULT_VALUE", "KEY_CHANGED"),
    )
    tree = load_tree(new, history=True)
    compared = check(tree, [read_directory(old, known={})], today=LAST_DAY)
    assert (_kinds(compared), len(compared.waived)) == ([], 1)
    # Without the comparison nobody can say whether it is needed.
    assert _kinds(_check(new)) == []


def _edited(root: Path, doc: str) -> str:
    """Edit the released version, and return what a waiver must name."""
    path = root / "contracts" / "avro" / "ping" / "v1.avsc"
    path.write_text(json.dumps(ping() | {"doc": doc}))
    return load_tree(root).contracts[0].current.fingerprint


def test_a_waiver_of_an_edit_permits_what_it_names_and_no_later_edit(tmp_path: Path) -> None:
    make_tree(tmp_path)
    release(load_tree(tmp_path))
    to = _edited(tmp_path, "Another.")
    waiver = WAIVER.replace("[2]", "[1]").replace("READER_FIELD_MISSING_DEFAULT_VALUE", "VERSION_EDITED")

    def check_it() -> Report:
        tree = load_tree(tmp_path, history=True)
        return check(tree, [read_locked(tree)], today=LAST_DAY)

    (found,) = check_it().problems
    assert (found.to, found.title) == (to, f"VERSION_EDITED to {to}")
    _waive(tmp_path, waiver.replace('path = "/fields/3"\n', ""))
    unnamed = check_it().problems[1]
    assert unnamed.sentence.endswith(f'permits no change in particular; this one is to = "{to}"')
    _waive(tmp_path, waiver.replace('path = "/fields/3"', f'to = "{to}"'))
    assert _kinds(check_it()) == []
    later = _edited(tmp_path, "Yet another.")
    assert _kinds(check_it()) == ["VERSION_EDITED", "WAIVER_UNUSED"]
    assert check_it().problems[1].sentence.endswith(f'permits the change to {to}; this one is to = "{later}"')


@pytest.mark.parametrize(
    ("before", "permitted", "after", "kind"),
    [
        ("partitions = 1", "partitions = 6", "partitions = 7", "PARTITIONS_CHANGED"),
        ('"BACKWARD"', '"FORWARD"', '"NONE"', "COMPATIBILITY_RELAXED"),
        ('name = "pings"', 'name = "pongs"', 'name = "pangs"', "TOPIC_RENAMED"),
    ],
)
def test_a_waiver_of_another_promise_permits_that_one_alone(
    tmp_path: Path, before: str, permitted: str, after: str, kind: str
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    make_tree(old)
    table = make_tree(new) / "contract.toml"
    text = table.read_text()
    waiver = WAIVER.replace("versions = [2]\n", "").replace("READER_FIELD_MISSING_DEFAULT_VALUE", kind)
    to = permitted.rpartition(" = ")[2].strip('"')
    _waive(new, waiver.replace('path = "/fields/3"', f'to = "{to}"'))
    for now, kinds in ((permitted, []), (after, [kind, "WAIVER_UNUSED"])):
        table.write_text(text.replace(before, now))
        report = check(load_tree(new, history=True), [read_directory(old, known={})], today=LAST_DAY)
        assert _kinds(report) == kinds


def test_two_changes_of_one_place_may_be_waived_each(root: Path) -> None:
    _waive(root, WAIVER + WAIVER.replace("path", 'to = "v5"\npath'))
    assert len(read_waivers(root / "contracts" / "waivers.toml")) == 2
    (unused,) = _check(root).problems
    assert unused.sentence.endswith("covers nothing that was found")


@pytest.mark.parametrize("key", ["contract", "type", "owner", "reason", "expires"])
def test_a_waiver_must_be_complete(root: Path, key: str) -> None:
    lines = [line for line in WAIVER.splitlines() if not line.startswith(key)]
    _waive(root, "\n".join(lines))
    with pytest.raises(ContractTreeError, match=f"{key} is missing"):
        read_waivers(root / "contracts" / "waivers.toml")


@pytest.mark.parametrize(
    "text",
    [
        WAIVER.replace("2026-06-01", '"2026-06-01"'),
        WAIVER.replace("2026-06-01", "2026-06-01T00:00:00Z"),
        WAIVER.replace("[2]", "[]"),
        WAIVER.replace("[2]", "[true]"),
        WAIVER.replace("[2]", "[2, 2]"),
        WAIVER + "readers = []\n",
        WAIVER + "readers = [0]\n",
        WAIVER + 'because = "x"\n',
        "x = 1",
        "[waiver]",
    ],
)
def test_a_waiver_that_is_not_understood_is_refused(root: Path, text: str) -> None:
    _waive(root, text)
    with pytest.raises(ContractTreeError):
        read_waivers(root / "contracts" / "waivers.toml")


def test_no_file_and_an_empty_file_waive_nothing(root: Path) -> None:
    assert read_waivers(root / "contracts" / "waivers.toml") == ()
    _waive(root, "# Nothing.\n")
    assert read_waivers(root / "contracts" / "waivers.toml") == ()
    assert json.loads((root / "contracts" / "avro" / "ping" / "v1.avsc").read_text())


@pytest.mark.parametrize("path", ["/fields/3/type", "/fields/3/type/0"])
def test_a_waiver_may_name_the_place_as_the_report_does_or_as_avro_does(tmp_path: Path, path: str) -> None:
    make_tree(tmp_path, ping(REQUIRED | {"type": ["null", "int"]}), ping(REQUIRED))
    waiver = WAIVER.replace("READER_FIELD_MISSING_DEFAULT_VALUE", "TYPE_MISMATCH").replace("/fields/3", path)
    _waive(tmp_path, waiver)
    assert _kinds(_check(tmp_path)) == []


def test_what_is_found_of_a_waiver_says_which_one_it_is_and_hits_nobody(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(REQUIRED), contract=CONTRACT.replace("consumers = []", 'consumers = ["one"]'))
    other = WAIVER.replace("versions = [2]", "versions = [3]\nreaders = [1, 2]")
    _waive(tmp_path, f"# Two.\n{WAIVER}\n{other}")
    problems = _check(tmp_path, LAST_DAY + datetime.timedelta(days=1)).problems
    kind = "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/3"
    assert [(each.sentence, line_of(each), each.hits) for each in problems] == [
        (f"the waiver of {kind} of v2, owned by nobody, ended on 2026-06-01", 3, ""),
        (f"the waiver of {kind} of v3 for v1, v2, owned by nobody, ended on 2026-06-01", 13, ""),
    ]


def test_a_waiver_within_brackets_is_known_by_its_words_alone(root: Path) -> None:
    fields = ", ".join(line for line in WAIVER.splitlines() if "=" in line)
    _waive(root, f"waiver = [{{{fields}}}]")
    assert [line_of(each) for each in _check(root, LAST_DAY + datetime.timedelta(days=1)).problems] == [1, 1]


@pytest.mark.parametrize("name", ["Ping", "ping"])
def test_an_unused_waiver_is_told_of_a_contract_that_is_looked_at_alone(tmp_path: Path, name: str) -> None:
    make_tree(tmp_path)
    _waive(tmp_path, WAIVER.replace('"Ping"', f'"{name}"'))
    assert _kinds(_check(tmp_path, only={"Ping"})) == ["WAIVER_UNUSED"]


def test_only_the_ends_of_lines_are_counted_for_the_line_of_a_waiver(tmp_path: Path) -> None:
    make_tree(tmp_path)
    _waive(tmp_path, f"# One\u2028two\u2028three.\n{WAIVER}")
    (problem,) = _check(tmp_path).problems
    assert line_of(problem) == 3
