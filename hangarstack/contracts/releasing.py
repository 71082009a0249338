"""Releasing versions, and noticing that the lock has lost some: what a step registers was released."""

from __future__ import annotations

from collections.abc import Iterable

from hangarstack.contracts.files import is_there
from hangarstack.contracts.lock import Lock, read_lock, release, unreleased, verify_lock
from hangarstack.contracts.migrations.steps import Register, Step, load_steps
from hangarstack.contracts.model import ContractTree, Version
from hangarstack.errors import CheckFailedError, ContractTreeError


def verify_registered(tree: ContractTree) -> None:
    """Make sure that the lock holds every version that a step of ``migrations/schemas/`` registers.

    Raises:
        ContractTreeError: it does not, or a file is damaged; ``where`` is the lock.
        SchemaMigrationError: a step is misnamed.
    """
    lock, steps = _lock_of(tree), load_steps(tree.root)
    _refuse_loss(tree, lock, steps)
    waiting = ", ".join(f"{name} v{number}" for name, number, _ in sorted(_unlocked(lock, steps)))
    if waiting:
        raise ContractTreeError(
            f"a step registers what is not released yet: {waiting}",
            where=str(tree.lock_path),
            remedy="Release it with `hangarstack contracts lock`, or take it out of its step; "
            "restore the lock file if it was released before",
        )


def verify_released(tree: ContractTree) -> None:
    """Make sure that a registry would be given what was released: it keeps what it gets, and refuses what differs.

    Raises:
        ContractTreeError: as ``verify_registered``.
        ReleasedVersionChangedError: as ``verify_lock``.
    """
    verify_lock(tree)
    verify_registered(tree)


def release_sound(tree: ContractTree) -> list[Version]:
    """Release every new version, as ``release`` does, unless the lock is damaged or a new version is not sound.

    A step may register a version just before it is released. So the newest version of a contract is new if the lock
    holds all before it and nothing that the same step or a later one registers; anything else that is missing was lost.

    Raises:
        ContractTreeError: the lock has lost versions, or a file is damaged; nothing is released.
        SchemaMigrationError: a step is misnamed.
        CheckFailedError: ``contracts lint`` finds an error in a contract that has a new version.
        ReleasedVersionChangedError: see ``verify_lock``.
    """
    lock, steps = _lock_of(tree), load_steps(tree.root)
    _refuse_loss(tree, lock, steps)
    _refuse_unsound(tree)
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
    newest = {contract.directory.name: contract.current.number for contract in tree.contracts}
    settled = max((step for name, number, step in registered if number in lock.get(name, {})), default=None)
    lost = [
        (name, number, step)
        for name, number, step in _unlocked(lock, steps)
        if settled is None or step <= settled or number != newest.get(name)
    ]
    return ", ".join(f"{name} v{number}" for name, number, _ in sorted(lost))


def _refuse_unsound(tree: ContractTree) -> None:
    # The rules take 10 ms to import, which a check that releases nothing should not pay.
    from hangarstack.contracts.lint import lint

    new = {version.path.parent for version in unreleased(tree)}
    for found in lint(tree.root).errors if new else ():
        if found.directory in new:
            raise CheckFailedError(
                f"a version with lint errors is not released: {found.sentence} ({found.rule.name})",
                where=found.where,
                remedy="Mend it first, for a released version cannot be: `hangarstack contracts lint` shows all errors",
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
