"""What a change does to one consumer that was not so before."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.effects import Effect
from hangarstack.contracts.impact.paths import Source, renamed, source_of, written_as
from hangarstack.contracts.impact.reading import Reading, concerns
from hangarstack.contracts.model import Version
from hangarstack.contracts.runtime_verdict import Kind, Misreading

Reasons = Iterator[tuple[Effect, str]]


class Consequences:
    """What a change does to one consumer.

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

    def reasons(self) -> Reasons:
        """Yield what happens, each with a sentence; nothing when the consumer is untouched."""
        yield from self._as_deployed()
        for writer in self._change.earlier:
            yield from self._deployed_anew(writer)
        yield from self._code()

    def _as_deployed(self) -> Reasons:
        """Tell what it gets from the new events, held against what it gets from those of now."""
        old, new = self._change.old, self._change.new
        reading, before = self._read(self._deployed, new), self._read(self._deployed, old)
        for refusal in reading.refusals:
            sentence = f"{self._now}, it cannot read events of v{new.number}: {refusal}"
            if not before.possible:
                yield Effect.BROKEN, f"{sentence}; nor could it read those of v{old.number} before"
            else:
                yield Effect.BREAKS if any(map(self._loses_sight, self._change.earlier)) else Effect.FIRST, sentence
        if reading.possible:
            yield from self._wrong(reading, before, self._now, self._fields)
            for sentence in self._misread(reading, before):
                yield Effect.MISREAD, f"{sentence}; those of v{old.number} it misreads so already"

    def _deployed_anew(self, writer: Version) -> Reasons:
        """Tell what the new version gets from old events, held against what the consumer gets from them now."""
        new = self._change.new
        reading, before = self._read(new, writer), self._read(self._deployed, writer)
        if self._loses_sight(writer):
            effect = Effect.LAST if self._read(self._deployed, new).possible else Effect.BREAKS
            for refusal in reading.refusals:
                yield effect, f"{self._anew}, it cannot read events of v{writer.number}: {refusal}"
        elif reading.possible:
            yield from self._wrong(reading, before, self._anew, tuple(map(self._called_now, self._fields)))

    def _loses_sight(self, writer: Version) -> bool:
        """Tell whether the new version cannot read what the deployed one can."""
        return self._read(self._deployed, writer).possible and not self._read(self._change.new, writer).possible

    def _wrong(self, reading: Reading, before: Reading, when: str, fields: tuple[str, ...]) -> Reasons:
        """Tell what goes wrong in events that can be read; ``fields`` are the consumer's, as the reader calls them."""
        known = set(map(_key, before.misreadings))
        writer = f"events of v{reading.writer.number}"
        for found in self._concerning(reading, fields):
            if _key(found) in known:
                continue
            if found.kind is Kind.NOT_TRIED:
                yield Effect.UNTRIED, f"{when}, {writer}: {found.sentence}"
            elif found.loses:
                yield Effect.LOSES, f"{when}, {found.path} of {writer}: {found.sentence}"
            else:
                yield Effect.MISREADS, _misreads(found, when, writer)
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
            if _key(found) in known and found.kind is not Kind.NOT_TRIED and not found.loses:
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
    proof = f" (written {found.witness.written}, read {found.witness.read})" if found.witness else ""
    return f"{when}, it misreads {found.path or 'the record'} of {writer}{proof}"
