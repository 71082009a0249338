"""Who reads a contract, and whom what a check found hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.model import Contract
from hangarstack.contracts.problem import Problem


def declared_of(contract: Contract, declarations: Iterable[Declared]) -> dict[str, Declared]:
    """Return the declarations about a contract, by consumer: those of its ``contract.toml``, and those of code.

    Args:
        contract: the contract.
        declarations: of code, about whatever events; one of them counts more than what the file says.
    """
    names = {contract.name, *(version.schema.name for version in contract.versions[-1:])}
    found = {each.consumer: each for each in contract.reads}
    return found | {each.consumer: each for each in declarations if each.event in names}


def deployed_version(declared: Declared | None, old: int) -> int:
    """Return the version that a consumer decodes into while a change is still proposed.

    Args:
        declared: what it says that it reads, if it says so.
        old: the version in use, 1 or more. Code may be ahead of the change that it comes with; what is deployed then
            is still the version in use.
    """
    return min(declared.version, old) if declared is not None else old


def name_readers(
    problems: Iterable[Problem], contracts: Iterable[Contract], declarations: Sequence[Declared]
) -> tuple[Problem, ...]:
    """Return what a check found, with the consumers that each finding hits; what is found of a waiver hits none.

    Args:
        problems: what was found.
        contracts: those that it may be about.
        declarations: of code, about whatever events.
    """
    known = {contract.name: contract for contract in contracts}
    return tuple(
        replace(each, who=_hit(each, known[each.contract], declarations))
        if each.contract in known and not each.kind.startswith("WAIVER_")
        else each
        for each in problems
    )


def _hit(problem: Problem, contract: Contract, declarations: Sequence[Declared]) -> tuple[str, ...]:
    declared = declared_of(contract, declarations)
    return tuple(
        name
        for name in dict.fromkeys([*contract.consumers, *declared])
        if _reads_so(problem, declared.get(name)) and _looks_at(problem, declared.get(name))
    )


def _reads_so(problem: Problem, declared: Declared | None) -> bool:
    # Anyone may be deployed with the version that is to blame; an older reader is somebody's in particular.
    old = problem.version - 1
    return not 0 < problem.reader <= old or deployed_version(declared, old) == problem.reader


def _looks_at(problem: Problem, declared: Declared | None) -> bool:
    if declared is None or not problem.field:
        return True
    first = problem.field.partition(".")[0].removesuffix("[]")
    return any(path.partition(".")[0] == first for path in declared.fields)
