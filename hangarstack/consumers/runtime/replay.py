"""Records that a service has handled, once more: every partition in one process, in the order of time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from typing import Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from hangarstack.consumers.runtime.kafka_source import KafkaSource
from hangarstack.consumers.runtime.ports import PartitionId, RebalanceListener, SystemClock
from hangarstack.consumers.runtime.record import Record
from hangarstack.errors import RebuildError
from hangarstack.settings import Settings

_FETCH: Final = 2_000
_WAIT_S: Final = 0.05
_AHEAD: Final = 4_000
"""Records of one partition that wait for those of others; more are not fetched."""
_SPAN_MS: Final = 1_800_000
"""A batch holds at most so much of the records' time: what a service forgets by age, it forgets between batches."""
_STUCK_S: Final = 15.0
_LATE: Final = 500
"""The replay has caught up when so few records were handled meanwhile: the service itself reads them once more."""

Goals = Callable[[], Mapping[PartitionId, int]]
"""Tells where the live service is: for each partition, the first offset that it has not handled."""


Gone = Callable[[Sequence[tuple[PartitionId, int, int]]], None]
"""Told of partitions whose log does not hold the offsets from the first up to, not including, the second any more;
raises to stop the replay."""


class ReplayClock(SystemClock):
    """The wall clock of a replay stands at the newest record, so that ids of events are as old as their records."""

    def __init__(self) -> None:
        self._newest = 0.0

    def note(self, timestamp_ms: int) -> None:
        """Move to a record's time, unless it is earlier."""
        self._newest = max(self._newest, timestamp_ms / 1000)

    def wall(self) -> float:
        """Return the newest record's time, or now if that is earlier."""
        return min(self._newest or super().wall(), super().wall())


@dataclass(slots=True, kw_only=True)
class _Tape:
    """One partition: where it is, how far it goes, what was fetched ahead.

    Args:
        next: the offset after what was handed over.
        goal: where it ends.
        fetched: what the log has before this offset was handed over or waits.
        doubted: from here on nothing came before the goal, and it is read once more.
    """

    next: int
    goal: int
    fetched: int
    waiting: deque[Record] = field(default_factory=deque)
    held: bool = False
    resting: bool = False
    doubted: int = -1
    reached_ms: int = -1

    @property
    def runs(self) -> bool:
        return not self.held and self.next < self.goal

    @property
    def lacks_the_rest(self) -> bool:
        """Whether all was handed over that came before the goal, and it ends before that."""
        return self.runs and not self.waiting and self.fetched >= self.goal


class ReplaySource(KafkaSource):
    """Hands over what the live service has handled, never more: merged by time, so that partitions advance together.

    Ends, by calling ``done``, when it has all but the last few records.

    Args:
        settings: address and security.
        group: the consumer group that Kafka is told of; nothing is committed to it.
        goals: where the live service is; asked at the beginning and whenever the replay is there.
        gone: told of records that are not there any more: before the first record is read, and when it happens later.
        clock: follows the records.
        show: told how many records were handed over, and how many are to be as known now.
        done: called once.
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        *,
        goals: Goals,
        gone: Gone,
        clock: ReplayClock,
        show: Callable[[int, int], None],
        done: Callable[[], None],
    ) -> None:
        super().__init__(settings, group)
        self._incremental = False
        # The last records before a goal may be gone, and none may follow.
        self._config["enable.partition.eof"] = True
        self._goals = goals
        self._gone = gone
        self._clock = clock
        self._show = show
        self._done = done
        self._tapes: dict[PartitionId, _Tape] = {}
        self._placed = False
        self._moved_at = 0.0
        self.records = 0
        """How many were handed over."""
        self.caught_up = False

    @property
    def reached(self) -> Mapping[PartitionId, float]:
        """When the last record of each partition was written, in seconds since 1970, where Kafka says it."""
        return {one: tape.reached_ms / 1000 for one, tape in self._tapes.items() if tape.reached_ms >= 0}

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:  # noqa: ARG002 - the goals name them
        """Connect; joins no group."""
        self._listener = listener
        self._consumer = Consumer(self._config)

    def take(self, limit: int, wait_s: float, gather_s: float) -> Sequence[Record]:  # noqa: ARG002 - nothing gathers
        """Return the oldest records, at most ``limit``; what it returned before is committed by now.

        Raises:
            RebuildError: records are gone, or the log is not what the live service has read.
        """
        if not self._placed:
            self._place()
        self._fetch(min(wait_s, _WAIT_S))
        records = self._oldest(limit)
        if records:
            self._moved_at = time.monotonic()
            self.records += len(records)
            self._show(self.records, self.records + sum(max(0, tape.goal - tape.next) for tape in self._tapes.values()))
        elif all(tape.next >= tape.goal and not tape.held for tape in self._tapes.values()):
            self._extend()
        elif time.monotonic() - self._moved_at > _STUCK_S:
            self._explain()
        return records

    def hold(self, partitions: Collection[PartitionId]) -> None:
        """Stop reading these; does not block."""
        super().hold(partitions)
        for one in partitions:
            self._tapes[one].held = True
            self._tapes[one].waiting.clear()

    def go_on(self, partition: PartitionId, offset: int) -> None:
        """Read from ``offset`` on."""
        super().go_on(partition, offset)
        tape = self._tapes[partition]
        tape.next, tape.fetched, tape.held, tape.resting = offset, offset, False, False
        tape.waiting.clear()

    def report(self, positions: Mapping[PartitionId, int]) -> None:
        """Tell nobody: the group's positions are the live service's."""

    def _place(self) -> None:
        goals = self._goals()
        gone = []
        for one, goal in goals.items():
            low, high = self.bounds(one)
            if high < goal:
                raise _other_log(one, high, goal)
            if low:
                gone.append((one, 0, low))
            self._tapes[one] = _Tape(next=low, goal=goal, fetched=low)
        self._gone(gone)
        self._moved_at = time.monotonic()
        self._assigned(None, [TopicPartition(*one) for one in goals])
        self._placed = True

    def _fetch(self, wait_s: float) -> None:
        running = [tape for tape in self._tapes.values() if tape.runs]
        enough = running and all(tape.waiting for tape in running)
        first = self._consumer.poll(0.0 if enough else wait_s)
        for message in [first, *self._consumer.consume(_FETCH, 0.0)] if first else ():
            error = message.error()
            at_end = error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - public, named so
            if error is not None and not at_end:
                self._complain(error)
                continue
            tape = self._tapes[message.topic(), message.partition()]
            if tape.held:
                continue
            if message.offset() >= tape.goal:
                # Whatever lies before the goal came before this.
                tape.fetched = max(tape.fetched, tape.goal)
            elif message.offset() >= tape.fetched and not at_end:
                tape.waiting.append(message)
                tape.fetched = message.offset() + 1
        self._raise_if_fatal()
        for one, tape in self._tapes.items():
            if tape.lacks_the_rest:
                self._look_for_the_rest(one, tape)
        self._balance()

    def _look_for_the_rest(self, one: PartitionId, tape: _Tape) -> None:
        """Read once more what did not come before the goal, then take it for gone: clients skip records."""
        if tape.doubted != tape.next:
            tape.doubted = tape.next
            super().go_on(one, tape.next)
            tape.fetched, tape.resting = tape.next, False
            return
        # Compaction, transactions, retention.
        self._name_gone(one, tape, tape.goal)
        tape.next = tape.goal

    def _name_gone(self, one: PartitionId, tape: _Tape, until: int) -> None:
        """Tell of what retention has deleted between where a partition is and a later offset."""
        # A question would wait behind the client's own request for records, at each gap anew.
        low = self.start(one)
        low = self.bounds(one)[0] if low is None else low
        if low > tape.next:
            self._gone([(one, tape.next, min(low, until))])

    def _balance(self) -> None:
        """Let rest who is far ahead of the others or at its goal, and wake who is not any more."""
        for one, tape in self._tapes.items():
            if tape.held:
                continue
            rests = tape.fetched >= tape.goal or len(tape.waiting) >= (_AHEAD // 4 if tape.resting else _AHEAD)
            if rests and not tape.resting:
                self._consumer.pause([TopicPartition(*one)])
            elif tape.resting and not rests:
                # Not where the client is: it may have fetched beyond an earlier goal.
                super().go_on(one, tape.fetched)
            tape.resting = rests

    def _oldest(self, limit: int) -> list[Record]:
        running = [(one, tape) for one, tape in self._tapes.items() if tape.runs]
        # Without the next record of each partition nobody knows which is the oldest.
        if not all(tape.waiting for _, tape in running):
            return []
        heads = [(tape.waiting[0].timestamp()[1], one) for one, tape in running]
        heapify(heads)
        taken: list[Record] = []
        until = heads[0][0] + _SPAN_MS if heads else 0
        while heads and len(taken) < limit and heads[0][0] <= until:
            tape = self._tapes[heads[0][1]]
            record = tape.waiting.popleft()
            self._hand_over(tape, record)
            taken.append(record)
            if tape.waiting:
                heapreplace(heads, (tape.waiting[0].timestamp()[1], heads[0][1]))
            elif tape.runs:
                break
            else:
                heappop(heads)
        return taken

    def _hand_over(self, tape: _Tape, record: Record) -> None:
        offset = record.offset()
        if offset > tape.next:
            self._name_gone((record.topic(), record.partition()), tape, offset)
        tape.next, tape.reached_ms = offset + 1, record.timestamp()[1]
        self._clock.note(tape.reached_ms)

    def _extend(self) -> None:
        """Go on to where the live service is now, or end if that is near."""
        goals = self._goals()
        if sum(goal - self._tapes[one].next for one, goal in goals.items() if one in self._tapes) <= _LATE:
            self.caught_up = True
            self._done()
            return
        for one, goal in goals.items():
            if one in self._tapes:
                self._tapes[one].goal = goal

    def _explain(self) -> None:
        """Nothing came for long: the broker is gone, or it has lost what is waited for."""
        self._moved_at = time.monotonic()
        for one, tape in self._tapes.items():
            if not tape.runs or tape.waiting:
                continue
            _, high = self.bounds(one)
            if high < tape.goal:
                raise _other_log(one, high, tape.goal)


def _other_log(one: PartitionId, high: int, goal: int) -> RebuildError:
    return RebuildError(
        f"the log ends at offset {high:,}, but the service has handled all up to {goal:,}: the broker has lost records",
        where=f"{one[0]}[{one[1]}]",
        remedy="Keep the read models as they are: they know more than the log",
    )


__all__ = ["ReplayClock", "ReplaySource"]
