"""What a new version of a contract does to each of its consumers."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.impact.declarations import declared_of
from hangarstack.contracts.impact.paths import Source, renamed, source_of
from hangarstack.contracts.impact.reading import Reading, concerns, lifted_or_read_by, read_by
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.pii import fields


class Effect(enum.StrEnum):
    """How bad it is, worst first."""

    BREAKS = "breaks in any order"
    FIRST = "breaks unless it is deployed before the producers"
    LAST = "breaks unless it is deployed after the old events have ended"
    MISREADS = "misreads"
    LOSES = "loses data"
    CHANGES = "must change"
    NONE = "untouched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One consumer.

    Args:
        consumer: its name.
        declared: whether it says what it reads; if not, it is taken to read every field.
        effect: the worst that happens to it, deployed in whatever order.
        reasons: what happens, worst first, each a sentence.
    """

    consumer: str
    declared: bool
    effect: Effect
    reasons: tuple[tuple[Effect, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """A proposed change: one version after another.

    Args:
        contract: the contract.
        old: the version that is in use.
        new: the version that shall be.
        forward: the old version reading the new: consumers that are deployed already.
        backward: the new version reading each that may still be in the topic, newest first.
    """

    contract: Contract
    old: Version
    new: Version
    forward: Reading
    backward: tuple[Reading, ...]


def change(contract: Contract, old: Version, new: Version) -> Change:
    """Judge a change of a contract in both directions."""
    earlier = [version for version in contract.versions if version.number <= old.number]
    return Change(
        contract=contract,
        old=old,
        new=new,
        forward=read_by(old, new),
        backward=tuple(lifted_or_read_by(contract, new, version) for version in reversed(earlier)),
    )


def touched(proposed: Change, declarations: Sequence[Declared]) -> tuple[Touched, ...]:
    """Say what happens to each consumer of a contract, in the order of ``contract.toml``.

    Args:
        proposed: the change.
        declarations: of whatever consumers and events, besides those of ``contract.toml``.
    """
    mine = declared_of(proposed.contract, declarations)
    names = dict.fromkeys([*proposed.contract.consumers, *mine])
    return tuple(_consumer(proposed, name, mine.get(name)) for name in names)


def _consumer(proposed: Change, name: str, declared: Declared | None) -> Touched:
    paths = declared.fields if declared else tuple(path for path, _ in fields(proposed.old.schema))
    order = list(Effect)
    reasons = sorted(dict.fromkeys(_reasons(proposed, paths)), key=lambda reason: order.index(reason[0]))
    return Touched(
        consumer=name,
        declared=declared is not None,
        effect=reasons[0][0] if reasons else Effect.NONE,
        reasons=tuple(reasons),
    )


def _reasons(proposed: Change, paths: tuple[str, ...]) -> Iterator[tuple[Effect, str]]:
    old, new = proposed.old, proposed.new
    reads_old = all(reading.possible for reading in proposed.backward)
    yield from _reading(proposed.forward, paths, "as it is deployed now", Effect.FIRST if reads_old else Effect.BREAKS)
    last = Effect.LAST if proposed.forward.possible else Effect.BREAKS
    for reading in proposed.backward:
        yield from _reading(reading, paths, f"once it is deployed with v{new.number}", last)
    for path in paths:
        if source_of(path, new.schema, new.schema) is Source.UNKNOWN and source_of(path, old.schema, old.schema) is (
            Source.WRITTEN
        ):
            now = renamed(path, new.schema)
            what = f"is called {now} in v{new.number}" if now else f"is gone from v{new.number}"
            yield Effect.CHANGES, f"its code must change: {path} {what}"


def _reading(reading: Reading, paths: tuple[str, ...], when: str, refused: Effect) -> Iterator[tuple[Effect, str]]:
    writer = f"events of v{reading.writer.number}"
    for refusal in reading.refusals:
        yield refused, f"{when}, it cannot read {writer}: {refusal}"
    if reading.refusals:
        return
    for found in reading.misreadings:
        if concerns(found, paths):
            proof = f" (written {found.witness.written}, read {found.witness.read})" if found.witness else ""
            yield Effect.MISREADS, f"{when}, it misreads {found.path or 'the record'} of {writer}{proof}"
    if reading.lifted_by:
        return  # what the function makes of it, only the function knows
    for path in paths:
        if source_of(path, reading.reader.schema, reading.writer.schema) is Source.DEFAULTED:
            yield Effect.LOSES, f"{when}, {path} of {writer} is always its default"
