"""Replaying dead letters and dropping them."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from hangarstack.broker.specs import quarantine_topic
from hangarstack.deadletters import headers as names
from hangarstack.deadletters.browsing import Listed, letters_of
from hangarstack.deadletters.lease import Lease
from hangarstack.deadletters.ledger import Actor, Fate, Ledger
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import Clock, LetterLog, LetterSource, Outgoing, Outlet
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import BrokerRefusedError, BrokerUnavailableError, HangarStackError, RepairError, StoreError

_STEP: Final = 200
"""Letters that are published, acknowledged and noted together."""
_STEP_BYTES: Final = 8_000_000
_FateOf: TypeAlias = Callable[[Letter], Fate]
_Refused: TypeAlias = Mapping[LetterId, HangarStackError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a repair did, or, of a dry run, would have done.

    Args:
        repair_id: its number in the audit.
        fates: what became of each letter.
        failures: why a letter could not be published; it waits as before.
        more: whether more letters match than were asked for.
    """

    repair_id: int
    fates: Mapping[LetterId, Fate]
    failures: Mapping[LetterId, str]
    more: bool

    def count(self, fate: Fate) -> int:
        """Return how many letters met a fate."""
        return Counter(self.fates.values())[fate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done.

    Args:
        selection: to which letters; only those that wait.
        actor: who orders it.
        most: to so many letters at most.
        dry_run: only say what would be done.
    """

    selection: Selection
    actor: Actor
    most: int
    dry_run: bool


class Repairer:
    """Replays and drops; one at a time in the whole platform, which the caller's lease sees to.

    Args:
        source: where the letters are.
        outlet: publishes.
        ledger: told of everything.
        lease: held by the caller; renewed with each step.
        replays: a letter that was replayed so often is put into quarantine instead.
        clock: the time now.
    """

    def __init__(
        self,
        source: LetterSource,
        outlet: Outlet,
        ledger: Ledger,
        lease: Lease,
        *,
        replays: int,
        clock: Clock = time.time,
    ) -> None:
        self._source = source
        self._outlet = outlet
        self._ledger = ledger
        self._lease = lease
        self._replays = replays
        self._clock = clock

    def replay(self, order: Order) -> Report:
        """Publish letters to the topics they came from, or into quarantine what was replayed too often.

        Step by step: published and acknowledged, then noted, then the group's position moved. Killed in between, the
        step is done again by the next replay, and consumers know its events by their ids. Blocks until done.

        Raises:
            BrokerError: Kafka does not answer, or refuses; what was acknowledged until then is noted.
            StoreError: the store cannot be written.
        """

        return self._carry_out("replay", order, self._fate_of_replayed, self._publish)

    def drop(self, order: Order) -> Report:
        """Note that nobody waits for these letters any more; Kafka keeps them until their retention ends.

        Blocks until done.

        Raises:
            BrokerError: Kafka does not answer, or refuses.
            StoreError: the store cannot be written.
        """
        return self._carry_out("drop", order, lambda _letter: Fate.DROPPED, lambda _step, _order: {})

    def _carry_out(
        self, kind: str, order: Order, fate_of: _FateOf, do: Callable[[Sequence[Listed], Order], _Refused]
    ) -> Report:
        repair_id = self._ledger.begin(kind, order.actor, order.selection.as_json(), dry_run=order.dry_run)
        fates: dict[LetterId, Fate] = {}
        failures: dict[LetterId, str] = {}
        without_record: set[LetterId] = set()
        more = False
        try:
            for log in self._source.logs(order.selection.log_topics):
                position = log.position
                for step in self._steps(log, order.selection):
                    # Letters without their record wait to be dropped: they must not keep others from their turn.
                    room = order.most - len(fates) - len(failures.keys() - without_record)
                    more = more or len(step) > room
                    taken = step[:room]
                    # A process that slept past its lease must notice before it publishes.
                    self._lease.renew()
                    refused = do(taken, order)
                    met = {one.letter.id: fate_of(one.letter) for one in taken if one.letter.id not in refused}
                    noted = {(log.key, place.offset): fate for place, fate in met.items()}
                    self._ledger.note(repair_id, noted, failed=len(refused), dry_run=order.dry_run)
                    fates |= met
                    without_record |= {one.letter.id for one in taken if one.letter.left_out} & refused.keys()
                    failures |= {place: str(error) for place, error in refused.items()}
                    _raise_outage(refused.values())
                    if not order.dry_run:
                        position = self._moved_on(log, position)
                    if more:
                        break
                if more:
                    break
        except BaseException as error:
            with contextlib.suppress(StoreError):
                self._ledger.end(repair_id, str(error) or type(error).__name__)
            raise
        self._ledger.end(repair_id, next(iter(failures.values()), ""))
        return Report(repair_id=repair_id, fates=fates, failures=failures, more=more)

    def _steps(self, log: LetterLog, selection: Selection) -> Iterator[list[Listed]]:
        step: list[Listed] = []
        size = 0
        for listed in letters_of(self._source, self._ledger, log, selection, handled=False):
            self._lease.keep()
            if listed is None:
                continue
            step.append(listed)
            size += len(listed.letter.value or b"")
            if len(step) >= _STEP or size >= _STEP_BYTES:
                yield step
                step, size = [], 0
        if step:
            yield step

    def _publish(self, step: Sequence[Listed], order: Order) -> _Refused:
        letters = [one.letter for one in step]
        whole = [letter for letter in letters if not letter.left_out]
        answers = [] if order.dry_run else self._outlet.send([self._outgoing(letter, order.actor) for letter in whole])
        refused = {letter.id: error for letter, error in zip(whole, answers, strict=False) if error is not None}
        return refused | {letter.id: _left_out(letter) for letter in letters if letter.left_out}

    def _moved_on(self, log: LetterLog, position: int) -> int:
        handled = self._ledger.fates(log.key, position)
        moved = position
        while moved in handled:
            moved += 1
        if moved > position:
            self._source.commit({(log.topic, log.key.partition): moved})
        self._ledger.forget(log.key, log.first)
        return moved

    def _fate_of_replayed(self, letter: Letter) -> Fate:
        return Fate.QUARANTINED if letter.replays >= self._replays and not letter.is_quarantined else Fate.REPLAYED

    def _outgoing(self, letter: Letter, actor: Actor) -> Outgoing:
        if self._fate_of_replayed(letter) is Fate.QUARANTINED:
            return Outgoing(
                topic=quarantine_topic(letter.origin), key=letter.key, value=letter.value, headers=letter.headers
            )
        # Without the reasons, which would make a large record too large for its topic; they are written anew when it
        # fails again, but for these two, which add up.
        dropped = (names.REASONS | names.REPLAY) - {names.ATTEMPTS, names.FIRST_SEEN}
        group = letter.text(names.GROUP)
        return Outgoing(
            topic=letter.origin,
            key=letter.key,
            value=letter.value,
            headers=(
                *(header for header in letter.headers if header[0] not in dropped),
                # Who has looked at a letter in quarantine starts anew.
                (names.REPLAYS, b"%d" % (1 if letter.is_quarantined else letter.replays + 1)),
                *(((names.REPLAY_GROUP, group.encode()),) if group else ()),
                (names.REPLAYED_BY, actor.name.encode(errors="replace")),
                (
                    names.REPLAYED_AT,
                    datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").encode(),
                ),
            ),
        )


def _left_out(letter: Letter) -> RepairError:
    return RepairError(
        "its record was too large for a dead letter and is not in it",
        where=letter.source,
        remedy="Read it there while the topic keeps it, or drop the letter",
    )


def _raise_outage(errors: Iterable[HangarStackError]) -> None:
    for error in errors:
        # Another record would fare no better, and would have to be waited for as long.
        if isinstance(error, BrokerUnavailableError | BrokerRefusedError):
            raise error
