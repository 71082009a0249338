"""Finding dead letters: those that wait, or all that are still there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hangarstack.deadletters.ledger import Fate, Ledger
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog, LetterSource
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import LetterNotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A letter in a list.

    Args:
        letter: the letter.
        log: where it is.
        fate: what became of it; None: it waits. ``handled`` when that is all that is known.
    """

    letter: Letter
    log: LetterLog
    fate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Letters, oldest first.

    Args:
        letters: at most as many as asked for.
        more: whether others match too.
        complete: False: time was up before all had been looked at.
        waiting: how many letters wait, by topic, whatever the filters.
    """

    letters: tuple[Listed, ...]
    more: bool
    complete: bool
    waiting: Mapping[str, int]


HANDLED = "handled"
"""The fate of a letter before the group's position whose own fate is not in the store, which may have been restored."""


def browse(
    source: LetterSource, ledger: Ledger, selection: Selection, *, limit: int, handled: bool, within_s: float
) -> Listing:
    """Return the letters that match; blocks for some questions to Kafka and about ``within_s`` to look for them.

    Args:
        source: where the letters are.
        ledger: what became of them.
        selection: which.
        limit: most letters to return, of all topics together.
        handled: also those that were replayed, quarantined or dropped.
        within_s: seconds after which no more are looked at.

    Raises:
        BrokerError: Kafka does not answer, or refuses.
        StoreError: the store cannot be read.
    """
    found: list[Listed] = []
    more, complete, waiting = False, True, dict.fromkeys(selection.log_topics, 0)
    logs = source.logs(selection.log_topics)
    until = time.monotonic() + within_s
    for log in logs:
        waiting[log.topic] += log.end - log.position - len(ledger.fates(log.key, log.position))
        here = 0
        for listed in letters_of(source, ledger, log, selection, handled=handled):
            if time.monotonic() > until:
                complete = False
                break
            if listed is None:
                continue
            here += 1
            # Enough to fill the list from this log alone: those after them are younger.
            if here > limit:
                break
            found.append(listed)
        more = more or here > limit
    found.sort(key=lambda listed: (listed.letter.timestamp_ms, listed.letter.id))
    more = more or len(found) > limit
    return Listing(letters=tuple(found[:limit]), more=more, complete=complete, waiting=waiting)


def letters_of(
    source: LetterSource, ledger: Ledger, log: LetterLog, selection: Selection, *, handled: bool
) -> Iterator[Listed | None]:
    """Yield the letters of one log that match, in order; None now and then while others are passed over.

    Args:
        source: where the letters are.
        ledger: what became of them.
        log: as it was when it was asked for; what is written later is left out.
        selection: which.
        handled: also those that were replayed, quarantined or dropped.
    """
    start = log.first if handled else log.position
    if selection.letters:
        wanted = [one.offset for one in selection.letters if one[:2] == (log.topic, log.key.partition)]
        if not wanted:
            return
        start, last = max(start, min(wanted)), max(wanted)
    else:
        last = log.end
    if selection.since_ms is not None:
        start = max(start, source.offset_since(log, selection.since_ms))
    fates = ledger.fates(log.key, start)
    for letter in source.read(log, start):
        if letter is None:
            yield None
            continue
        fate = fate_of(letter.id, log, fates)
        matches = selection.matches(letter) and (handled or fate is None)
        yield Listed(letter=letter, log=log, fate=fate) if matches else None
        if letter.id.offset >= last:
            return


def fate_of(one: LetterId, log: LetterLog, fates: Mapping[int, tuple[Fate, int]]) -> str | None:
    """Return what became of a letter; None: it waits."""
    known = fates.get(one.offset)
    if known is not None:
        return known[0].value
    return HANDLED if one.offset < log.position else None


def find(source: LetterSource, ledger: Ledger, wanted: LetterId) -> Listed:
    """Return one letter, whatever became of it; blocks for some seconds at most.

    Raises:
        LetterNotFoundError: there is none at that place, or not any more.
        BrokerError: Kafka does not answer, or refuses.
        StoreError: the store cannot be read.
    """
    selection = Selection(topics=(), letters=(wanted,))
    for log in source.logs([wanted.topic]):
        if log.key.partition == wanted.partition and log.first <= wanted.offset < log.end:
            for listed in letters_of(source, ledger, log, selection, handled=True):
                if listed is not None:
                    return listed
    raise LetterNotFoundError(
        "there is no dead letter at that place, or not any more",
        where=str(wanted),
        remedy="`hangarstack dlq list --all` prints those that are there",
    )
