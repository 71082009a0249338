"""Writing the next step: what the contracts say and no step does yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.migrations.steps import Action, Register, Retire, SetCompatibility, Step
from hangarstack.contracts.model import ContractTree
from hangarstack.errors import SchemaMigrationError

_LONGEST_NAME = 60


def missing_actions(tree: ContractTree, steps: Iterable[Step]) -> tuple[Action, ...]:
    """Return what no step does yet: versions to register, then levels to set.

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
    versions: list[Action] = [
        Register(contract=contract.directory.name, version=version.number)
        for contract in tree.contracts
        for version in contract.versions
        if version.number > registered.get(contract.directory.name, 0)
    ]
    changed: list[Action] = [
        SetCompatibility(contract=contract.directory.name, level=contract.compatibility)
        for contract in tree.contracts
        if levels.get(contract.directory.name) is not contract.compatibility
    ]
    return (*versions, *changed)


def write_step(root: Path, steps: Iterable[Step], description: str, actions: Iterable[Action]) -> Path:
    """Write a step after all others, and return its file.

    Args:
        root: the directory that holds ``migrations/``.
        steps: those that there are.
        description: why it is done; its file is named after it.
        actions: what it does, at least one.

    Raises:
        SchemaMigrationError: the file cannot be written.
    """
    number = max((int(step.name[:4]) for step in steps), default=0) + 1
    path = root / "migrations" / "schemas" / f"{number:04}_{_slug(description)}.toml"
    head = f"description = {json.dumps(description, ensure_ascii=False)}\n"
    text = head + "".join(f"\n[[action]]\n{_lines(action)}\n" for action in actions)
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
    return f"{'retire' if isinstance(action, Retire) else 'register'} = {contract}\nversion = {action.version}"


def _slug(description: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", description.lower()).strip("_")
    return words[:_LONGEST_NAME].strip("_") or "step"
