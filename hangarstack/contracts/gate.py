"""The whole check of a tree: its own history, what was released, and the waivers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from hangarstack.contracts.against import CHANGES, Baseline, Comparison
from hangarstack.contracts.check import check_contract
from hangarstack.contracts.declared import Declared
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.proposed import misread
from hangarstack.contracts.readers import name_readers
from hangarstack.contracts.report.model import Report
from hangarstack.contracts.waivers import apply_waivers, read_waivers


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
    found = _once(problem for each in (_compared(tree, baselines), _judged(tree, only)) for problem in each)
    if only is not None:
        found = (problem for problem in found if problem.contract in only)
    path = tree.root / "contracts" / "waivers.toml"
    whole = any(baseline.whole for baseline in baselines)
    problems, waived = apply_waivers(
        found,
        read_waivers(path),
        file=path,
        today=today,
        needed=lambda waiver: (only is None or waiver.contract in only) and (whole or waiver.kind not in CHANGES),
    )
    new = unreleased(tree)
    shown = [contract for contract in tree.contracts if only is None or contract.name in only]
    warnings = tuple(misread(shown, new))
    code = declarations() if problems or warnings else ()
    return Report(
        contracts=tuple(shown),
        baselines=tuple(baseline.label for baseline in baselines),
        problems=name_readers(problems, shown, code),
        waived=tuple(waived),
        unreleased=tuple(version.path for version in new),
        warnings=name_readers(warnings, shown, code),
        notes=tuple(baseline.note for baseline in baselines if baseline.note),
    )


def _compared(tree: ContractTree, baselines: Sequence[Baseline]) -> Iterator[Problem]:
    for baseline in baselines:
        yield from Comparison(tree, baseline).problems()


def _judged(tree: ContractTree, only: Collection[str] | None) -> Iterator[Problem]:
    for contract in tree.contracts:
        if only is None or contract.name in only:
            yield from _gaps(contract)
            yield from check_contract(contract)


def _gaps(contract: Contract) -> Iterator[Problem]:
    there = {version.number for version in contract.versions}
    for number in sorted(set(range(1, max(there, default=1) + 1)) - there):
        path = contract.directory / f"v{number}.avsc"
        yield Problem(
            kind="VERSION_MISSING",
            contract=contract.name,
            version=number,
            file=path,
            sentence=f"v{number} is missing" + (f" though v{max(there)} is there" if there else ""),
            fix="Restore it: a released version stays" if there else "Write it",
        )


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out what another baseline has told already, and the gap that a lost version leaves."""
    seen: set[tuple[str, int, str, str]] = set()
    lost: set[tuple[str, int]] = set()
    for problem in problems:
        place = (problem.contract, problem.version)
        key = (*place, problem.kind, problem.sentence if problem.side else "")
        if key in seen or (problem.kind == "VERSION_MISSING" and place in lost):
            continue
        seen.add(key)
        if problem.kind in {"VERSION_DELETED", "VERSION_RENAMED"}:
            lost.add(place)
        yield problem
