"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hangarstack.contracts.model import Contract
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.waivers import Waived


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """What a check found.

    Args:
        contracts: those that were checked.
        praise: the sentence for a report without problems.
        baselines: labels of what they were compared with.
        problems: what makes the check fail; none when it passes.
        waived: what does not count, and why.
        warnings: what does not make it fail: what readers get wrong though the registry lets it pass.
        unreleased: files of versions that no lock holds yet.
        notes: sentences of what could not be compared; they do not make it fail.
    """

    contracts: tuple[Contract, ...]
    praise: str
    baselines: tuple[str, ...]
    problems: tuple[Problem, ...]
    waived: tuple[Waived, ...] = ()
    warnings: tuple[Problem, ...] = ()
    unreleased: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def versions(self) -> int:
        """How many versions were checked."""
        return sum(len(contract.versions) for contract in self.contracts)


def relative(path: Path, base: Path) -> str:
    """Return a path relative to a directory, with slashes; the whole path when it lies elsewhere."""
    whole = path.absolute()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else whole.as_posix()


def place(problem: Problem, base: Path) -> str:
    """Return file, line and place of a problem in one line; what stands in brackets, a waiver names."""
    file = relative(problem.file, base)
    line = f":{line_of(problem)}" if problem.place_in_file else ""
    of = "" if problem.in_file else f" of {problem.side}"
    return f"{file}{line} ({problem.title}{f' at {problem.path}{of}' if problem.path else ''})"
