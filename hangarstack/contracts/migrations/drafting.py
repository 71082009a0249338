"""Writing the next step: what the contracts say and no step does yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hangarstack.contracts.compatibility import Level, Previous, check_level
from hangarstack.contracts.migrations.steps import Action, Register, Retire, SetCompatibility, Step
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.errors import SchemaMigrationError

_LONGEST_NAME = 60
_STRICTEST_FIRST: Final = (
    Level.FULL,
    Level.BACKWARD_TRANSITIVE,
    Level.FORWARD_TRANSITIVE,
    Level.BACKWARD,
    Level.FORWARD,
    Level.NONE,
)


def missing_actions(tree: ContractTree, steps: Iterable[Step]) -> tuple[Action, ...]:
    """Return what no step does yet, contract by contract: versions to register, and a level to set.

    A level is set before the versions that shall keep to it, but after the first of all: some registries know no level
    of a subject that has no version.

    Args:
        tree: what the steps shall lead to.
        steps: those that there are, in order.
    """
    registered: dict[str, int] = {}
    levels: dict[str, Level] = {}
    for step in steps:
        for action in step.actions:
            if isinstance(action, Register):
                registered[action.contract] = action.version
            elif isinstance(action, SetCompatibility):
                levels[action.contract] = action.level
    actions: list[Action] = []
    for contract in tree.contracts:
        name, level = contract.directory.name, contract.compatibility
        known = registered.get(name, 0)
        missing: list[Action] = [
            Register(contract=name, version=number + 1, relaxed=_relaxed(contract, number))
            for number in range(known, len(contract.versions))
        ]
        if levels.get(name) is not level:
            missing.insert(1 if known == 0 else 0, SetCompatibility(contract=name, level=level))
        actions += missing
    return tuple(actions)


def _relaxed(contract: Contract, index: int) -> Level | None:
    """Return the strictest level under which a version is taken that breaks the contract's, if it breaks it."""
    schema, level = contract.versions[index].schema, contract.compatibility
    earlier = [Previous(schema=version.schema, text=version.text) for version in contract.versions[:index]]
    if not check_level(level, schema, earlier):
        return None
    weaker = (each for each in _STRICTEST_FIRST if each.relaxes(level) and not level.relaxes(each))
    return next(each for each in weaker if not check_level(each, schema, earlier))


def write_step(
    root: Path,
    steps: Iterable[Step],
    description: str,
    actions: Iterable[Action],
    upcasters: Iterable[tuple[str, int, str]] = (),
) -> Path:
    """Write a step after all others, and return its file.

    Args:
        root: the directory that holds ``migrations/``.
        steps: those that there are.
        description: why it is done; its file is named after it.
        actions: what it does; at least one, unless there are upcasters.
        upcasters: contract, last version of the old major, and function of each that it names.

    Raises:
        SchemaMigrationError: the file cannot be written.
    """
    number = max((int(step.name[:4]) for step in steps), default=0) + 1
    path = root / "migrations" / "schemas" / f"{number:04}_{_slug(description)}.toml"
    head = f"description = {json.dumps(description, ensure_ascii=False)}\n"
    tables = [f"\n[[action]]\n{_lines(action)}\n" for action in actions]
    for contract, last, function in upcasters:
        lines = f"contract = {json.dumps(contract)}\nfrom = {last}\nfunction = {json.dumps(function)}"
        tables.append(f"\n[[upcaster]]\n{lines}\n")
    text = head + "".join(tables)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SchemaMigrationError(
            f"the step cannot be written: {error.strerror}", where=str(path), remedy="Allow it, and try again"
        ) from error
    return path


def _lines(action: Action) -> str:
    contract = json.dumps(action.contract)
    if isinstance(action, SetCompatibility):
        return f'compatibility = {contract}\nlevel = "{action.level}"'
    if isinstance(action, Retire):
        return f"retire = {contract}\nversion = {action.version}"
    relaxed = f'\nrelaxed = "{action.relaxed}"' if action.relaxed else ""
    return f"register = {contract}\nversion = {action.version}{relaxed}"


def _slug(description: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", description.lower()).strip("_")
    return words[:_LONGEST_NAME].strip("_") or "step"
