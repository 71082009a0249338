from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hangarstack.contracts.against.baseline import Baseline
from hangarstack.contracts.against.directory import read_directory
from hangarstack.contracts.against.git import read_git
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.gate import check
from hangarstack.contracts.lock import release
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import BaselineError, ContractTreeError
from tests.unit.contracts.against.repository import OPTIONAL, OTHER, commit, git, released
from tests.unit.contracts.trees import CONTRACT, add_versions, make_tree, ping

TODAY = datetime.date(2026, 6, 1)
Source = Callable[[Path], Baseline]


def _lock_path(root: Path) -> Path:
    return root / "contracts" / "contracts.lock"


def _at_main(root: Path) -> Baseline:
    return read_git(root, "main", known={})


def _problems(root: Path, *sources: Source) -> tuple[Problem, ...]:
    tree = load_tree(root, history=True)
    return check(tree, [source(root) for source in sources or (_at_main,)], today=TODAY).problems


def _kinds(root: Path, *sources: Source) -> list[tuple[str, int]]:
    return [(problem.kind, problem.version) for problem in _problems(root, *sources)]


def _locked(root: Path) -> Baseline:
    return read_locked(load_tree(root, history=True))


def _unlock(root: Path, *lines: str) -> None:
    """What somebody does who wants the lock to forget lines, or all that it says."""
    path = root / "contracts" / "contracts.lock"
    text = path.read_text().splitlines()
    path.write_text("\n".join(line for line in text if lines and not line.startswith(lines)))


@pytest.fixture
def ping_at_main(tmp_path: Path) -> Path:
    """A contract of three versions, released on main."""
    return released(tmp_path)


def test_what_was_released_and_is_still_there_is_no_problem(ping_at_main: Path, tmp_path: Path) -> None:
    add_versions(ping_at_main, ping(OPTIONAL, OTHER))
    assert _kinds(tmp_path, _at_main, _locked) == []


def test_white_space_and_the_order_of_keys_do_not_count(ping_at_main: Path, tmp_path: Path) -> None:
    path = ping_at_main / "v2.avsc"
    path.write_text(json.dumps(dict(reversed(json.loads(path.read_text()).items())), indent=3))
    assert _kinds(tmp_path, _at_main, _locked) == []


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_deleted_version_is_found(
    ping_at_main: Path, tmp_path: Path, number: int, sources: tuple[Source, ...]
) -> None:
    (ping_at_main / f"v{number}.avsc").unlink()
    assert _kinds(tmp_path, *sources) == [("VERSION_DELETED", number)]


def test_what_was_edited_is_told_and_where_to_do_it_instead(ping_at_main: Path, tmp_path: Path) -> None:
    edited = [{"name": f"n{n}", "type": ["null", "int"], "default": None} for n in range(3)]
    (ping_at_main / "v2.avsc").write_text(json.dumps(ping(OPTIONAL, *edited, doc="Another.")))
    (found,) = _problems(tmp_path)
    assert "and has changed since: + n0 null | int, default null; " in found.sentence
    assert found.sentence.endswith(" and 1 more")
    assert found.fix == "Undo the change, and make it in v4.avsc"
    add_versions(ping_at_main, ping(OPTIONAL, OTHER))
    (found,) = _problems(tmp_path)
    assert found.fix == "Undo the change, and make it in v4.avsc"
    (found,) = _problems(tmp_path, _locked)
    assert found.sentence == "v2 was released in contracts.lock, and has changed since"


@pytest.mark.parametrize("doc", ["x" * 100_000, "Short."])
def test_what_was_edited_is_told_briefly_however_deep_or_long_it_is(
    ping_at_main: Path, tmp_path: Path, doc: str
) -> None:
    deep: object = "int"
    for _ in range(430):
        deep = ["null", {"type": "array", "items": deep}]
    (ping_at_main / "v2.avsc").write_text(json.dumps(ping(OPTIONAL | {"type": deep}, doc=doc)))
    (found,) = (problem for problem in _problems(tmp_path) if problem.kind == "VERSION_EDITED")
    assert 50 < len(found.sentence) < 1000


def test_a_deletion_that_no_baseline_knows_leaves_a_gap(ping_at_main: Path, tmp_path: Path) -> None:
    (ping_at_main / "v2.avsc").unlink()
    assert [problem.kind for problem in check(load_tree(tmp_path, history=True), [], today=TODAY).problems] == [
        "VERSION_MISSING"
    ]


def test_numbers_that_are_missing_in_a_row_are_told_once_and_those_that_were_lost_by_themselves(
    ping_at_main: Path, tmp_path: Path
) -> None:
    (ping_at_main / "v3.avsc").rename(ping_at_main / "v8.avsc")
    (ping_at_main / "v2.avsc").unlink()
    (ping_at_main / "v6.avsc").write_text(json.dumps(ping(OTHER, OPTIONAL)))
    found = _problems(tmp_path)
    assert [(problem.kind, problem.version) for problem in found] == [
        ("VERSION_DELETED", 2),
        ("VERSION_RENAMED", 3),
        ("VERSION_MISSING", 4),
        ("VERSION_MISSING", 7),
    ]
    assert [problem.sentence for problem in found[2:]] == [
        "v4 to v5 are missing though v8 is there",
        "v7 is missing though v8 is there",
    ]
    assert found[2].file == ping_at_main / "v4.avsc"


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_an_edited_version_is_found(ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]) -> None:
    (ping_at_main / "v2.avsc").write_text(json.dumps(ping(OPTIONAL | {"doc": "Another meaning."})))
    assert _kinds(tmp_path, *sources) == [("VERSION_EDITED", 2)]


def test_an_edit_is_found_though_the_lock_was_made_anew(ping_at_main: Path, tmp_path: Path) -> None:
    (ping_at_main / "v2.avsc").write_text(json.dumps(ping(OPTIONAL | {"doc": "Another meaning."})))
    _lock_path(tmp_path).unlink()
    release(load_tree(tmp_path))
    assert _kinds(tmp_path) == [("VERSION_EDITED", 2)]


def test_an_entry_that_the_lock_has_lost_is_found(ping_at_main: Path, tmp_path: Path) -> None:
    _unlock(tmp_path, "2 =")
    assert _kinds(tmp_path, _at_main, _locked) == [("LOCK_ENTRY_LOST", 2)]
    _unlock(tmp_path)
    assert _kinds(tmp_path) == [("LOCK_ENTRY_LOST", number) for number in (1, 2, 3)]
    assert ping_at_main.is_dir()


def test_an_entry_that_has_changed_is_found(ping_at_main: Path, tmp_path: Path) -> None:
    path = _lock_path(tmp_path)
    before = path.read_text()
    path.write_text("\n".join('2 = "sha256:0"' if line.startswith("2 =") else line for line in before.splitlines()))
    assert _kinds(tmp_path) == [("LOCK_ENTRY_CHANGED", 2)]
    assert ping_at_main.is_dir()


def test_the_entries_of_a_renamed_directory_are_those_of_its_new_name(ping_at_main: Path, tmp_path: Path) -> None:
    ping_at_main.rename(ping_at_main.with_name("pong"))
    _lock_path(tmp_path).unlink()
    release(load_tree(tmp_path))
    assert _kinds(tmp_path) == [("CONTRACT_RENAMED", 0)]


def test_without_a_lock_here_nobody_can_say_what_became_of_the_entries(ping_at_main: Path, tmp_path: Path) -> None:
    _lock_path(tmp_path).unlink()
    with pytest.raises(ContractTreeError, match="no lock file"):
        _problems(tmp_path)
    assert ping_at_main.is_dir()


@pytest.mark.parametrize(("lines", "lost"), [((), [2, 3]), (("1 =",), []), (("1 =", "2 ="), [2]), (("3 =",), [3])])
def test_an_edit_is_found_though_the_lock_at_the_ref_had_been_robbed_before(
    ping_at_main: Path, tmp_path: Path, lines: tuple[str, ...], lost: list[int]
) -> None:
    _unlock(tmp_path, *lines)
    commit(tmp_path)
    (ping_at_main / "v1.avsc").write_text(json.dumps(ping({"name": "renamed", "type": "string", "default": ""})))
    assert _kinds(tmp_path) == [("VERSION_EDITED", 1), *(("LOCK_ENTRY_LOST", number) for number in lost)]


def _robbed(root: Path) -> str:
    """Take the newest version out of the lock, let others commit after it, and return the commit that did it."""
    _unlock(root, "3 =")
    commit(root)
    sha = git(root, "rev-parse", "HEAD")
    commit(root)
    return sha[:10]


def test_what_the_lock_lost_long_ago_is_told_with_the_commit_that_took_it(ping_at_main: Path, tmp_path: Path) -> None:
    sha = _robbed(tmp_path)
    (found,) = _problems(tmp_path)
    assert (found.kind, found.version) == ("LOCK_ENTRY_LOST", 3)
    assert found.sentence.startswith(f"v3 was released in contracts.lock before {sha}, and contracts.lock has lost ")
    release(load_tree(tmp_path))
    assert _kinds(tmp_path) == []
    assert ping_at_main.is_dir()


@pytest.mark.parametrize("relocked", [False, True])
def test_the_newest_version_cannot_be_edited_once_the_lock_has_lost_it(
    ping_at_main: Path, tmp_path: Path, relocked: bool
) -> None:
    _robbed(tmp_path)
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping(OTHER | {"type": ["null", "string"]})))
    if relocked:
        release(load_tree(tmp_path))
    edited, *broken = _problems(tmp_path)
    assert (edited.kind, edited.version) == ("VERSION_EDITED", 3)
    assert " and has changed since: " in edited.sentence
    assert {problem.sentence.partition(":")[0] for problem in broken} == {"v3 cannot read v3 in git"}


def test_the_newest_version_cannot_be_deleted_once_the_lock_has_lost_it(ping_at_main: Path, tmp_path: Path) -> None:
    _robbed(tmp_path)
    (ping_at_main / "v3.avsc").unlink()
    assert _kinds(tmp_path) == [("VERSION_DELETED", 3)]
    shutil.rmtree(ping_at_main)
    assert _kinds(tmp_path) == [("CONTRACT_DELETED", 0)]


def test_a_number_that_was_given_up_is_not_given_to_another_version(ping_at_main: Path, tmp_path: Path) -> None:
    old = (ping_at_main / "v3.avsc").read_text()
    (ping_at_main / "v3.avsc").unlink()
    _robbed(tmp_path)
    assert _kinds(tmp_path) == []
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping(OPTIONAL, OTHER)))
    assert _kinds(tmp_path) == [("VERSION_EDITED", 3)]
    (ping_at_main / "v3.avsc").write_text(old)
    release(load_tree(tmp_path))
    assert _kinds(tmp_path) == []


def test_the_latest_version_that_is_left_counts_where_a_later_one_was_given_up(tmp_path: Path) -> None:
    directory = released(tmp_path, "BACKWARD")
    (directory / "v3.avsc").unlink()
    _robbed(tmp_path)
    (directory / "v2.avsc").write_text(json.dumps(ping({"name": "n", "type": "string", "default": ""})))
    edited, *broken = _problems(tmp_path)
    assert (edited.kind, edited.version) == ("VERSION_EDITED", 2)
    assert {problem.sentence.partition(":")[0] for problem in broken} == {"v2 cannot read v2 in git"}


def test_a_version_that_was_edited_before_the_ref_as_well_is_what_the_lock_said(
    ping_at_main: Path, tmp_path: Path
) -> None:
    _robbed(tmp_path)
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping(OPTIONAL, OTHER)))
    commit(tmp_path)
    assert _kinds(tmp_path) == [("VERSION_EDITED", 3)]
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping(OTHER | {"type": ["null", "string"]})))
    (again,) = _problems(tmp_path)
    assert again.sentence.endswith(", and has changed since")  # what it was is not at the ref to be compared with
    release(load_tree(tmp_path))
    commit(tmp_path)
    assert _kinds(tmp_path) == []  # the lock at the ref speaks for it again


def test_the_lock_of_a_directory_that_was_renamed_long_ago_has_lost_nothing(ping_at_main: Path, tmp_path: Path) -> None:
    ping_at_main.rename(ping_at_main.with_name("pong"))
    _lock_path(tmp_path).unlink()
    release(load_tree(tmp_path))
    commit(tmp_path)
    assert _kinds(tmp_path) == []


def test_an_entry_that_moved_with_its_directory_is_not_lost_though_another_contract_has_its_name(
    ping_at_main: Path, tmp_path: Path
) -> None:
    old = (ping_at_main / "contract.toml").read_text()
    ping_at_main.rename(ping_at_main.with_name("pong"))
    _lock_path(tmp_path).unlink()
    release(load_tree(tmp_path))
    ping_at_main.mkdir()
    (ping_at_main / "contract.toml").write_text(
        old.partition("[versions.2]")[0].replace("pings", "pangs").replace('"Ping"', '"Pang"')
    )
    (ping_at_main / "v1.avsc").write_text(json.dumps(ping() | {"name": "Pang"}))
    commit(tmp_path)
    assert _kinds(tmp_path) == []


def test_a_contract_that_the_ref_has_no_more_is_not_looked_for(ping_at_main: Path, tmp_path: Path) -> None:
    other = ping_at_main.with_name("pong")
    shutil.copytree(ping_at_main, other)
    for path in other.glob("*.*"):
        path.write_text(path.read_text().replace("Ping", "Pong").replace("pings", "pongs"))
    shutil.rmtree(ping_at_main)
    _lock_path(tmp_path).unlink()
    release(load_tree(tmp_path))
    commit(tmp_path)
    assert _kinds(tmp_path) == []


def test_a_lost_entry_is_waived_like_any_other_change(ping_at_main: Path, tmp_path: Path) -> None:
    _robbed(tmp_path)
    (tmp_path / "contracts" / "waivers.toml").write_text(
        '[[waiver]]\ncontract = "Ping"\nversions = [3]\ntype = "LOCK_ENTRY_LOST"\nowner = "nobody"\n'
        'reason = "It was locked by mistake."\nexpires = 2026-06-01\n'
    )
    assert _kinds(tmp_path) == []
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping(OPTIONAL, OTHER)))
    assert _kinds(tmp_path) == [("VERSION_EDITED", 3), ("WAIVER_UNUSED", 3)]


def test_a_contract_is_missed_though_the_lock_at_the_ref_had_been_emptied_before(
    ping_at_main: Path, tmp_path: Path
) -> None:
    for number in (2, 3):
        (ping_at_main / f"v{number}.avsc").unlink()
    _unlock(tmp_path)
    commit(tmp_path)
    shutil.rmtree(ping_at_main)
    assert _kinds(tmp_path) == [("CONTRACT_DELETED", 0)]


def test_a_draft_may_be_changed_and_given_up(ping_at_main: Path, tmp_path: Path) -> None:
    draft = make_tree(tmp_path / "draft", contract=CONTRACT.replace("pings", "pongs").replace('"Ping"', '"Pong"'))
    path = draft / "v1.avsc"
    path.write_text(path.read_text().replace('"Ping"', '"Pong"'))
    there = ping_at_main.with_name("pong")
    shutil.copytree(draft, there)
    commit(tmp_path)
    table = there / "contract.toml"
    table.write_text(table.read_text().replace('key = "id"', 'key = "event_id"'))
    assert _kinds(tmp_path) == []
    shutil.rmtree(there)
    assert _kinds(tmp_path) == []


def test_an_edit_that_breaks_what_was_written_says_so(ping_at_main: Path, tmp_path: Path) -> None:
    (ping_at_main / "v3.avsc").write_text(json.dumps(ping({"name": "m", "type": "string", "default": ""})))
    edited, *broken = _problems(tmp_path)
    assert edited.kind == "VERSION_EDITED"
    assert {problem.sentence.partition(":")[0] for problem in broken} == {"v3 cannot read v3 in git"}


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_a_renamed_version_is_found(ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]) -> None:
    (ping_at_main / "v2.avsc").rename(ping_at_main / "v5.avsc")
    found = _problems(tmp_path, *sources)
    assert [problem.kind for problem in found] == ["VERSION_RENAMED", "VERSION_MISSING"]
    assert "is v5 now" in found[0].sentence


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_reordered_versions_are_found(ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]) -> None:
    first, second = ping_at_main / "v1.avsc", ping_at_main / "v2.avsc"
    one, two = first.read_text(), second.read_text()
    first.write_text(two)
    second.write_text(one)
    assert _kinds(tmp_path, *sources) == [("VERSION_REORDERED", 1), ("VERSION_REORDERED", 2)]


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_a_deleted_contract_is_found(ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]) -> None:
    shutil.rmtree(ping_at_main)
    assert _kinds(tmp_path, *sources) == [("CONTRACT_DELETED", 0)]


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_a_deleted_contract_is_waived_by_its_directory_whatever_still_knows_it(
    ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]
) -> None:
    shutil.rmtree(ping_at_main)
    (tmp_path / "contracts" / "waivers.toml").write_text(
        '[[waiver]]\ncontract = "ping"\ntype = "CONTRACT_DELETED"\nowner = "nobody"\n'
        'reason = "Its topic is deleted."\nexpires = 2026-06-01\n'
    )
    assert _kinds(tmp_path, *sources) == []


@pytest.mark.parametrize("sources", [(_at_main,), (_locked,), (_at_main, _locked)])
def test_a_renamed_directory_is_found(ping_at_main: Path, tmp_path: Path, sources: tuple[Source, ...]) -> None:
    ping_at_main.rename(ping_at_main.with_name("pong"))
    assert _kinds(tmp_path, *sources) == [("CONTRACT_RENAMED", 0)]


def test_a_renamed_directory_is_known_by_its_topic_when_all_versions_were_edited(
    ping_at_main: Path, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        (ping_at_main / f"v{number}.avsc").write_text(json.dumps(ping(doc=f"Edited {number}.")))
    ping_at_main.rename(ping_at_main.with_name("pong"))
    assert _kinds(tmp_path) == [("CONTRACT_RENAMED", 0), *(("VERSION_EDITED", number) for number in (1, 2, 3))]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ('name = "pings"', 'name = "pongs"', "TOPIC_RENAMED"),
        ('key = "id"', 'key = "event_id"', "KEY_CHANGED"),
        ("partitions = 1", "partitions = 2", "PARTITIONS_CHANGED"),
        ('"BACKWARD_TRANSITIVE"', '"BACKWARD"', "COMPATIBILITY_RELAXED"),
        ('"BACKWARD_TRANSITIVE"', '"FORWARD_TRANSITIVE"', "COMPATIBILITY_RELAXED"),
    ],
)
def test_a_contract_that_promises_something_else_is_found(
    ping_at_main: Path, tmp_path: Path, before: str, after: str, kind: str
) -> None:
    path = ping_at_main / "contract.toml"
    path.write_text(path.read_text().replace(before, after))
    (problem,) = _problems(tmp_path)
    assert (problem.kind, problem.version) == (kind, 0)
    assert after in path.read_text().splitlines()[line_of(problem) - 1]


@pytest.mark.parametrize("level", ["BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL", "NONE"])
def test_whatever_demands_less_than_everything_is_relaxed(tmp_path: Path, level: str) -> None:
    path = released(tmp_path, "FULL_TRANSITIVE") / "contract.toml"
    path.write_text(path.read_text().replace("FULL_TRANSITIVE", level))
    assert _kinds(tmp_path) == [("COMPATIBILITY_RELAXED", 0)]


@pytest.mark.parametrize("more", ["retention_ms = 1", 'cleanup_policy = "compact"', "max_message_bytes = 2048"])
def test_how_a_topic_is_kept_is_a_matter_of_operations(ping_at_main: Path, tmp_path: Path, more: str) -> None:
    path = ping_at_main / "contract.toml"
    key = more.partition(" = ")[0]
    path.write_text("\n".join(more if line.startswith(key) else line for line in path.read_text().splitlines()))
    assert _kinds(tmp_path) == []


@pytest.mark.parametrize("line", ["compatibility = []", "partitions = '2'", "topic = 1"])
def test_what_a_released_contract_says_in_another_way_is_not_compared(
    ping_at_main: Path, tmp_path: Path, line: str
) -> None:
    path = ping_at_main / "contract.toml"
    text, key = path.read_text(), line.partition(" = ")[0]
    old = text.replace("[topic]", "[old]") if key == "topic" else text
    lines = [line if each.startswith(f"{key} =") else each for each in old.splitlines()]
    path.write_text("\n".join([line, *lines] if line not in lines else lines))
    commit(tmp_path)
    path.write_text(text)
    assert _kinds(tmp_path) == []


def test_a_stricter_level_is_no_problem(ping_at_main: Path, tmp_path: Path) -> None:
    path = ping_at_main / "contract.toml"
    path.write_text(path.read_text().replace("BACKWARD_TRANSITIVE", "FULL_TRANSITIVE"))
    assert _kinds(tmp_path) == []


@pytest.mark.parametrize(("level", "others"), [("BACKWARD_TRANSITIVE", [1, 2]), ("BACKWARD", [])])
def test_a_transitive_level_reaches_released_versions_that_are_gone_from_the_tree(
    tmp_path: Path, level: str, others: list[int]
) -> None:
    directory = released(tmp_path, level)
    for number in (1, 2):
        (directory / f"v{number}.avsc").unlink()
    add_number = directory / "v4.avsc"
    add_number.write_text(json.dumps(ping(OTHER, {"name": "x", "type": "int"})))
    broken = [p.sentence.split(":")[0] for p in _problems(tmp_path) if p.kind.startswith("READER")]
    assert sorted(broken) == sorted(["v4 cannot read v3", *(f"v4 cannot read v{n} in git" for n in others)])


def test_the_latest_released_version_counts_at_every_level_though_it_is_gone_from_the_tree(tmp_path: Path) -> None:
    directory = released(tmp_path, "BACKWARD")
    (directory / "v3.avsc").unlink()
    (directory / "v4.avsc").write_text(json.dumps(ping(OPTIONAL, {"name": "x", "type": "int"})))
    broken = [p.sentence.split(":")[0] for p in _problems(tmp_path) if p.kind.startswith("READER")]
    assert broken == ["v4 cannot read v3 in git", "v4 cannot read v2"]


def test_released_versions_are_not_judged_against_later_ones(tmp_path: Path) -> None:
    directory = released(tmp_path, "BACKWARD_TRANSITIVE", {"name": "x", "type": "int"})
    (directory / "v3.avsc").unlink()
    assert _kinds(tmp_path) == [("VERSION_DELETED", 3)]


def test_versions_that_were_not_released_yet_may_change(ping_at_main: Path, tmp_path: Path) -> None:
    add_versions(ping_at_main, ping(OPTIONAL, OTHER))
    commit(tmp_path)
    (ping_at_main / "v4.avsc").write_text(json.dumps(ping(OPTIONAL)))
    assert _kinds(tmp_path, _at_main, _locked) == []


def test_a_lock_speaks_for_a_version_whose_file_is_gone_at_the_ref(ping_at_main: Path, tmp_path: Path) -> None:
    text = (ping_at_main / "v3.avsc").read_text()
    (ping_at_main / "v3.avsc").unlink()
    commit(tmp_path)
    assert _kinds(tmp_path) == [("VERSION_DELETED", 3)]
    (ping_at_main / "v3.avsc").write_text(text)
    assert _kinds(tmp_path) == []


def test_without_a_lock_every_version_counts_as_released(ping_at_main: Path, tmp_path: Path) -> None:
    _lock_path(tmp_path).unlink()
    git(tmp_path, "commit", "--quiet", "--all", "--amend", "--message", "There never was one.")
    (ping_at_main / "v3.avsc").unlink()
    assert _kinds(tmp_path) == [("VERSION_DELETED", 3)]


def test_another_directory_is_as_good_as_a_ref(ping_at_main: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "contracts", other / "contracts")
    (ping_at_main / "v3.avsc").unlink()
    assert _kinds(tmp_path, lambda _: read_directory(other, known={})) == [("VERSION_DELETED", 3)]


@pytest.mark.parametrize("there", ["", "contracts", "contracts/avro", "contracts/avro/empty"])
def test_a_directory_without_contracts_is_an_error(tmp_path: Path, there: str) -> None:
    (tmp_path / there).mkdir(parents=True, exist_ok=True)
    with pytest.raises(BaselineError, match="no contracts to compare with") as caught:
        read_directory(tmp_path, known={})
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("place", ["ping/versions/1.avsc", "ping/schemas/v1.avsc", "ping/v01.avsc", "v1.avsc", None])
@pytest.mark.parametrize("read", [_at_main, lambda root: read_directory(root, known={})])
def test_contracts_of_another_layout_are_not_overlooked(
    tmp_path: Path, read: Callable[[Path], Baseline], place: str | None
) -> None:
    first = make_tree(tmp_path) / "v1.avsc"
    if place is None:
        first.unlink()
    else:
        target = tmp_path / "contracts" / "avro" / place
        target.parent.mkdir(exist_ok=True)
        first.rename(target)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path)
    with pytest.raises(BaselineError, match=r"and no vN\.avsc"):
        read(tmp_path)


def test_a_contract_whose_directory_is_a_link_is_read_from_another_directory(tmp_path: Path) -> None:
    elsewhere = make_tree(tmp_path / "elsewhere")
    home = tmp_path / "linked" / "contracts" / "avro"
    home.mkdir(parents=True)
    (home / "ping").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(elsewhere)
    (past,) = read_directory(tmp_path / "linked", known={}).contracts
    assert [version.number for version in past.versions] == [1]


def test_a_baseline_that_cannot_be_read_is_an_error(ping_at_main: Path, tmp_path: Path) -> None:
    for name, text in [("v2.avsc", "{"), ("v2.avsc", "[" * 5000), ("contract.toml", "="), ("contract.toml", None)]:
        path = ping_at_main / name
        before = path.read_text()
        path.unlink() if text is None else path.write_text(text)
        commit(tmp_path)
        path.write_text(before)
        with pytest.raises(BaselineError):
            _problems(tmp_path)


def test_a_draft_that_cannot_be_read_is_no_matter(ping_at_main: Path, tmp_path: Path) -> None:
    add_versions(ping_at_main, ping(OPTIONAL, OTHER))
    path = ping_at_main / "v4.avsc"
    sound = path.read_text()
    path.write_text("{")
    commit(tmp_path)
    path.write_text(sound)
    assert _kinds(tmp_path) == []


def test_a_released_schema_that_is_needed_must_be_valid(ping_at_main: Path, tmp_path: Path) -> None:
    path = ping_at_main / "v3.avsc"
    before = path.read_text()
    path.write_text(json.dumps(ping({"name": "a", "type": "nothing"})))
    commit(tmp_path)
    path.write_text(before)
    with pytest.raises(BaselineError, match="a released schema cannot be read"):
        _problems(tmp_path)


def test_a_damaged_lock_at_the_ref_is_an_error(ping_at_main: Path, tmp_path: Path) -> None:
    lock = tmp_path / "contracts" / "contracts.lock"
    before = lock.read_text()
    lock.write_text("[ping]\nx = 1")
    commit(tmp_path)
    lock.write_text(before)
    with pytest.raises(BaselineError):
        _problems(tmp_path)
    assert git(tmp_path, "status", "--porcelain")
    assert ping_at_main.is_dir()
