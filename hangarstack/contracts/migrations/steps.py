"""The steps of ``migrations/schemas/``: read, and held against the contract tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import Final, TypeAlias

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.files import entries
from hangarstack.contracts.model import Contract, ContractTree, Upcaster
from hangarstack.contracts.tomlfile import Table, read_toml
from hangarstack.contracts.versionfiles import MOST_VERSIONS
from hangarstack.errors import ContractTreeError, SchemaMigrationError

_FILE: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Register a version of a contract under its subject.

    Args:
        contract: its directory.
        version: its number.
        relaxed: level of the subject while this one version is registered; ``None`` leaves the level as it is.
    """

    contract: str
    version: int
    relaxed: Level | None = None

    def __str__(self) -> str:
        under = f" under {self.relaxed}" if self.relaxed else ""
        return f"register {self.contract} v{self.version}{under}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCompatibility:
    """Set the level of a contract's subject."""

    contract: str
    level: Level

    def __str__(self) -> str:
        return f"set {self.contract} to {self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Delete a version softly, because no event of it is left; a newer one must be registered before."""

    contract: str
    version: int

    def __str__(self) -> str:
        return f"retire {self.contract} v{self.version}"


Action: TypeAlias = Register | SetCompatibility | Retire


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One file.

    Args:
        name: of the file, without its ending.
        path: of the file.
        description: why it is done.
        actions: in the order in which they are done.
        upcasters: what lifts the records that a version of this step, or an older one, cannot read.
    """

    name: str
    path: Path
    description: str
    actions: tuple[Action, ...]
    upcasters: tuple[Upcaster, ...] = ()


def load_steps(root: Path) -> tuple[Step, ...]:
    """Read every step under ``root/migrations/schemas/``, in the order of their numbers.

    Args:
        root: the directory that holds ``migrations/``.

    Raises:
        ContractTreeError: a file is unreadable, misnamed or holds what it may not, or two have one number.
    """
    home = root / "migrations" / "schemas"
    steps: dict[str, Step] = {}
    for path in entries(home):
        found = _FILE.fullmatch(path.name)
        if found is None:
            raise ContractTreeError(
                "this is no step's name", where=str(path), remedy="Name it like 0007_retire_search_query_v1.toml"
            )
        step = _step(path)
        twin = steps.setdefault(found[1], step)
        if twin is not step:
            raise ContractTreeError(
                f"{twin.path.name} has the number {found[1]} too", where=str(path), remedy="Give it the next number"
            )
    return tuple(steps.values())


def check_steps(tree: ContractTree, steps: tuple[Step, ...]) -> None:
    """Make sure that the steps lead to what the contracts say.

    Raises:
        ContractTreeError: a step names a contract that is not there.
        SchemaMigrationError: a step registers out of order, names a version that is not there, retires the newest
            version, sets a level twice, relaxes one that is not set or asks for no more, or lifts what nothing breaks
            yet; or no step registers a version, or the last level set is not the contract's.
    """
    registered: dict[str, int] = {}
    levels: dict[str, Level] = {}
    for step in steps:
        _refuse_twice(step)
        for action in step.actions:
            contract = _contract(tree, step, action.contract)
            if isinstance(action, SetCompatibility):
                levels[action.contract] = action.level
                continue
            _check_version(step, action, contract, registered)
            if isinstance(action, Register) and action.relaxed is not None:
                _check_relaxed(step, action, action.relaxed, levels.get(action.contract))
        for upcaster in step.upcasters:
            if registered.get(upcaster.contract, 0) <= upcaster.last:
                raise SchemaMigrationError(
                    f"to {upcaster}: version {upcaster.last + 1} is not registered by then",
                    where=str(step.path),
                    remedy="Name the function in the step that registers that version, or in a later one",
                )
    for contract in tree.contracts:
        _check_outcome(contract, registered, levels)


def _refuse_twice(step: Step) -> None:
    seen: set[str] = set()
    for action in step.actions:
        if isinstance(action, SetCompatibility):
            if action.contract in seen:
                raise SchemaMigrationError(
                    f"{action}: the step sets the level of {action.contract} twice",
                    where=str(step.path),
                    remedy='Write relaxed = "LEVEL" beside the one version that needs it; the level is put back then',
                )
            seen.add(action.contract)


def _check_relaxed(step: Step, action: Register, relaxed: Level, level: Level | None) -> None:
    if level is None:
        raise SchemaMigrationError(
            f"{action}: no level is set by then that could be relaxed",
            where=str(step.path),
            remedy="Set the level that the contract declares first",
        )
    if not relaxed.relaxes(level) or level.relaxes(relaxed):
        raise SchemaMigrationError(
            f"{action}: {relaxed} does not ask for less than {level}",
            where=str(step.path),
            remedy=f"Name a level that asks for a part of {level}, or leave `relaxed` out",
        )


def _check_version(step: Step, action: Register | Retire, contract: Contract, registered: dict[str, int]) -> None:
    latest = registered.get(action.contract, 0)
    if isinstance(action, Register):
        if action.version != latest + 1 or action.version > len(contract.versions):
            raise SchemaMigrationError(
                f"{action}: the next version is {latest + 1}, of {len(contract.versions)}",
                where=str(step.path),
                remedy="Register each version once, in order",
            )
        registered[action.contract] = action.version
    elif action.version > len(contract.versions):
        raise SchemaMigrationError(
            f"{action}: there is no v{action.version}, the newest is v{len(contract.versions)}",
            where=str(step.path),
            remedy="Name a version that is there",
        )
    elif action.version >= latest:
        raise SchemaMigrationError(
            f"{action}: no newer version is registered by then",
            where=str(step.path),
            remedy="Register the version that takes its place first",
        )
    elif twin := _twin(contract, action.version):
        raise SchemaMigrationError(
            f"{action}: v{twin} is that version word by word, and a registry knows the two as one",
            where=str(step.path),
            remedy=f"Leave it: whoever deletes it deletes v{twin}",
        )


def _twin(contract: Contract, number: int) -> int | None:
    """Return a later version that says the same."""
    fingerprint = contract.versions[number - 1].fingerprint
    return next((each.number for each in contract.versions[number:] if each.fingerprint == fingerprint), None)


def _check_outcome(contract: Contract, registered: dict[str, int], levels: dict[str, Level]) -> None:
    name = contract.directory.name
    latest = registered.get(name, 0)
    if latest < len(contract.versions):
        raise SchemaMigrationError(
            f"no step registers version {latest + 1}",
            where=str(contract.versions[latest].path),
            remedy="Add a step to migrations/schemas/ that does",
        )
    level = levels.get(name, "no level")
    if level != contract.compatibility:
        raise SchemaMigrationError(
            f"the steps leave the subject at {level}, the contract says {contract.compatibility}",
            where=str(contract.directory / "contract.toml"),
            remedy="Add a step to migrations/schemas/ that sets it",
        )


def _contract(tree: ContractTree, step: Step, name: str) -> Contract:
    for contract in tree.contracts:
        if contract.directory.name == name:
            return contract
    raise ContractTreeError(
        f"there is no contract {name}", where=str(step.path), remedy="Name a directory of contracts/avro/"
    )


def _step(path: Path) -> Step:
    table = read_toml(path)
    upcasters = table.tables("upcaster") if table.has("upcaster") else []
    step = Step(
        name=path.stem,
        path=path,
        description=table.text("description"),
        # A function may come later than the version: it changes nothing in the registry.
        actions=tuple(map(_action, table.tables("action"))) if table.has("action") or not upcasters else (),
        upcasters=tuple(_upcaster(each, path) for each in upcasters),
    )
    table.done()
    return step


def _upcaster(table: Table, path: Path) -> Upcaster:
    upcaster = Upcaster(
        contract=table.text("contract"),
        last=table.integer("from", 1, MOST_VERSIONS),
        function=table.text("function"),
        path=path,
    )
    names = upcaster.function.replace(":", ".", 1).split(".")
    if upcaster.function.count(":") != 1 or not all(name.isidentifier() and not iskeyword(name) for name in names):
        raise table.error("function", "must be a function's place, such as shop.events.upcasters.order:lift_v2")
    table.done()
    return upcaster


def _action(table: Table) -> Action:
    action: Action
    if table.has("register"):
        contract = table.text("register")
        version = table.integer("version", 1, MOST_VERSIONS)
        relaxed = Level(table.choice("relaxed", Level)) if table.has("relaxed") else None
        action = Register(contract=contract, version=version, relaxed=relaxed)
    elif table.has("retire"):
        contract = table.text("retire")
        action = Retire(contract=contract, version=table.integer("version", 1, MOST_VERSIONS))
    elif table.has("compatibility"):
        contract = table.text("compatibility")
        action = SetCompatibility(contract=contract, level=Level(table.choice("level", Level)))
    else:
        raise ContractTreeError(
            f"there is no register, retire or compatibility in it, only {', '.join(table.rest()) or 'nothing'}",
            where=table.where,
            remedy='Write register = "CONTRACT" or retire = "CONTRACT" with a version, or compatibility = "CONTRACT" '
            "with a level",
        )
    table.done()
    return action
