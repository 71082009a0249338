from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.contracts.against.git import read_git
from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import BaselineError
from tests.unit.contracts.against.repository import OPTIONAL, OTHER, commit, git, released
from tests.unit.contracts.trees import add_versions, make_tree, ping


def _versions(root: Path, ref: str) -> list[int]:
    return [version.number for past in read_git(root, ref, known={}).contracts for version in past.versions]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A contract of three versions, released on main."""
    return released(tmp_path)


def test_any_name_of_a_commit_will_do(directory: Path, tmp_path: Path) -> None:
    git(tmp_path, "tag", "-a", "v1.0", "-m", "a tag")
    git(tmp_path, "branch", "feature/x")
    git(tmp_path, "rm", "-q", "-r", "contracts")
    commit(tmp_path)
    sha = git(tmp_path, "rev-parse", "feature/x")
    told = git(tmp_path, "commit-tree", "-p", sha, "-m", "a word in between", f"{sha}^{{tree}}")
    git(tmp_path, "update-ref", "refs/heads/--all", told)
    names = ("HEAD~1", "v1.0", "feature/x", sha, sha[:10], "main^", "refs/heads/feature/x", "HEAD^{/more}~1")
    for ref in (*names, ":/word in betw", "--all"):
        assert _versions(tmp_path, ref) == [1, 2, 3], ref
    assert not (directory / "v1.avsc").exists()


def test_neither_the_checkout_nor_the_index_is_touched(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping(OPTIONAL))
    (tmp_path / "staged").write_text("x")
    git(tmp_path, "add", "staged")
    before = git(tmp_path, "status", "--porcelain"), (tmp_path / ".git" / "index").read_bytes()
    read_git(tmp_path, "main", known={})
    assert ((tmp_path / ".git" / "index").read_bytes(), git(tmp_path, "status", "--porcelain")) == before[::-1]


@pytest.mark.parametrize("ref", ["nope", "HEAD~99", "--help", "-x", "", " ", "main:contracts", "a..b", "nul\0", "é"])
@pytest.mark.usefixtures("directory")
def test_a_ref_that_does_not_exist_is_an_error(tmp_path: Path, ref: str) -> None:
    with pytest.raises(BaselineError) as caught:
        read_git(tmp_path, ref, known={})
    assert caught.value.exit_code == 2
    assert caught.value.remedy


def test_a_repository_without_a_commit_is_told_so(tmp_path: Path) -> None:
    make_tree(tmp_path)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(BaselineError, match="there is no commit yet") as caught:
        read_git(tmp_path, "HEAD", known={})
    assert (caught.value.exit_code, caught.value.where) == (2, "git:HEAD")


def test_a_directory_outside_any_repository_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(BaselineError):
        read_git(tmp_path, "main", known={})


def test_the_tree_may_lie_deep_in_the_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    inner = tmp_path / "a b" / "c"
    inner.mkdir(parents=True)
    released(inner)
    (inner / ".git").rename(tmp_path / "unused")
    commit(tmp_path)
    assert _versions(inner, "main") == [1, 2, 3]
    _unlock(inner, "3 =")
    assert _locked_once(inner) == [3]


def test_the_variables_of_a_hook_do_not_lead_elsewhere(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_COMMON_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert _versions(tmp_path, "main") == [1, 2, 3]
    assert directory.is_dir()


def test_a_ref_without_any_contracts_has_nothing_to_break(directory: Path, tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "--orphan", "empty")
    git(tmp_path, "rm", "-q", "-r", "--cached", ".")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "none")
    baseline = read_git(tmp_path, "empty", known={})
    assert baseline.contracts == ()
    assert "no contracts yet" in baseline.note
    assert directory.is_dir()


@pytest.mark.parametrize(("mode", "what"), [("160000", "a submodule"), ("120000", "a symbolic link")])
@pytest.mark.parametrize("place", ["avro", "avro/ping", "avro/ping/v3.avsc", "contracts.lock"])
def test_contracts_that_git_keeps_elsewhere_are_not_overlooked(
    directory: Path, tmp_path: Path, place: str, mode: str, what: str
) -> None:
    sha = git(tmp_path, "rev-parse", "HEAD" if mode == "160000" else "HEAD:contracts/avro/ping/v1.avsc")
    git(tmp_path, "rm", "-q", "-r", "--cached", f"contracts/{place}")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"{mode},{sha},contracts/{place}")
    git(tmp_path, "commit", "--quiet", "-m", "elsewhere")
    with pytest.raises(BaselineError, match=f"contracts/{place} is {what}"):
        read_git(tmp_path, "main", known={})
    assert directory.is_dir()


def test_contracts_that_lay_elsewhere_are_not_overlooked(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    (tmp_path / "contracts").rename(tmp_path / "moved" / "contracts")
    with pytest.raises(BaselineError, match=r"some in contracts"):
        read_git(tmp_path / "moved", "main", known={})
    assert not directory.exists()


def test_a_released_schema_that_git_was_told_to_replace_is_read_as_it_was_released(
    directory: Path, tmp_path: Path
) -> None:
    (before,) = read_git(tmp_path, "main", known={}).contracts
    path = "contracts/avro/ping/v1.avsc"
    (directory / "v1.avsc").write_text((directory / "v3.avsc").read_text())
    git(tmp_path, "replace", git(tmp_path, "rev-parse", f"main:{path}"), git(tmp_path, "hash-object", "-w", path))
    (after,) = read_git(tmp_path, "main", known={}).contracts
    assert [version.identity for version in after.versions] == [version.identity for version in before.versions]


def test_an_object_that_is_missing_is_an_error(directory: Path, tmp_path: Path) -> None:
    blob = git(tmp_path, "rev-parse", "main:contracts/avro/ping/v1.avsc")
    (tmp_path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(BaselineError):
        read_git(tmp_path, "main", known={})
    assert directory.is_dir()


def test_schemas_that_are_known_already_are_not_read_again(directory: Path, tmp_path: Path) -> None:
    known = {(directory / "v1.avsc").read_bytes(): "sha256:known"}
    (past,) = read_git(tmp_path, "main", known=known).contracts
    assert past.versions[0].identity == "sha256:known"
    assert past.versions[1].identity.startswith("sha256:")


def test_a_repository_of_the_longer_hash_is_read_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "--object-format", "sha256")
    directory = released(tmp_path)
    known = {(directory / "v1.avsc").read_bytes(): "sha256:known"}
    (past,) = read_git(tmp_path, "main", known=known).contracts
    assert [version.identity == "sha256:known" for version in past.versions] == [True, False, False]


def _lock(root: Path) -> Path:
    return root / "contracts" / "contracts.lock"


def _unlock(root: Path, start: str) -> None:
    """Take lines out of the lock, and commit that."""
    lines = _lock(root).read_text().splitlines(keepends=True)
    _lock(root).write_text("".join(line for line in lines if not line.startswith(start)))
    commit(root)


def _locked_once(root: Path, ref: str = "main") -> list[int]:
    """Return the versions of which only an earlier lock knows."""
    return [each.number for past in read_git(root, ref, known={}).contracts for each in past.versions if each.source]


@pytest.mark.usefixtures("directory")
def test_what_the_lock_held_at_any_commit_before_is_known(tmp_path: Path) -> None:
    assert _locked_once(tmp_path) == []
    _unlock(tmp_path, "3 =")
    _unlock(tmp_path, "2 =")
    assert _locked_once(tmp_path) == [2, 3]
    assert _locked_once(tmp_path, "main~1") == [3]
    _lock(tmp_path).unlink()
    commit(tmp_path)
    assert _locked_once(tmp_path) == [1, 2, 3]


@pytest.mark.usefixtures("directory")
def test_what_a_merged_branch_took_out_of_the_lock_is_known(tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "-b", "feature")
    _unlock(tmp_path, "3 =")
    git(tmp_path, "checkout", "--quiet", "main")
    (tmp_path / "other").write_text("x")
    commit(tmp_path)
    git(tmp_path, "merge", "--quiet", "--no-ff", "--no-edit", "feature")
    assert _locked_once(tmp_path) == [3]
    assert _locked_once(tmp_path, "main~1") == []


@pytest.mark.usefixtures("directory")
def test_another_layout_of_the_lock_loses_nothing(tmp_path: Path) -> None:
    text = _lock(tmp_path).read_text()
    lines = text.replace(" = ", "=").splitlines()
    _lock(tmp_path).write_text("\r\n".join([*lines[:3], *reversed(lines[3:]), ""]))
    commit(tmp_path)
    assert _locked_once(tmp_path) == []
    _unlock(tmp_path, "3=")
    assert _locked_once(tmp_path) == [3]


def test_the_line_of_the_ref_itself_counts_though_a_merge_took_over_another(directory: Path, tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "-b", "old")
    (tmp_path / "other").write_text("x")
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "main")
    add_versions(directory, ping(OPTIONAL, OTHER))
    (directory / "examples" / "v4").mkdir()
    release(load_tree(tmp_path))
    commit(tmp_path)
    git(tmp_path, "merge", "--quiet", "--no-ff", "--no-commit", "old")
    git(tmp_path, "checkout", "old", "--", "contracts/contracts.lock")
    commit(tmp_path, "Merge, with the lock of the other side.")
    assert _locked_once(tmp_path) == [4]


def test_what_a_branch_locked_and_unlocked_before_its_merge_was_never_released(directory: Path, tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "-b", "feature")
    add_versions(directory, ping(OPTIONAL, OTHER))
    (directory / "examples" / "v4").mkdir()
    release(load_tree(tmp_path))
    commit(tmp_path)
    _unlock(tmp_path, "4 =")
    git(tmp_path, "checkout", "--quiet", "main")
    git(tmp_path, "merge", "--quiet", "--no-ff", "--no-edit", "feature")
    assert _locked_once(tmp_path) == []


@pytest.mark.parametrize("attribute", ["-diff", "diff=odd"])
@pytest.mark.usefixtures("directory")
def test_neither_settings_nor_attributes_of_git_hide_what_the_lock_has_lost(tmp_path: Path, attribute: str) -> None:
    (tmp_path / ".gitattributes").write_text(f"*.lock {attribute}\n")
    for name, value in (
        ("log.diffMerges", "off"),
        ("log.follow", "true"),
        ("log.showSignature", "true"),
        ("color.ui", "always"),
        ("diff.external", "true"),
        ("diff.odd.textconv", "true"),
        ("diff.context", "9"),
        ("diff.noprefix", "true"),
        ("format.pretty", "oneline"),
    ):
        git(tmp_path, "config", name, value)
    _unlock(tmp_path, "3 =")
    assert _locked_once(tmp_path) == [3]


@pytest.mark.parametrize("diff_merges", ["off", "none", "combined", "dense-combined", "remerge", "separate"])
@pytest.mark.usefixtures("directory")
def test_no_setting_of_git_hides_what_a_merged_branch_took_out(tmp_path: Path, diff_merges: str) -> None:
    git(tmp_path, "checkout", "--quiet", "-b", "feature")
    _unlock(tmp_path, "3 =")
    git(tmp_path, "checkout", "--quiet", "main")
    (tmp_path / "other").write_text("x")
    commit(tmp_path)
    git(tmp_path, "merge", "--quiet", "--no-ff", "--no-edit", "feature")
    git(tmp_path, "config", "log.diffMerges", diff_merges)
    assert _locked_once(tmp_path) == [3]


_ODD = {
    "color.ui": "always",
    "core.quotePath": "true",
    "diff.mnemonicPrefix": "true",
    "diff.orderFile": "/nowhere",
    "diff.relative": "true",
    "diff.renames": "copies",
    "diff.suppressBlankEmpty": "true",
    "diff.wsErrorHighlight": "all",
    "i18n.logOutputEncoding": "UTF-16",
    "log.abbrevCommit": "true",
    "log.date": "relative",
    "log.decorate": "full",
    "log.diffMerges": "off",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "notes.displayRef": "*",
}


@pytest.mark.usefixtures("directory")
def test_no_setting_of_the_home_or_the_environment_hides_what_the_lock_has_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unlock(tmp_path, "3 =")
    for name, value in _ODD.items():
        git(tmp_path, "config", "--file", "home", name, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home"))
    assert _locked_once(tmp_path) == [3]
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(_ODD)))
    for index, (name, value) in enumerate(_ODD.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    assert _locked_once(tmp_path) == [3]


@pytest.mark.parametrize("kinds", ["LITERAL", "GLOB", "NOGLOB", "ICASE"])
@pytest.mark.usefixtures("directory")
def test_no_variable_of_git_has_it_look_for_the_lock_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinds: str
) -> None:
    _unlock(tmp_path, "3 =")
    monkeypatch.setenv(f"GIT_{kinds}_PATHSPECS", "1")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "true")
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=9")
    assert _locked_once(tmp_path) == [3]


@pytest.mark.parametrize("by_file", [True, False])
@pytest.mark.usefixtures("directory")
def test_no_graft_or_replacement_hides_what_the_lock_has_lost(tmp_path: Path, by_file: bool) -> None:
    _unlock(tmp_path, "3 =")
    sha = git(tmp_path, "rev-parse", "HEAD")
    if by_file:
        (tmp_path / ".git" / "info" / "grafts").write_text(f"{sha}\n")
    else:
        git(tmp_path, "replace", "--graft", sha)
    assert git(tmp_path, "rev-list", "HEAD") == sha
    assert _locked_once(tmp_path) == [3]


@pytest.mark.usefixtures("directory")
def test_a_lock_that_nobody_could_ever_read_is_told_of_and_the_others_count(tmp_path: Path) -> None:
    sound = _lock(tmp_path).read_text()
    _lock(tmp_path).write_text(f"<<<<<<< ours\n{sound}")
    commit(tmp_path)
    _lock(tmp_path).write_text(sound)
    commit(tmp_path)
    sha = git(tmp_path, "rev-parse", "HEAD")[:10]
    baseline = read_git(tmp_path, "main", known={})
    assert baseline.note == f"contracts.lock before {sha} cannot be read, so what it has lost there is not known."
    _unlock(tmp_path, "3 =")
    assert _locked_once(tmp_path) == [3]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_says_what_was_not_looked_at(directory: Path, tmp_path: Path, depth: int) -> None:
    _unlock(tmp_path, "3 =")
    git(tmp_path, "clone", "--quiet", "--depth", str(depth), f"file://{tmp_path}", "clone")
    baseline = read_git(tmp_path / "clone", "main", known={})
    assert baseline.note == (
        "The clone is shallow, so what contracts.lock may have lost before git:main was not looked for."
    )
    assert _locked_once(tmp_path / "clone") == ([3] if depth > 1 else [])
    assert read_git(tmp_path, "main", known={}).note == ""
    assert directory.is_dir()
