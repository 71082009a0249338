"""What is left to do, read off the registry alone: nothing else remembers what was done."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.migrations.rehearsal import Permits, Rehearsal, registered_text
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
from hangarstack.contracts.waivers import read_waivers


class State(enum.StrEnum):
    """Where an action stands."""

    DONE = "done"
    PENDING = "pending"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One action, and where it stands.

    Args:
        reasons: what speaks against it, when it is blocked.
        restored: the level to put back at once, when the action relaxes it.
        tightens: whether it puts back a level that was relaxed, by hand or by a run that was killed, before anything
            else is done to the subject.
    """

    step: Step
    action: Action
    subject: str
    state: State
    reasons: tuple[str, ...] = ()
    restored: Level | None = None
    tightens: bool = False


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


def plan(tree: ContractTree, steps: Sequence[Step], registry: Registry, *, today: datetime.date) -> Plan:
    """Compare the steps with the registry; changes nothing.

    Args:
        tree: the contracts.
        steps: as ``load_steps`` returns them.
        registry: asked a few times per subject; each call blocks.
        today: decides which waivers have ended.

    Raises:
        ContractTreeError: the waivers cannot be read.
        SchemaMigrationError: the steps do not lead to what the contracts say.
        RegistryError: the registry does not answer as expected.
    """
    check_steps(tree, tuple(steps))
    permits = Permits(waivers=read_waivers(tree.waivers_path), today=today)
    planned: list[tuple[int, Planned]] = []
    for contract in tree.contracts:
        planned += _Subject(contract, steps, registry, permits).plan()
    return Plan(actions=tuple(each for _, each in sorted(planned, key=lambda pair: pair[0])))


class _Subject:
    """The actions on one subject, held against it."""

    def __init__(self, contract: Contract, steps: Sequence[Step], registry: Registry, permits: Permits) -> None:
        numbered = enumerate((step, action) for step in steps for action in step.actions)
        self._actions = [
            (index, step, action) for index, (step, action) in numbered if action.contract == contract.directory.name
        ]
        self._contract = contract
        self._registry = registry
        self._permits = permits
        self._found = {
            action.version: registry.lookup(contract.subject, registered_text(contract, action.version)) is not None
            for _, _, action in self._actions
            if isinstance(action, Register)
        }
        self._level = registry.compatibility(contract.subject)

    def plan(self) -> list[tuple[int, Planned]]:
        rehearsal: Rehearsal | None = None
        level = self._level
        result: list[tuple[int, Planned]] = []
        for position, (index, step, action) in enumerate(self._actions):
            reasons: tuple[str, ...] = ()
            restored: Level | None = None
            if isinstance(action, SetCompatibility):
                done = level == action.level or not self._counts(position)
                level = level if done else action.level
            elif not (done := self._is_done(position, action)):
                rehearsal = rehearsal or Rehearsal(self._contract, self._registry, self._permits)
                reasons = rehearsal.run(action, level)
                restored = level if isinstance(action, Register) and action.relaxed else None
            state = State.DONE if done else State.BLOCKED if reasons else State.PENDING
            found = Planned(
                step=step,
                action=action,
                subject=self._contract.subject,
                state=state,
                reasons=reasons,
                restored=restored,
                tightens=self._tightens(action, state, result),
            )
            result.append((index, found))
        return result

    def _tightens(self, action: Action, state: State, before: list[tuple[int, Planned]]) -> bool:
        return (
            isinstance(action, SetCompatibility)
            and state is State.PENDING
            and self._level is not None
            and self._level.relaxes(action.level)
            and any(self._found.values())
            and all(planned.state is State.DONE for _, planned in before)
        )

    def _counts(self, position: int) -> bool:
        """Tell whether a level is the last that is set, or something is registered before the next one is."""
        for index in range(position + 1, len(self._actions)):
            later = self._actions[index][2]
            if isinstance(later, SetCompatibility):
                return False
            if isinstance(later, Register) and not self._is_done(index, later):
                return True
        return True

    def _is_done(self, position: int, action: Register | Retire) -> bool:
        later = [each for _, _, each in self._actions[position + 1 :]]
        if isinstance(action, Register):
            passed = any(isinstance(each, Register) and self._found[each.version] for each in later)
            retired = any(isinstance(each, Retire) and each.version == action.version for each in later)
            return self._found[action.version] or (retired and passed)
        newer = any(found for version, found in self._found.items() if version > action.version)
        return newer and not self._found[action.version]
