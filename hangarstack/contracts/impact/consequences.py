"""What a change does to one consumer that was not so before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.effects import Effect
from hangarstack.contracts.impact.paths import Source, renamed, source_of, written_as
from hangarstack.contracts.impact.reading import Reading, concerns
from hangarstack.contracts.model import Version
from hangarstack.contracts.runtime_verdict import Kind, Misreading

Reason = tuple[Effect, str]
Reasons = Iterator[Reason]

_HARM: Final = frozenset({Effect.BREAKS, Effect.MISREADS})
_SAVED_BY_GOING_FIRST: Final = {Effect.BREAKS: Effect.FIRST, Effect.MISREADS: Effect.MISREADS_UNLESS_FIRST}
_SAVED_BY_GOING_LAST: Final = {Effect.BREAKS: Effect.LAST, Effect.MISREADS: Effect.MISREADS_UNLESS_LAST}


class Consequences:
    """What a change does to one consumer.

    Deployed after the producers, it meets their new events with the version that it has now. Deployed before the last
    old event has ended, it meets those with the new version. Where only one of the two does harm, an order avoids it.

    Args:
        proposed: the change.
        deployed: the version that the consumer decodes into until it is deployed anew.
        fields: dotted paths of the fields that it looks at.
        ahead: whether its code decodes into a later version already.
    """

    def __init__(self, proposed: Change, deployed: Version, fields: tuple[str, ...], *, ahead: bool) -> None:
        self._change = proposed
        self._fields = fields
        self._deployed = deployed
        when = "while it is still deployed with" if ahead else "as it is deployed now with"
        self._now = f"{when} v{deployed.number}"
        self._anew = f"once it is deployed with v{proposed.new.number}"
        self._of_new = tuple(self._as_deployed())
        self._of_old = {writer.number: tuple(self._deployed_anew(writer)) for writer in proposed.earlier}

    def reasons(self) -> Reasons:
        """Yield what happens, each with a sentence; nothing when the consumer is untouched."""
        old = [reason for found in self._of_old.values() for reason in found]
        code = tuple(self._code())
        if _harm(self._of_new) and _harm(old):
            mixed = _harm(self._of_new) ^ _harm(old)
            yield from _as(dict.fromkeys(mixed, Effect.MIXED), (*self._of_new, *old))
        elif _harm(old):
            yield from self._of_new
            yield from _as(_SAVED_BY_GOING_LAST, old)
        else:
            lost_anyway = code or any(effect is Effect.LOSES for effect, _ in old)
            losing = {} if lost_anyway else {Effect.LOSES: Effect.LOSES_UNLESS_FIRST}
            yield from _as(_SAVED_BY_GOING_FIRST | losing, self._of_new)
            yield from old
        yield from code

    @property
    def ends(self) -> tuple[int, ...]:
        """The versions of which no event may be left when the consumer is deployed anew, oldest first."""
        return tuple(sorted(number for number, found in self._of_old.items() if _harm(found)))

    def _as_deployed(self) -> Reasons:
        """Tell what it gets from the new events, held against what it gets from those of now."""
        old, new = self._change.old, self._change.new
        reading, before = self._read(self._deployed, new), self._read(self._deployed, old)
        for refusal in reading.refusals:
            sentence = f"{self._now}, it cannot read events of v{new.number}: {refusal}"
            if before.possible:
                yield Effect.BREAKS, sentence
            else:
                yield Effect.BROKEN, f"{sentence}; nor could it read those of v{old.number} before"
        if reading.possible:
            yield from self._wrong(reading, before, self._now, self._fields)
            for sentence in self._misread(reading, before):
                yield Effect.MISREAD, f"{sentence}; those of v{old.number} it misreads so already"

    def _deployed_anew(self, writer: Version) -> Reasons:
        """Tell what the new version gets from old events, held against what the consumer gets from them now."""
        reading, before = self._read(self._change.new, writer), self._read(self._deployed, writer)
        if reading.possible:
            yield from self._wrong(reading, before, self._anew, tuple(map(self._called_now, self._fields)))
        elif before.possible:
            for refusal in reading.refusals:
                yield Effect.BREAKS, f"{self._anew}, it cannot read events of v{writer.number}: {refusal}"

    def _wrong(self, reading: Reading, before: Reading, when: str, fields: tuple[str, ...]) -> Reasons:
        """Tell what goes wrong in events that can be read; ``fields`` are the consumer's, as the reader calls them."""
        known = set(map(_key, before.misreadings))
        writer = f"events of v{reading.writer.number}"
        for found in self._concerning(reading, fields):
            if _key(found) in known:
                continue
            if found.witness is None:
                yield Effect.UNTRIED, f"{when}, {writer}: {found.sentence}"
            elif found.only_by_fastavro:
                yield Effect.UNTRIED, f"{when}, {found.path} of {writer}: {found.sentence}"
            elif found.loses:
                yield Effect.LOSES, f"{when}, {found.path} of {writer}: {found.sentence}"
            else:
                # An error on some records is what a record that cannot be read is to the consumer.
                fails = found.kind is Kind.UNREADABLE
                yield Effect.BREAKS if fails else Effect.MISREADS, _misreads(found, when, writer)
        if reading.lifted_by or not before.possible:
            return  # what the function makes of it, only the function knows; what was unreadable had nothing to lose
        for mine, path in zip(self._fields, fields, strict=True):
            lost = source_of(path, reading.reader.schema, reading.writer.schema) is Source.DEFAULTED
            if lost and source_of(mine, before.reader.schema, before.writer.schema) is Source.WRITTEN:
                yield Effect.LOSES, f"{when}, {path} of {writer} is always its default"

    def _misread(self, reading: Reading, before: Reading) -> Iterator[str]:
        """Yield what the consumer misreads in new events as it does in those of now."""
        known = set(map(_key, before.misreadings))
        for found in self._concerning(reading, self._fields):
            mistaken = not found.loses and not found.only_by_fastavro
            if _key(found) in known and found.kind is not Kind.NOT_TRIED and mistaken:
                yield _misreads(found, self._now, f"events of v{reading.writer.number}")

    def _concerning(self, reading: Reading, fields: tuple[str, ...]) -> Iterator[Misreading]:
        schemas = reading.reader.schema, reading.writer.schema
        both = (*fields, *(written_as(path, *schemas) for path in fields))
        return (found for found in reading.misreadings if concerns(found, both))

    def _code(self) -> Reasons:
        old, new = self._change.old.schema, self._change.new
        for path in self._fields:
            if source_of(path, new.schema, new.schema) is Source.UNKNOWN and source_of(path, old, old) is (
                Source.WRITTEN
            ):
                now = renamed(path, new.schema)
                what = f"is called {now} in v{new.number}" if now else f"is gone from v{new.number}"
                yield Effect.CHANGES, f"its code must change: {path} {what}"

    def _called_now(self, path: str) -> str:
        new = self._change.new.schema
        return path if source_of(path, new, new) is Source.WRITTEN else renamed(path, new) or path

    def _read(self, reader: Version, writer: Version) -> Reading:
        return self._change.readings.of(reader, writer)


def _key(found: Misreading) -> tuple[Kind, str, str]:
    return found.kind, found.path, found.sentence


def _misreads(found: Misreading, when: str, writer: str) -> str:
    fails = found.kind is Kind.UNREADABLE
    got = f"{'and then' if fails else 'read'} {found.witness.read}" if found.witness else ""
    proof = f" (written {found.witness.written}, {got})" if found.witness else ""
    return f"{when}, it {'fails on' if fails else 'misreads'} {found.path or 'the record'} of {writer}{proof}"


def _harm(reasons: Iterable[Reason]) -> frozenset[Effect]:
    return _HARM.intersection(effect for effect, _ in reasons)


def _as(others: Mapping[Effect, Effect], reasons: Iterable[Reason]) -> Reasons:
    return ((others.get(effect, effect), sentence) for effect, sentence in reasons)
