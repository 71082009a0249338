"""``waivers.toml``: breaks that somebody wants, each with an owner, a reason and a day on which it ends."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.contracts.problem import Problem
from hangarstack.contracts.tomlfile import Table, read_toml
from hangarstack.errors import ContractTreeError

_HIGHEST: Final = 10**9
_LONGEST: Final = datetime.timedelta(days=366)
"""That a waiver may still hold: owners change, and once a year somebody should ask whether the break is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One break that is wanted.

    Args:
        contract: the event's class, or its directory.
        versions: the versions that break; 0 stands for the contract as a whole.
        readers: earlier versions that cannot read those; none when it is those that cannot read earlier ones.
        kind: Avro's name of the incompatibility, or of what was done to a released version.
        path: JSON pointer to the place; empty for the whole.
        to: what may stand in the place of what was released, such as the fingerprint of an edited version; empty where
            kind, versions and path leave no choice.
        owner: who answers for it.
        reason: why it is wanted.
        expires: the last day on which it holds.
        line: of the file, on which it begins; 0 where it is not known.
    """

    contract: str
    versions: tuple[int, ...]
    readers: tuple[int, ...]
    kind: str
    path: str
    to: str
    owner: str
    reason: str
    expires: datetime.date
    line: int = 0

    @property
    def scope(self) -> str:
        """The break in words, as far as they tell it from the others of its contract."""
        versions = [f"v{number}" for number in self.versions if number]
        readers = [f"v{number}" for number in self.readers]
        parts = [self.kind, f"at {self.path}" if self.path else "", f"of {', '.join(versions)}" if versions else ""]
        return " ".join(filter(None, [*parts, f"for {', '.join(readers)}" if readers else ""]))

    def covers(self, problem: Problem) -> bool:
        """Tell whether the problem is the break that is wanted."""
        return self.to == problem.to and self.is_about(problem)

    def is_about(self, problem: Problem) -> bool:
        """Tell whether the problem is in the place of the break that is wanted, whatever was done there."""
        return (
            self.kind == problem.kind
            # What is gone is known to the lock by its directory alone.
            and self.contract in {problem.contract, problem.file.parent.name}
            and problem.version in self.versions
            and problem.old_reader in (self.readers or (0,))
            and self.path in {problem.path, problem.avro_path or problem.path}
        )

    def lapse(self, today: datetime.date) -> str:
        """Return in words why it does not hold on a day; empty when it does."""
        if self.expires < today:
            return f"ended on {self.expires}"
        return f"would hold for more than a year, until {self.expires}" if self.expires - today > _LONGEST else ""

    def repeats(self, other: Waiver) -> bool:
        """Tell whether it covers something that another one covers."""
        mine, others = ((each.contract, each.kind, each.path, each.to) for each in (self, other))
        return mine == others and all(
            set(ours) & set(theirs) or ours == theirs
            for ours, theirs in ((self.versions, other.versions), (self.readers, other.readers))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A problem that does not count, and why."""

    problem: Problem
    waiver: Waiver


def utc_today() -> datetime.date:
    """Return the day by which waivers are judged: that of UTC, so that it is one day everywhere."""
    return datetime.datetime.now(tz=datetime.UTC).date()


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a file of waivers; none when there is no such file.

    Raises:
        ContractTreeError: it cannot be read, a waiver lacks something, or two waive the same break.
    """
    if not path.exists():
        return ()
    root = read_toml(path)
    tables = root.tables("waiver") if root.has("waiver") else []
    root.done()
    waivers: list[Waiver] = []
    for table in tables:
        waiver = _waiver(table)
        if any(waiver.repeats(other) for other in waivers):
            raise ContractTreeError(
                f"the break {waiver.kind} of {waiver.contract} is waived twice",
                where=table.where,
                remedy="Keep one of the two",
            )
        waivers.append(waiver)
    return tuple(waivers)


def _waiver(table: Table) -> Waiver:
    waiver = Waiver(
        contract=table.text("contract"),
        versions=table.integers("versions", 0, _HIGHEST) if table.has("versions") else (0,),
        readers=table.integers("readers", 1, _HIGHEST) if table.has("readers") else (),
        kind=table.text("type"),
        path=table.text("path") if table.has("path") else "",
        to=table.text("to") if table.has("to") else "",
        owner=table.text("owner"),
        reason=table.text("reason"),
        expires=table.date("expires"),
        line=table.line,
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
    """Set aside the problems that are wanted; a waiver that does not hold or is not needed is a problem itself.

    Args:
        problems: all that were found.
        waivers: of the file.
        file: where the waivers stand.
        today: a waiver holds on its last day, and no longer; nor while that day is more than a year away.
        needed: whether what a waiver covers was looked for at all; of the others nothing can be said.

    Returns:
        The problems that count, and those that were set aside.
    """
    left: list[Problem] = []
    waived: list[Waived] = []
    used: set[tuple[Waiver, int, int]] = set()
    for problem in problems:
        covering = [waiver for waiver in waivers if waiver.covers(problem)]
        used.update((waiver, problem.version, problem.old_reader) for waiver in covering)
        valid = next((waiver for waiver in covering if not waiver.lapse(today)), None)
        if valid is None:
            left.append(problem)
        else:
            waived.append(Waived(problem=problem, waiver=valid))
    found = tuple(left)
    for waiver in waivers:
        if lapse := waiver.lapse(today):
            left.append(_about(waiver, "WAIVER_EXPIRED" if waiver.expires < today else "WAIVER_TOO_LONG", lapse, file))
        elif needed(waiver):
            unused = _unused(waiver, used, found)
            left += (_about(waiver, "WAIVER_UNUSED", what, file, number) for number, what in unused)
    return left, waived


def _unused(
    waiver: Waiver, used: Collection[tuple[Waiver, int, int]], found: Iterable[Problem]
) -> Iterator[tuple[int, str]]:
    """Yield a version, and in words what of the waiver covers nothing of what was found."""
    versions = {version for each, version, _ in used if each is waiver}
    readers = {reader for each, _, reader in used if each is waiver}
    if not versions:
        other = next((problem for problem in found if waiver.is_about(problem)), None)
        yield waiver.versions[0], _another(waiver, other) if other is not None else "covers nothing that was found"
        return
    yield from ((version, f"covers nothing of v{version}") for version in waiver.versions if version not in versions)
    for reader in waiver.readers:
        if reader not in readers:
            yield waiver.versions[0], f"covers nothing that v{reader} cannot read"


def _another(waiver: Waiver, problem: Problem) -> str:
    wanted = f'to = "{problem.to}"' if problem.to else "without `to`"
    return f"permits {f'the change to {waiver.to}' if waiver.to else 'no change in particular'}; this one is {wanted}"


_FIXES: Final = {
    "WAIVER_EXPIRED": "Take it away, or ask its owner for a new day",
    "WAIVER_TOO_LONG": "Give it a day within a year, on which to ask again",
    "WAIVER_UNUSED": "Take it away, or mend its contract, versions, readers, type, path or to",
}


def _about(waiver: Waiver, kind: str, what: str, file: Path, version: int | None = None) -> Problem:
    return Problem(
        kind=kind,
        contract=waiver.contract,
        version=waiver.versions[0] if version is None else version,
        file=file,
        line=waiver.line,
        sentence=f"the waiver of {waiver.scope}, owned by {waiver.owner}, {what}",
        fix=_FIXES[kind],
    )
