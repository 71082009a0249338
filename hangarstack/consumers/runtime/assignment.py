"""The partitions that this member owns, through rebalances and holds."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from hangarstack.consumers.runtime.backoff import Backoff
from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.gaps import Doubt, Gap, gaps
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.offsets import Move
from hangarstack.consumers.runtime.outage import is_outage, reason
from hangarstack.consumers.runtime.partition import Hold, Partition
from hangarstack.consumers.runtime.placement import Placement
from hangarstack.consumers.runtime.ports import Clock, PartitionId, RecordSource
from hangarstack.consumers.runtime.progress import Progress
from hangarstack.errors import BrokerError, FencedError

_log: Final = logging.getLogger(__name__)
_SKIPS_S: Final = 1.0
"""A client that skips what it was asked for again is asked once in so many seconds."""
_LOOKS_S: Final = 2.0
"""One look lasts as long while the log does not answer: no other one is begun then in the same turn of the loop."""
_CHECK_S: Final = 60.0
_SAY_AGAIN: Final = 10
"""Each so many-th attempt of an outage is logged."""
_OUTAGE: Final = Backoff(first_s=0.2, factor=2.0, longest_s=5.0)


class Assignment:
    """Owned partitions and their holds; implements ``RebalanceListener``.

    A hold pauses a partition for some time. When the time is up the partition is placed anew: its position is
    read from the database and the source goes there. So no record is kept in memory while a partition is held,
    whatever the reason was, and reading the position is the probe of an outage.

    Args:
        source: the group member.
        placement: finds positions.
        clock: the time now.
        metrics: told of rebalances and holds.
    """

    def __init__(self, source: RecordSource, placement: Placement, clock: Clock, metrics: ConsumerMetrics) -> None:
        self.owned: dict[PartitionId, Partition] = {}
        self.joined = False
        """Whether the group has given an assignment, be it an empty one, and has not let this member go since."""
        self.trouble = ""
        """What the latest outage was, or is."""
        self._source = source
        self._placement = placement
        self._clock = clock
        self._metrics = metrics
        self._progress = Progress(source, clock, metrics)
        self._former: dict[PartitionId, Partition] = {}
        self._next_due: float | None = None
        self._check_at = 0.0

    @property
    def waiting(self) -> bool:
        """Whether a partition waits for an outage to pass."""
        return any(partition.blocked or partition.held is Hold.OUTAGE for partition in list(self.owned.values()))

    def assigned(self, partitions: Sequence[PartitionId]) -> Mapping[PartitionId, int | None]:
        """Take the partitions over at their stored positions; those that cannot be placed now are held."""
        self.joined = True
        self._metrics.rebalances.labels("assigned").inc(len(partitions))
        self.owned.update({one: Partition() for one in partitions})
        self._place(partitions)
        self._account()
        return {one: None if self.owned[one].held else self.owned[one].position for one in partitions}

    def revoked(self, partitions: Sequence[PartitionId]) -> None:
        """Let the partitions go; their records that are still on the way will be dropped."""
        self._metrics.rebalances.labels("revoked").inc(len(partitions))
        self._progress.tell()
        self._forget(partitions)

    def lost(self, partitions: Sequence[PartitionId]) -> None:
        """Let the partitions go without a word to Kafka: another member owns them already."""
        # Out of the group until it is joined again, which a client has been seen to be slow about.
        self.joined = False
        self._metrics.rebalances.labels("lost").inc(len(partitions))
        _log.warning("partitions were lost: this member was silent too long", extra={"partitions": sorted(partitions)})
        self._forget(partitions)

    def misplaced(self, partition: PartitionId) -> None:
        """Place the partition anew, with a look at what the log has."""
        if partition in self.owned:
            self.owned[partition].suspect = True
            self.hold([partition], Hold.MISPLACED, 0.0)

    def look_again(self, doubtful: Mapping[PartitionId, Doubt]) -> set[PartitionId]:
        """Look what the logs have where later records came than the next one; blocks for 4 s at most.

        Nothing is polled meanwhile: those that there is no time for are read again, and looked at first the next time.

        Args:
            doubtful: what came, by partition.

        Returns:
            Those whose log has these gaps, too, so that what came can be taken. The others are read again.
        """
        until = self._clock.monotonic() + _LOOKS_S
        # What is held is read from its position anyway, and looked at then.
        ours = [one for one in doubtful if self.owned[one].held is None]
        believed = set()
        for one in sorted(ours, key=lambda one: self.owned[one].looked_at):
            now = self._clock.monotonic()
            if now >= until or self.owned[one].position != doubtful[one].expected:
                self._go_on(one)
                continue
            self.owned[one].looked_at = now
            if self._look(one, doubtful[one]):
                believed.add(one)
        return believed

    def found(self, one: PartitionId, gap: Gap) -> None:
        """Note that the records of a gap are there: the client had skipped them."""
        partition = self.owned[one]
        partition.gaps, partition.missed = partition.gaps - {gap}, partition.missed - {gap}
        self._metrics.skipped.labels(one[0]).inc(gap.came - gap.expected)
        _log.warning(
            "the Kafka client had skipped offsets %d to %d; they were read when they were looked for again",
            gap.expected,
            gap.came - 1,
            extra={"partition": one},
        )

    def keep_in_mind(self, batch: Batch, stalled: Mapping[PartitionId, int]) -> None:
        """Note which records are there and are read again.

        Args:
            batch: counts as far as it could not be committed.
            stalled: by partition, the offset of a record that cannot be decoded yet.
        """
        offsets = {one: [offset] for one, offset in stalled.items()}
        for one, move in batch.moves.items():
            if self.owned[one].position < move.next_offset:
                offsets.setdefault(one, [])
        for outcome in batch.outcomes if offsets else ():
            one = outcome.topic, outcome.partition
            if one in offsets:
                offsets[one].append(outcome.offset)
        for one, those in offsets.items():
            partition = self.owned[one]
            partition.seen.note(those)
            partition.seen.forget(partition.position)
            # Some may be believed the next time, because the log could not be asked.
            partition.gaps = partition.without_seen(partition.gaps)

    def hold(self, partitions: Iterable[PartitionId], why: Hold, delay_s: float) -> None:
        """Do not read these for ``delay_s`` seconds; what was taken of them and not committed is read again."""
        ours = [one for one in partitions if one in self.owned]
        self._mark(ours, why, self._clock.monotonic() + delay_s)
        self._source.hold(ours)

    def hold_for_outage(self, partitions: Collection[PartitionId], error: BaseException) -> None:
        """Hold these, whose records wait, for a time that grows with each outage in a row."""
        for one in partitions:
            self.owned[one].blocked = True
        self.hold(partitions, Hold.OUTAGE, self._outage_delay(partitions, error))

    def release_due(self) -> None:
        """Place the held partitions whose time is up, and read on."""
        if self._next_due is None or self._clock.monotonic() < self._next_due:
            return
        now = self._clock.monotonic()
        due = [one for one, partition in self.owned.items() if partition.held and partition.until <= now]
        self._place(due)
        for one in due:
            if self.owned[one].held is None:
                self._go_on(one)
        self._account()

    def wait_s(self, longest: float) -> float:
        """Return how long there is nothing to release, at most ``longest`` seconds."""
        if self._next_due is None:
            return longest
        return min(longest, max(0.0, self._next_due - self._clock.monotonic()))

    def moved(self, moves: Mapping[PartitionId, Move]) -> None:
        """Note that these steps are committed."""
        now = self._clock.monotonic()
        for one, move in moves.items():
            partition = self.owned[one]
            if partition.outages:
                _log.info("going on", extra={"partition": one, "position": move.next_offset})
            partition.position, partition.known_at = move.next_offset, now
            partition.dead_in_row = move.dead_in_row
            partition.failures = partition.outages = 0
            partition.blocked = False
            # A part of a batch may be committed while letters of its rest are written already.
            partition.lettered = {at: ms for at, ms in partition.lettered.items() if at >= move.next_offset}
            partition.seen.forget(move.next_offset)
        self._progress.moved(moves)

    def failed(self, partitions: Collection[PartitionId], now: float) -> tuple[int, float]:
        """Note that the service failed on records of these; return how often in a row, and when first.

        Args:
            partitions: those of the batch.
            now: seconds since 1970.
        """
        for one in partitions:
            partition = self.owned[one]
            partition.failed_at = partition.failed_at if partition.failures else now
            partition.failures += 1
        worst = max((self.owned[one] for one in partitions), key=lambda partition: partition.failures)
        return worst.failures, worst.failed_at

    def report_due(self) -> None:
        """Tell Kafka and the metrics where the partitions are, every few seconds."""
        if self._progress.due():
            self._progress.report(self.owned)

    def check_topics_due(self) -> None:
        """Look whether a topic was made anew, now and then; then its partitions are read from their beginning.

        What was read of the new topic by then is recognised, because it lies within the dedupe window.
        """
        now = self._clock.monotonic()
        known = {one: partition.key for one, partition in self.owned.items() if partition.key is not None}
        if now < self._check_at or not known:
            return
        self._check_at = now + _CHECK_S
        try:
            anew = self._placement.made_anew(known)
        except BrokerError as error:
            _log.info("the topics cannot be checked: %s", error)
            return
        if anew:
            _log.error("topics were deleted and made anew", extra={"partitions": sorted(anew)})
            self.hold(anew, Hold.MISPLACED, 0.0)

    def _place(self, partitions: Sequence[PartitionId]) -> None:
        if not partitions:
            return
        try:
            places = self._placement.find(partitions, [one for one in partitions if self.owned[one].suspect])
        except Exception as error:
            if not is_outage(error) and not isinstance(error, FencedError):
                raise
            delay = self._outage_delay(partitions, error)
            self._mark(partitions, Hold.OUTAGE, self._clock.monotonic() + delay)
            return
        now = self._clock.monotonic()
        self._check_at = now + _CHECK_S
        for one, place in places.items():
            partition = self.owned[one]
            if partition.key != place.key:
                partition = self.owned[one] = Partition(key=place.key)
            if place.offset < partition.position:
                # So that the lag is not told from where it was.
                self._progress.went_back(one, place.offset)
            if place.at_end or place.offset != partition.position:
                # Handled, though the answer to the commit was lost, or by another member; or deleted.
                partition.blocked = False
            partition.position, partition.known_at = place.offset, now
            partition.dead_in_row = place.dead_in_row
            partition.lettered = {**place.lettered, **partition.lettered}
            partition.held, partition.suspect = None, False
            self._resume_trouble(one)

    def _look(self, one: PartitionId, doubt: Doubt) -> bool:
        partition = self.owned[one]
        self._metrics.looked_again.labels(one[0]).inc()
        there = self._gaps_of_the_log(one, doubt)
        again = doubt.gaps & partition.missed
        # Without an answer they are believed when they are seen once more, but for those with records that were seen.
        partition.gaps = partition.without_seen(doubt.gaps) if there is None else there
        partition.missed = doubt.gaps - partition.gaps
        if there == doubt.gaps:
            return True
        if again & partition.missed:
            _log.warning(
                "the Kafka client skips the same offsets again", extra={"partition": one, "gaps": sorted(again)}
            )
            self.hold([one], Hold.MISPLACED, _SKIPS_S)
        else:
            self._go_on(one)
        return False

    def _gaps_of_the_log(self, one: PartitionId, doubt: Doubt) -> frozenset[Gap] | None:
        try:
            there = self._source.offsets(one, doubt.expected, doubt.offsets[-1])
        except BrokerError as error:
            _log.info("whether records were skipped cannot be asked: %s", error, extra={"partition": one})
            return None
        seen = self.owned[one].seen
        # Whatever was seen there before and is not there now is gone.
        seen.forget(doubt.offsets[-1] + 1)
        seen.note(there)
        return gaps(doubt.expected, there)

    def _go_on(self, one: PartitionId) -> None:
        partition = self.owned[one]
        try:
            self._source.go_on(one, partition.position)
        except BrokerError as error:
            # Not blocked: perhaps there is no record that waits.
            self.hold([one], Hold.OUTAGE, self._outage_delay([one], error))
            return
        # A position that was found says nothing of the outage that a record waits for.
        if partition.outages and not partition.blocked:
            _log.info("going on", extra={"partition": one, "position": partition.position})
            partition.outages = 0

    def _resume_trouble(self, one: PartitionId) -> None:
        """Go on with what a rebalance has interrupted: with what stands or was seen, and with retries."""
        former, partition = self._former.pop(one, None), self.owned[one]
        if former is None or former.key != partition.key:
            return
        partition.lettered |= former.lettered
        partition.seen = former.seen
        if former.position != partition.position:
            return
        partition.failures, partition.failed_at = former.failures, former.failed_at
        if former.held is not None and former.until > self._clock.monotonic():
            self._mark([one], former.held, former.until)

    def _forget(self, partitions: Collection[PartitionId]) -> None:
        self._progress.forget(partitions)
        for one in partitions:
            partition = self.owned.pop(one, None)
            if partition is not None and (partition.failures or partition.lettered or partition.seen.runs):
                self._former[one] = partition
        self._account()

    def _mark(self, partitions: Collection[PartitionId], why: Hold, until: float) -> None:
        for one in partitions:
            self.owned[one].held, self.owned[one].until = why, until
        self._metrics.holds.labels(why).inc(len(partitions))
        self._account()

    def _outage_delay(self, partitions: Collection[PartitionId], error: BaseException) -> float:
        for one in partitions:
            self.owned[one].outages += 1
        worst = max((self.owned[one].outages for one in partitions), default=1)
        delay = _OUTAGE.delay(worst)
        self.trouble = reason(error)
        _log.log(
            logging.WARNING if worst % _SAY_AGAIN == 1 else logging.DEBUG,
            "waiting: %s",
            self.trouble,
            extra={"partitions": sorted(partitions), "retry_in_s": round(delay, 2), "attempt": worst},
        )
        return delay

    def _account(self) -> None:
        held = [partition.until for partition in self.owned.values() if partition.held]
        self._next_due = min(held, default=None)
        self._metrics.held.set(len(held))
        self._metrics.owned.set(len(self.owned))


__all__ = ["Assignment"]
