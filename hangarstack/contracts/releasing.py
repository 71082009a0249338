"""Releasing versions, and noticing that the lock has lost some: what a step registers was released."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from hangarstack.contracts.check import check_tree
from hangarstack.contracts.files import is_there
from hangarstack.contracts.lock import Lock, read_lock, release, unreleased, verify_lock
from hangarstack.contracts.migrations.steps import Register, Step, load_steps
from hangarstack.contracts.model import ContractTree, Version
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.waivers import read_waivers
from hangarstack.errors import CheckFailedError, ContractTreeError


def waiting(tree: ContractTree) -> tuple[Problem, ...]:
    """Return the versions that a step of ``migrations/schemas/`` registers before they are released.

    Raises:
        ContractTreeError: the lock has lost versions, a step registers what the tree does not have, or a file is
            damaged; ``where`` is the file.
    """
    lock, steps = _lock_of(tree), load_steps(tree.root)
    _refuse_absent(tree, lock, steps)
    _refuse_loss(tree, lock, steps)
    names = {contract.directory.name: contract.name for contract in tree.contracts}
    return tuple(
        Problem(
            kind="VERSION_NOT_RELEASED",
            contract=names[directory],
            version=number,
            file=steps[place].path,
            sentence=f"a step registers v{number}, which is not released yet",
            fix="When nothing else is wrong with it, release it with `hangarstack contracts lock`, or take it out of "
            "its step; restore the lock file if it was released before",
        )
        for directory, number, place in _unlocked(lock, steps)
    )


def verify_released(tree: ContractTree) -> None:
    """Make sure that a registry would be given what was released: it keeps what it gets, and refuses what differs.

    Raises:
        ContractTreeError: as ``waiting``; or a step registers what is not released yet.
        ReleasedVersionChangedError: as ``verify_lock``.
    """
    verify_lock(tree)
    for problem in waiting(tree):
        raise ContractTreeError(f"{problem.contract}: {problem.sentence}", where=str(problem.file), remedy=problem.fix)


def release_sound(tree: ContractTree, *, today: datetime.date) -> list[Version]:
    """Release every new version, as ``release`` does, unless the lock is damaged or a new version is not sound.

    A step may register a version just before it is released. So the newest version of a contract is new if the lock
    holds all before it and nothing that the same step or a later one registers; anything else that is missing was lost.

    Args:
        tree: all of it.
        today: decides which waivers have ended.

    Raises:
        ContractTreeError: as ``waiting``; nothing is released.
        CheckFailedError: ``contracts lint`` finds an error in a contract that has a new version, or a new version
            breaks readers and no waiver covers it.
        ReleasedVersionChangedError: see ``verify_lock``.
    """
    lock, steps = _lock_of(tree), load_steps(tree.root)
    _refuse_absent(tree, lock, steps)
    _refuse_loss(tree, lock, steps)
    new = unreleased(tree)
    if new:
        _refuse_unsound(tree, new)
        _refuse_breaking(tree, new, today)
    return release(tree)


def verify_releasable(tree: ContractTree, steps: Iterable[Step]) -> None:
    """Make sure that after the last step is written ``contracts lock`` will still release what it registers.

    Raises:
        ContractTreeError: it would take a version for one that the lock has lost, or a file is damaged.
    """
    *before, last = steps
    lock = _lock_of(tree)
    _refuse_loss(tree, lock, before)
    if lost := _lost(tree, lock, [*before, last]):
        raise ContractTreeError(
            f"the step would register versions that must be released before: {lost}",
            where=str(tree.lock_path),
            remedy="Run `hangarstack contracts lock`, and write the step then; a version that breaks readers is "
            "mended, or waived, before it is released",
        )


def _refuse_absent(tree: ContractTree, lock: Lock, steps: Sequence[Step]) -> None:
    newest = {contract.directory.name: contract.versions[-1:] for contract in tree.contracts}
    for name, number, place in _unlocked(lock, steps):
        there = [version.number for version in newest.get(name, ())]
        if not there or number > there[0]:
            raise ContractTreeError(
                f"register {name} v{number}: {f'the newest version is v{there[0]}' if there else 'there is none'}",
                where=str(steps[place].path),
                remedy="Name a directory of contracts/avro/ and a version that it has, or restore what it had",
            )


def _refuse_loss(tree: ContractTree, lock: Lock, steps: Iterable[Step]) -> None:
    if lost := _lost(tree, lock, steps):
        raise ContractTreeError(
            f"the lock does not hold what migrations/schemas/ registers: {lost}",
            where=str(tree.lock_path),
            remedy="Restore the lock file from the version control; what it held was released; "
            "give a new version a step of its own, after all others",
        )


def _lost(tree: ContractTree, lock: Lock, steps: Iterable[Step]) -> str:
    """Return the names of registered versions that are not simply new; empty when there are none."""
    steps = list(steps)
    registered = list(_registered(steps))
    newest = {each.directory.name: each.current.number for each in tree.contracts if each.versions}
    settled = max((step for name, number, step in registered if number in lock.get(name, {})), default=None)
    lost = [
        (name, number, step)
        for name, number, step in _unlocked(lock, steps)
        if settled is None or step <= settled or number != newest.get(name)
    ]
    return ", ".join(f"{name} v{number}" for name, number, _ in sorted(lost))


def _refuse_unsound(tree: ContractTree, new: Iterable[Version]) -> None:
    # The rules take 10 ms to import, which a check that releases nothing should not pay.
    from hangarstack.contracts.lint import lint

    directories = {version.path.parent for version in new}
    for found in lint(tree.root).errors:
        if found.directory in directories:
            raise CheckFailedError(
                f"a version with lint errors is not released: {found.sentence} ({found.rule.name})",
                where=found.where,
                remedy="Mend it first, for a released version cannot be: `hangarstack contracts lint` shows all errors",
            )


def _refuse_breaking(tree: ContractTree, new: Iterable[Version], today: datetime.date) -> None:
    files = {version.path for version in new}
    waivers = [each for each in read_waivers(tree.waivers_path) if not each.lapse(today)]
    for found in check_tree(tree):
        if found.file in files and not any(waiver.covers(found) for waiver in waivers):
            raise CheckFailedError(
                f"a version that breaks readers is not released: {found.sentence}",
                where=str(found.file),
                remedy=f"{found.fix}; or waive it if it is wanted. `hangarstack contracts check` shows all of it",
            )


def _lock_of(tree: ContractTree) -> Lock:
    return read_lock(tree.lock_path) if is_there(tree.lock_path) else {}


def _registered(steps: Iterable[Step]) -> Iterable[tuple[str, int, int]]:
    """Yield contract, version, and the place of its step."""
    for place, step in enumerate(steps):
        for action in step.actions:
            if isinstance(action, Register):
                yield action.contract, action.version, place


def _unlocked(lock: Lock, steps: Iterable[Step]) -> list[tuple[str, int, int]]:
    return [each for each in _registered(steps) if each[1] not in lock.get(each[0], {})]
