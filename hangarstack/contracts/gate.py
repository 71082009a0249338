"""The whole check of a tree: its own history, what was released, and the waivers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from hangarstack.contracts.against.baseline import Baseline
from hangarstack.contracts.against.comparing import CHANGES, Comparison
from hangarstack.contracts.check import check_contract
from hangarstack.contracts.declared import Declared
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.proposed import misread
from hangarstack.contracts.readers import name_readers
from hangarstack.contracts.report.model import Report
from hangarstack.contracts.waivers import apply_waivers, read_waivers

_LOSSES: Final = frozenset({"VERSION_DELETED", "VERSION_RENAMED"})
"""What leaves a gap that need not be told as well."""


def check(
    tree: ContractTree,
    baselines: Sequence[Baseline],
    *,
    today: datetime.date,
    only: Collection[str] | None = None,
    declarations: Callable[[], Sequence[Declared]] = tuple,
) -> Report:
    """Judge every version of a tree.

    Args:
        tree: loaded with ``history=True``.
        baselines: what was released; the first that tells of a change is quoted.
        today: decides which waivers have ended.
        only: names of the contracts to tell of; ``None`` for all.
        declarations: returns what code declares that it reads; asked only when there is something that it may hit.

    Raises:
        ContractTreeError: the lock or the waivers cannot be read.
        BaselineError: a released schema that is needed cannot be read.
    """
    comparisons = [Comparison(tree, baseline) for baseline in baselines]
    compared = [problem for comparison in comparisons for problem in comparison.problems()]
    lost = {(problem.contract, problem.version) for problem in compared if problem.kind in _LOSSES}
    found = _once(chain(compared, _judged(tree, only, lost)))
    if only is not None:
        found = (problem for problem in found if problem.contract in only)
    path = tree.waivers_path
    names = None if only is None else {*only, *(each.directory.name for each in tree.contracts if each.name in only)}
    whole = any(baseline.whole for baseline in baselines)
    problems, waived = apply_waivers(
        found,
        read_waivers(path),
        file=path,
        today=today,
        needed=lambda waiver: (names is None or waiver.contract in names) and (whole or waiver.kind not in CHANGES),
    )
    new = unreleased(tree)
    shown = [contract for contract in tree.contracts if only is None or contract.name in only]
    # What is locked along with the change that brings it is still new to the branch that it is compared with.
    proposed = {*new, *(version for comparison in comparisons for version in comparison.added())}
    warnings = tuple(misread(shown, proposed))
    code = declarations() if problems or warnings else ()
    return Report(
        contracts=tuple(shown),
        praise=_praise(shown),
        baselines=tuple(baseline.label for baseline in baselines),
        problems=name_readers(problems, shown, code),
        waived=tuple(waived),
        unreleased=tuple(version.path for version in new),
        warnings=name_readers(warnings, shown, code),
        notes=tuple(baseline.note for baseline in baselines if baseline.note),
    )


def _praise(checked: Sequence[Contract]) -> str:
    versions, contracts = sum(len(contract.versions) for contract in checked), len(checked)
    whose = f"{versions} version{'s' * (versions != 1)} of {contracts} contract{'s' * (contracts != 1)}"
    return f"{whose} keeps to its level." if versions == 1 else f"{whose} keep to their levels."


def _judged(tree: ContractTree, only: Collection[str] | None, lost: Collection[tuple[str, int]]) -> Iterator[Problem]:
    for contract in tree.contracts:
        if only is None or contract.name in only:
            yield from _gaps(contract, {version for name, version in lost if name == contract.name})
            yield from check_contract(contract)


def _gaps(contract: Contract, lost: Collection[int]) -> Iterator[Problem]:
    """Yield what is missing, a run of numbers at a time; what was lost is told of by itself."""
    newest = max((version.number for version in contract.versions), default=1)
    told = {version.number for version in contract.versions} | {number for number in lost if number <= newest}
    before = 0
    for number in sorted(told | {newest + 1}):
        if number > before + 1:
            yield _gap(contract, before + 1, number - 1)
        before = number


def _gap(contract: Contract, first: int, last: int) -> Problem:
    missing = f"v{first} is missing" if first == last else f"v{first} to v{last} are missing"
    though = f" though v{contract.versions[-1].number} is there" if contract.versions else ""
    return Problem(
        kind="VERSION_MISSING",
        contract=contract.name,
        version=first,
        file=contract.directory / f"v{first}.avsc",
        sentence=f"{missing}{though}",
        fix="Restore it: a released version stays" if contract.versions else "Write it",
    )


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out what another baseline has told already; it may know a contract that is gone by another name."""
    seen: set[tuple[Path, int, str, str]] = set()
    for problem in problems:
        key = (problem.file, problem.version, problem.kind, problem.sentence if problem.side else "")
        if key not in seen:
            seen.add(key)
            yield problem
