"""What a change does to one consumer that was not so before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.effects import Effect
from hangarstack.contracts.impact.paths import Paths, Place, Source, called_in, lost
from hangarstack.contracts.impact.reading import Reading, concerning
from hangarstack.contracts.model import Version
from hangarstack.contracts.runtime_verdict import Kind, Misreading

Reason = tuple[Effect, str]
Called = tuple[tuple[str, str], ...]
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
        fields: dotted paths of the fields that it looks at, each before those within it.
        ahead: whether its code decodes into a later version already.
    """

    def __init__(self, proposed: Change, deployed: Version, fields: Sequence[str], *, ahead: bool) -> None:
        self._change = proposed
        self._fields = dict.fromkeys(fields)
        self._called = tuple(
            (path, name) for path in fields for name in called_in(path, proposed.new.schema) or (path,)
        )
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
            yield from self._wrong(reading, before, self._now, tuple((path, path) for path in self._fields))
            for sentence in self._misread(reading, before):
                yield Effect.MISREAD, f"{sentence}; those of v{old.number} it misreads so already"

    def _deployed_anew(self, writer: Version) -> Reasons:
        """Tell what the new version gets from old events, held against what the consumer gets from them now."""
        reading, before = self._read(self._change.new, writer), self._read(self._deployed, writer)
        if reading.possible:
            yield from self._wrong(reading, before, self._anew, self._called)
        elif before.possible:
            for refusal in reading.refusals:
                yield Effect.BREAKS, f"{self._anew}, it cannot read events of v{writer.number}: {refusal}"

    def _wrong(self, reading: Reading, before: Reading, when: str, fields: Called) -> Reasons:
        """Tell what goes wrong in events that can be read; ``fields`` are the consumer's, and the reader's for them."""
        known = set(map(_key, before.misreadings))
        writer = f"events of v{reading.writer.number}"
        for found in self._concerning(reading, [path for _, path in fields]):
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
        for sentence in self._lost(reading, before, fields):
            yield Effect.LOSES, f"{when}, {sentence}"

    def _lost(self, reading: Reading, before: Reading, fields: Called) -> Iterator[str]:
        """Yield which fields were written before; nothing of what lies within one that is lost itself."""
        paths = self._paths(reading.reader, reading.writer)
        earlier = self._paths(before.reader, before.writer)
        same_reader = reading.reader is before.reader
        everywhere: set[str] = set()
        for mine, path in fields:
            now = paths.places(path)
            if not same_reader and all(place.source is Source.WRITTEN for place in now):
                continue  # as nearly all of them are, and there may be thousands, with twenty writers
            places = lost(now, earlier.places(mine), same_reader=same_reader)
            partly = any(place.source is Source.WRITTEN for place in now)
            if places and not partly:
                everywhere.add(path)
            if path.rpartition(".")[0] not in everywhere:
                for what in dict.fromkeys(_loses(place, partly=partly) for place in places):
                    yield f"{path} of events of v{reading.writer.number} {what}"

    def _misread(self, reading: Reading, before: Reading) -> Iterator[str]:
        """Yield what the consumer misreads in new events as it does in those of now."""
        known = set(map(_key, before.misreadings))
        for found in self._concerning(reading, [*self._fields]):
            mistaken = not found.loses and not found.only_by_fastavro
            if _key(found) in known and found.kind is not Kind.NOT_TRIED and mistaken:
                yield _misreads(found, self._now, f"events of v{reading.writer.number}")

    def _concerning(self, reading: Reading, fields: Sequence[str]) -> Iterator[Misreading]:
        paths = self._paths(reading.reader, reading.writer)
        written = (name for path in fields for name in paths.written_as(path))
        return concerning(reading.misreadings, chain(fields, written))

    def _code(self) -> Reasons:
        old, new = self._change.old, self._change.new
        earlier, now = self._paths(old, old), self._paths(new, new)
        for path in self._fields:
            places = earlier.places(path)
            names = called_in(path, new.schema)
            others = [name for name in names if name != path]
            what = f"is called {' or '.join(others)} in v{new.number}" if others else f"is gone from v{new.number}"
            if places and path not in names:
                if not self._follows(path, names):
                    yield Effect.CHANGES, f"its code must change: {path} {what}"
                continue
            gone = now.holders(path).difference(place.reader for place in now.places(path))
            for record in sorted(gone.intersection(place.reader for place in places)):
                yield Effect.CHANGES, f"its code must change: {path} in a {_short(record)} {what}"

    def _follows(self, path: str, names: Sequence[str]) -> bool:
        """Tell whether a field is called otherwise or gone only because the one is that it lies in, which is told."""
        outer, _, name = path.rpartition(".")
        around = called_in(outer, self._change.new.schema) if outer in self._fields else (outer,)
        return outer not in around and [*names] == [f"{each}.{name}" for each in around]

    def _read(self, reader: Version, writer: Version) -> Reading:
        return self._change.readings.of(reader, writer)

    def _paths(self, reader: Version, writer: Version) -> Paths:
        return self._change.readings.paths(reader, writer)


def _key(found: Misreading) -> tuple[Kind, str, str]:
    return found.kind, found.path, found.sentence


def _loses(place: Place, *, partly: bool) -> str:
    what = "is always its default" if place.source is Source.DEFAULTED else "is never written"
    return f"{what} in a {_short(place.reader)}" if partly else what


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _misreads(found: Misreading, when: str, writer: str) -> str:
    fails = found.kind is Kind.UNREADABLE
    got = f"{'and then' if fails else 'read'} {found.witness.read}" if found.witness else ""
    proof = f" (written {found.witness.written}, {got})" if found.witness else ""
    return f"{when}, it {'fails on' if fails else 'misreads'} {found.path or 'the record'} of {writer}{proof}"


def _harm(reasons: Iterable[Reason]) -> frozenset[Effect]:
    return _HARM.intersection(effect for effect, _ in reasons)


def _as(others: Mapping[Effect, Effect], reasons: Iterable[Reason]) -> Reasons:
    return ((others.get(effect, effect), sentence) for effect, sentence in reasons)
