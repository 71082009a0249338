"""Writing the files of a new tree, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hangarstack.contracts.lock import release
from hangarstack.contracts.migrations.drafting import missing_actions, write_step
from hangarstack.contracts.starting.choices import Choices
from hangarstack.contracts.starting.templates import ci_files, tree_files
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError


def begin(root: Path, choices: Choices) -> tuple[Path, ...]:
    """Write a tree whose one contract is a sample, released, with the step that registers it.

    Within a git checkout, what CI reads is written to the checkout's top, wherever the tree is.

    Args:
        root: directory that shall hold ``contracts/`` and ``migrations/``; made when it is missing.
        choices: what differs from tree to tree.

    Returns:
        The files, in the order in which a reader should meet them.

    Raises:
        ContractTreeError: a file is there already, or one cannot be written; nothing is overwritten.
    """
    files = dict(tree_files(root))
    if choices.ci:
        files |= ci_files(root, choices)
    _refuse_what_is_there(root, files)
    _write(files)
    tree = load_tree(root)
    step = write_step(root, (), "The first version of every event.", missing_actions(tree, ()))
    release(tree)
    return (*files, tree.lock_path, step)


def _refuse_what_is_there(root: Path, files: Mapping[Path, str]) -> None:
    tree, steps = root / "contracts", root / "migrations" / "schemas"
    taken = (*files, tree / "contracts.lock", *_inside(tree / "avro"), *_inside(steps))
    found = next((path for path in taken if path.exists() or path.is_symlink()), None)
    if found is None:
        return
    raise ContractTreeError(
        "there is such a file already, and nothing is overwritten",
        where=str(found),
        remedy="Begin in another directory; `hangarstack contracts list` shows the contracts that there are"
        if found.is_relative_to(tree) or found.is_relative_to(steps)
        else "Move it away, or give --no-ci and add to it what docs/contracts-in-ci.md shows",
    )


def _inside(directory: Path) -> list[Path]:
    return sorted(directory.iterdir()) if directory.is_dir() else []


def _write(files: Mapping[Path, str]) -> None:
    written: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        # Half a tree would stand in the way of the next attempt.
        for path in written:
            path.unlink()
        raise ContractTreeError(
            f"a file cannot be written: {error.strerror}", where=str(error.filename), remedy="Allow it, and try again"
        ) from error
