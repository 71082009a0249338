"""What a registry would say if the pending actions on a subject were done one after another."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hangarstack.contracts.check import Judge, Party
from hangarstack.contracts.compatibility import Level, Previous
from hangarstack.contracts.migrations.steps import Register, Retire
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.schema import REGISTRY_STORED, Schema, parse_schema, to_text
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.contracts.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """Breaks that are wanted.

    Args:
        waivers: those of the tree.
        today: a waiver holds on its last day, and no longer.
    """

    waivers: tuple[Waiver, ...]
    today: datetime.date

    def against(self, problem: Problem) -> str | None:
        """Return why a break is not permitted; ``None`` when it is."""
        covering = [waiver for waiver in self.waivers if waiver.covers(problem)]
        lapses = [waiver.lapse(self.today) for waiver in covering]
        if "" in lapses:
            return None
        place = f"{problem.kind} at {problem.path}" if problem.path else problem.kind
        why = f"its waiver {lapses[-1]}" if lapses else "contracts/waivers.toml does not waive it"
        return f"{problem.sentence} ({place}), and {why}"


class Rehearsal:
    """The pending actions on a subject, done in thought.

    Args:
        contract: of the subject.
        registry: asked for what the subject holds, and for the level of all subjects.
        permits: which breaks may pass under a level that asks for less than the contract's.
    """

    def __init__(self, contract: Contract, registry: Registry, permits: Permits) -> None:
        self._contract = contract
        self._permits = permits
        self._level_of_all = Level(registry.compatibility(None) or Level.BACKWARD)
        self._previous = [
            Previous(schema=stored_schema(text, contract.subject), text=text, version=version)
            for version, text in sorted(registry.versions(contract.subject).items())
        ]

    def run(self, action: Register | Retire, level: str | None) -> tuple[str, ...]:
        """Return the reasons against an action, and go on as if it had been done.

        Args:
            action: to do.
            level: the subject's own by then.
        """
        version = self._contract.versions[action.version - 1]
        if isinstance(action, Retire):
            self._previous = [old for old in self._previous if to_text(old.schema) != to_text(version.schema)]
            return ()
        under = action.relaxed or Level(level or self._level_of_all)
        reasons = list(self._refusals(version, under)) or list(self._unpermitted(version))
        number = (self._previous[-1].version or 0) + 1 if self._previous else 1
        text = registered_text(self._contract, action.version)
        self._previous.append(Previous(schema=version.schema, text=text, version=number))
        return tuple(reasons)

    def _refusals(self, version: Version, under: Level) -> Iterator[str]:
        """Yield why the registry would refuse a version at a level."""
        for problem in Judge(replace(self._contract, compatibility=under)).against(version, self._judged(under)):
            yield f"{problem.sentence} ({problem.kind}{f' at {problem.path}' if problem.path else ''})"

    def _unpermitted(self, version: Version) -> Iterator[str]:
        """Yield what breaks the contract's own level and nobody wants, whatever the registry lets pass."""
        earlier = self._judged(self._contract.compatibility)
        for problem in Judge(self._contract).against(version, earlier):
            reason = self._permits.against(problem)
            if reason is not None:
                yield reason

    def _judged(self, level: Level) -> list[Party]:
        """Return the versions that a new one is held against at a level."""
        return [
            Party(label=f"v{old.version} in the registry", schema=old.schema, released=self._number(old))
            for old in (self._previous if level.transitive else self._previous[-1:])
        ]

    def _number(self, old: Previous) -> int:
        """Return the number under which the tree has what the registry may number otherwise."""
        text = to_text(old.schema)
        same = (version.number for version in self._contract.versions if to_text(version.schema) == text)
        return next(same, old.version or 0)


def registered_text(contract: Contract, number: int) -> str:
    """Return the text under which a version is registered."""
    return write_json(contract.versions[number - 1].json)


def stored_schema(text: str, subject: str) -> Schema:
    """Parse what a registry has; what it once accepted is not judged again."""
    return parse_schema(read_json(text, where=subject), side=subject, rules=REGISTRY_STORED)
