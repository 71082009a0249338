"""``waivers.toml``: breaks that somebody wants, each with an owner, a reason and a day on which it ends."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.contracts.problem import Problem
from hangarstack.contracts.tomlfile import Table, read_toml

_HIGHEST: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One break that is wanted.

    Args:
        contract: the event's class.
        versions: the versions that break; 0 stands for the contract as a whole.
        kind: Avro's name of the incompatibility, or of what was done to a released version.
        path: JSON pointer to the place; empty for the whole.
        owner: who answers for it.
        reason: why it is wanted.
        expires: the last day on which it holds.
    """

    contract: str
    versions: tuple[int, ...]
    kind: str
    path: str
    owner: str
    reason: str
    expires: datetime.date

    def covers(self, problem: Problem) -> bool:
        """Tell whether the problem is the break that is wanted."""
        return (
            (problem.contract, problem.kind) == (self.contract, self.kind)
            and problem.version in self.versions
            and self.path in {problem.path, problem.avro_path or problem.path}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A problem that does not count, and why."""

    problem: Problem
    waiver: Waiver


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a file of waivers; none when there is no such file.

    Raises:
        ContractTreeError: it cannot be read, or a waiver lacks something.
    """
    if not path.exists():
        return ()
    root = read_toml(path)
    tables = root.tables("waiver") if root.has("waiver") else []
    root.done()
    return tuple(_waiver(table) for table in tables)


def _waiver(table: Table) -> Waiver:
    waiver = Waiver(
        contract=table.text("contract"),
        versions=table.integers("versions", 0, _HIGHEST) if table.has("versions") else (0,),
        kind=table.text("type"),
        path=table.text("path") if table.has("path") else "",
        owner=table.text("owner"),
        reason=table.text("reason"),
        expires=table.date("expires"),
    )
    table.done()
    return waiver


def apply_waivers(
    problems: Iterable[Problem],
    waivers: Collection[Waiver],
    *,
    file: Path,
    today: datetime.date,
    needed: Callable[[Waiver], bool] = lambda waiver: True,  # noqa: ARG005 - every waiver is
) -> tuple[list[Problem], list[Waived]]:
    """Set aside the problems that are wanted; a waiver that is past its day or not needed is a problem itself.

    Args:
        problems: all that were found.
        waivers: of the file.
        file: where the waivers stand.
        today: a waiver holds on its last day, and no longer.
        needed: whether what a waiver covers was looked for at all; of the others nothing can be said.

    Returns:
        The problems that count, and those that were set aside.
    """
    left: list[Problem] = []
    waived: list[Waived] = []
    used: set[Waiver] = set()
    for problem in problems:
        covering = [waiver for waiver in waivers if waiver.covers(problem)]
        used.update(covering)
        valid = next((waiver for waiver in covering if waiver.expires >= today), None)
        if valid is None:
            left.append(problem)
        else:
            waived.append(Waived(problem=problem, waiver=valid))
    for waiver in waivers:
        if waiver.expires < today:
            left.append(_about(waiver, "WAIVER_EXPIRED", f"ended on {waiver.expires}", file))
        elif waiver not in used and needed(waiver):
            left.append(_about(waiver, "WAIVER_UNUSED", "covers nothing that was found", file))
    return left, waived


def _about(waiver: Waiver, kind: str, what: str, file: Path) -> Problem:
    place = f" at {waiver.path}" if waiver.path else ""
    return Problem(
        kind=kind,
        contract=waiver.contract,
        version=waiver.versions[0],
        file=file,
        sentence=f"the waiver of {waiver.kind}{place}, owned by {waiver.owner}, {what}",
        fix="Take it away, or ask its owner for a new day"
        if kind == "WAIVER_EXPIRED"
        else "Take it away, or mend its contract, versions, type or path",
    )
