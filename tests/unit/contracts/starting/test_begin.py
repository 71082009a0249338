from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml

from hangarstack.codegen import generate
from hangarstack.contracts.against.directory import read_directory
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.gate import check
from hangarstack.contracts.lint import lint
from hangarstack.contracts.migrations.steps import check_steps, load_steps
from hangarstack.contracts.releasing import waiting
from hangarstack.contracts.starting import Choices, begin
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError
from tests.unit.contracts.against.repository import git

CHOICES = Choices(package="shop.events", repository="acme/hangarstack", ref="v1")
WORKFLOW, HOOKS = Path(".github/workflows/contracts.yml"), Path(".pre-commit-config.yaml")


def _files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}


def test_a_new_tree_passes_every_check(tmp_path: Path) -> None:
    written = begin(tmp_path, CHOICES)
    assert {path.relative_to(tmp_path) for path in written} == _files(tmp_path)
    assert lint(tmp_path).findings == ()
    tree = load_tree(tmp_path)
    check_steps(tree, load_steps(tmp_path))
    assert waiting(tree) == ()
    baselines = [read_locked(tree), read_directory(tmp_path, known={})]
    assert check(tree, baselines, today=datetime.date(2026, 1, 1)).problems == ()
    assert "sensor_reading.py" in generate(tree.contracts, "shop.events")


def test_ci_calls_the_workflow_and_the_hooks_of_the_repository_that_was_named(tmp_path: Path) -> None:
    begin(tmp_path, CHOICES)
    job = yaml.safe_load((tmp_path / WORKFLOW).read_text())["jobs"]["contracts"]
    assert job["uses"] == "acme/hangarstack/.github/workflows/contracts.yml@v1"
    assert job["with"] == {
        "install": "hangarstack @ git+https://github.com/acme/hangarstack@v1",
        "root": ".",
        "package": "shop.events",
    }
    (hooks,) = yaml.safe_load((tmp_path / HOOKS).read_text())["repos"]
    assert (hooks["repo"], hooks["rev"]) == ("https://github.com/acme/hangarstack", "v1")
    offered = yaml.safe_load((Path(__file__).parents[4] / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks["hooks"]] == [hook["id"] for hook in offered]


def test_within_a_checkout_ci_is_set_up_at_its_top(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    begin(tmp_path / "a.b" / "shop", CHOICES)
    assert yaml.safe_load((tmp_path / WORKFLOW).read_text())["jobs"]["contracts"]["with"]["root"] == "a.b/shop"
    hook = yaml.safe_load((tmp_path / HOOKS).read_text())["repos"][0]["hooks"][0]
    assert hook["args"] == ["--root", "a.b/shop"]


def _branches(root: Path) -> object:
    # YAML 1.1 takes the key `on` for the truth value.
    return yaml.safe_load((root / WORKFLOW).read_text())[True]["push"]["branches"]


def test_ci_looks_at_the_branch_that_the_repository_has(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "team/trunk")
    begin(tmp_path / "one", CHOICES)
    assert _branches(tmp_path) == ["team/trunk"]


def test_ci_looks_at_the_branch_of_the_remote_rather_than_at_the_one_that_is_worked_on(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "add-contracts")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/live")
    begin(tmp_path, CHOICES)
    assert _branches(tmp_path) == ["live"]


def test_ci_looks_at_the_usual_branches_where_there_is_no_repository_yet(tmp_path: Path) -> None:
    begin(tmp_path, CHOICES)
    assert _branches(tmp_path) == ["main", "master"]


def test_what_is_not_known_of_hangarstack_is_said_in_the_files_of_ci(tmp_path: Path) -> None:
    begin(tmp_path / "known", CHOICES)
    begin(tmp_path / "unknown", Choices(package="events", repository="", ref=""))
    for file in (WORKFLOW, HOOKS):
        assert "To be set" not in (tmp_path / "known" / file).read_text()
        text = (tmp_path / "unknown" / file).read_text()
        assert "# To be set before this works: OWNER," in text
        assert "# To be set before this works: REF," in text
        assert not {"main", "master"} & {
            line.split()[-1] for line in text.splitlines() if "rev:" in line or "@" in line
        }
    (hooks,) = yaml.safe_load((tmp_path / "unknown" / HOOKS).read_text())["repos"]
    assert (hooks["repo"], hooks["rev"]) == ("https://github.com/OWNER/hangarstack", "REF")


def test_without_ci_only_the_tree_is_written(tmp_path: Path) -> None:
    begin(tmp_path, Choices(package="events", repository="a/b", ref="main", ci=False))
    assert {path.parts[0] for path in _files(tmp_path)} == {"contracts", "migrations"}


@pytest.mark.parametrize(
    ("there", "remedy"),
    [
        (".pre-commit-config.yaml", "--no-ci"),
        (".github/workflows/contracts.yml", "--no-ci"),
        ("contracts/lint.toml", "Begin in another"),
        ("contracts/contracts.lock", "Begin in another"),
        ("contracts/avro/mine/v1.avsc", "Begin in another"),
        ("migrations/schemas/0001_mine.toml", "Begin in another"),
    ],
)
def test_nothing_is_overwritten_and_nothing_is_left_half_done(tmp_path: Path, there: str, remedy: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine")
    with pytest.raises(ContractTreeError) as refused:
        begin(tmp_path, CHOICES)
    assert (tmp_path / there).is_relative_to(refused.value.where)
    assert remedy in refused.value.remedy
    assert _files(tmp_path) == {Path(there)}
    assert (tmp_path / there).read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file where a directory belongs")
    with pytest.raises(ContractTreeError, match="cannot be written"):
        begin(tmp_path, CHOICES)
    assert _files(tmp_path) == {Path(".github")}
