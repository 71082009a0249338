"""What is left to do, read off the registry alone: nothing else remembers what was done."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from hangarstack.contracts.compatibility import Level, Previous, check_level
from hangarstack.contracts.migrations.steps import (
    Action,
    Register,
    Retire,
    SetCompatibility,
    Step,
    check_steps,
)
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.schema import REGISTRY_STORED, Schema, parse_schema, to_text
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.contracts.schema.jsontree import read_json


class State(enum.StrEnum):
    """Where an action stands."""

    DONE = "done"
    PENDING = "pending"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One action, and where it stands.

    Args:
        reasons: the registry's messages against it, when it is blocked.
    """

    step: Step
    action: Action
    subject: str
    state: State
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All actions in order."""

    actions: tuple[Planned, ...]

    @property
    def pending(self) -> tuple[Planned, ...]:
        """What is left to do."""
        return tuple(planned for planned in self.actions if planned.state is State.PENDING)

    @property
    def blocked(self) -> tuple[Planned, ...]:
        """What the registry would refuse."""
        return tuple(planned for planned in self.actions if planned.state is State.BLOCKED)


def plan(tree: ContractTree, steps: Sequence[Step], registry: Registry) -> Plan:
    """Compare the steps with the registry; changes nothing.

    Args:
        tree: the contracts.
        steps: as ``load_steps`` returns them.
        registry: asked a few times per subject; each call blocks.

    Raises:
        SchemaMigrationError: the steps do not lead to what the contracts say.
        RegistryError: the registry does not answer as expected.
    """
    check_steps(tree, tuple(steps))
    planned: list[tuple[int, Planned]] = []
    for contract in tree.contracts:
        planned += _Subject(contract, steps, registry).plan()
    return Plan(actions=tuple(each for _, each in sorted(planned, key=lambda pair: pair[0])))


def registered_text(contract: Contract, number: int) -> str:
    """Return the text under which a version is registered."""
    return write_json(contract.versions[number - 1].json)


class _Subject:
    """The actions on one subject, held against it."""

    def __init__(self, contract: Contract, steps: Sequence[Step], registry: Registry) -> None:
        numbered = enumerate((step, action) for step in steps for action in step.actions)
        self._actions = [
            (index, step, action) for index, (step, action) in numbered if action.contract == contract.directory.name
        ]
        self._contract = contract
        self._registry = registry
        self._found = {
            action.version: registry.lookup(contract.subject, registered_text(contract, action.version)) is not None
            for _, _, action in self._actions
            if isinstance(action, Register)
        }
        self._level = registry.compatibility(contract.subject)

    def plan(self) -> list[tuple[int, Planned]]:
        done = [self._is_done(position, action) for position, (_, _, action) in enumerate(self._actions)]
        if all(done):
            return [(index, self._planned(step, action, State.DONE)) for index, step, action in self._actions]
        rehearsal = _Rehearsal(self._contract, self._registry, self._level)
        result = []
        for (index, step, action), is_done in zip(self._actions, done, strict=True):
            reasons = () if is_done else rehearsal.run(action)
            state = State.DONE if is_done else State.BLOCKED if reasons else State.PENDING
            result.append((index, self._planned(step, action, state, reasons)))
        return result

    def _planned(self, step: Step, action: Action, state: State, reasons: tuple[str, ...] = ()) -> Planned:
        return Planned(step=step, action=action, subject=self._contract.subject, state=state, reasons=reasons)

    def _is_done(self, position: int, action: Action) -> bool:
        later = [each for _, _, each in self._actions[position + 1 :]]
        passed = any(isinstance(each, Register) and self._found[each.version] for each in later)
        if isinstance(action, Register):
            retired = any(isinstance(each, Retire) and each.version == action.version for each in later)
            return self._found[action.version] or (retired and passed)
        if isinstance(action, Retire):
            newer = any(found for version, found in self._found.items() if version > action.version)
            return newer and not self._found[action.version]
        # A level that was only on the way counts as done once a version registered after it is there.
        on_the_way = any(isinstance(each, SetCompatibility) for each in later)
        return self._level == action.level or (on_the_way and passed)


class _Rehearsal:
    """What the registry would say if the pending actions were done one after another."""

    def __init__(self, contract: Contract, registry: Registry, level: str | None) -> None:
        self._contract = contract
        self._level = Level(level or registry.compatibility(None) or Level.BACKWARD)
        self._previous = [
            Previous(schema=stored_schema(text, contract.subject), text=text, version=version)
            for version, text in sorted(registry.versions(contract.subject).items())
        ]

    def run(self, action: Action) -> tuple[str, ...]:
        """Return the reasons against an action, and go on as if it had been done."""
        if isinstance(action, SetCompatibility):
            self._level = action.level
            return ()
        text = registered_text(self._contract, action.version)
        schema = self._contract.versions[action.version - 1].schema
        if isinstance(action, Retire):
            self._previous = [old for old in self._previous if to_text(old.schema) != to_text(schema)]
            return ()
        reasons = check_level(self._level, schema, self._previous)
        number = (self._previous[-1].version or 0) + 1 if self._previous else 1
        self._previous.append(Previous(schema=schema, text=text, version=number))
        return tuple(reasons)


def stored_schema(text: str, subject: str) -> Schema:
    """Parse what a registry has; what it once accepted is not judged again."""
    return parse_schema(read_json(text, where=subject), side=subject, rules=REGISTRY_STORED)
