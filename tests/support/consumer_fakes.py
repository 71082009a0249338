"""Fakes of the consumer runtime's ports, and a bench that puts a runtime on them, step by step."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from hangarstack.broker.cluster import ClusterIdentity
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.ports import PartitionId, RebalanceListener
from hangarstack.consumers.runtime.record import Headers, Record
from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.errors import BrokerError, BrokerUnavailableError
from hangarstack.settings import Settings
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts, handled, open_counts, totals

TOPIC = "things"
START = 1_800_000_000.0
"""When a manual clock begins, and when a record was written unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeRecord:
    """A record as the client would hand it over."""

    topic_: str
    partition_: int
    offset_: int
    value_: bytes | None
    headers_: Headers | None = None
    timestamp_ms: int = int(START * 1000)

    def topic(self) -> str:
        return self.topic_

    def partition(self) -> int:
        return self.partition_

    def offset(self) -> int:
        return self.offset_

    def timestamp(self) -> tuple[int, int]:
        return 1, self.timestamp_ms

    def key(self) -> bytes | None:
        return b"key"

    def value(self) -> bytes | None:
        return self.value_

    def headers(self) -> Headers | None:
        return self.headers_


class ManualClock:
    """Time goes on when told to."""

    def __init__(self) -> None:
        self.now = START

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Log:
    """Partitions of records, shared by the members of a group."""

    def __init__(self) -> None:
        self.records: defaultdict[PartitionId, list[FakeRecord]] = defaultdict(list)
        self.low: defaultdict[PartitionId, int] = defaultdict(int)
        self.topic_ids = {TOPIC: "first-topic"}

    def append(
        self,
        value: bytes | Thing | None,
        *,
        partition: int = 0,
        headers: Headers | None = None,
        written: float = START,
    ) -> None:
        one = TOPIC, partition
        record = FakeRecord(
            topic_=TOPIC,
            partition_=partition,
            offset_=self.end(one),
            value_=value.encode() if isinstance(value, Thing) else value,
            headers_=headers,
            timestamp_ms=int(written * 1000),
        )
        self.records[one].append(record)

    def end(self, one: PartitionId) -> int:
        records = self.records[one]
        return records[-1].offset() + 1 if records else self.low[one]

    def delete_before(self, offset: int, *, partition: int = 0) -> None:
        one = TOPIC, partition
        self.records[one] = [record for record in self.records[one] if record.offset() >= offset]
        self.low[one] = offset

    def cut_back(self, end: int, *, partition: int = 0) -> None:
        one = TOPIC, partition
        self.records[one] = [record for record in self.records[one] if record.offset() < end]

    def make_anew(self) -> None:
        self.records.clear()
        self.low.clear()
        self.topic_ids[TOPIC] += "-again"


class FakeSource:
    """A group member whose rebalances are ordered by the test."""

    def __init__(self, log: Log, clock: ManualClock) -> None:
        self.log = log
        self.clock = clock
        self.positions: dict[PartitionId, int] = {}
        self.paused: set[PartitionId] = set()
        self.reported: list[dict[PartitionId, int]] = []
        self.stray: list[Record] = []
        """Handed over with the next records, whoever owns them."""
        self.broker_is_away = False
        self.closed = False
        self.ends_asked = 0
        self._fetched: dict[PartitionId, int] = {}
        self._served: dict[PartitionId, int] = {}
        self._takes = 0
        self._listener: RebalanceListener
        self._orders: deque[Callable[[], None]] = deque()

    def assign(self, *partitions: int) -> None:
        self._orders.append(lambda: self._assigned([(TOPIC, number) for number in partitions]))

    def revoke(self, *partitions: int) -> None:
        self._orders.append(lambda: self._gone([(TOPIC, number) for number in partitions], lost=False))

    def lose(self, *partitions: int) -> None:
        self._orders.append(lambda: self._gone([(TOPIC, number) for number in partitions], lost=True))

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        assert topics == [TOPIC]
        self._listener = listener

    def take(self, limit: int, wait_s: float, gather_s: float) -> Sequence[Record]:
        while self._orders:
            self._orders.popleft()()
        found: list[Record] = [*self.stray]
        self.stray.clear()
        # By turns, as a client does: what was served comes last the next time.
        for one in sorted(self.positions, key=lambda one: self._served.get(one, 0)):
            position = self.positions[one]
            if one in self.paused:
                continue
            if not self.log.low[one] <= position <= self.log.end(one):
                position = self.log.low[one]
            ready = [r for r in self.log.records[one] if r.offset() >= position][: limit - len(found)]
            found += ready
            self._takes += 1
            self._served[one] = self._takes if ready else 0
            self.positions[one] = ready[-1].offset() + 1 if ready else position
        self.clock.now += gather_s if found else wait_s
        return found

    def hold(self, partitions: Collection[PartitionId]) -> None:
        self.paused.update(partitions)

    def go_on(self, partition: PartitionId, offset: int) -> None:
        self.positions[partition] = offset
        self.paused.discard(partition)

    def report(self, positions: Mapping[PartitionId, int]) -> None:
        self.reported.append(dict(positions))

    def identity(self, topics: Collection[str]) -> ClusterIdentity:
        self._require_broker()
        return ClusterIdentity("cluster", {topic: self.log.topic_ids[topic] for topic in topics})

    def bounds(self, partition: PartitionId) -> tuple[int, int]:
        self._require_broker()
        return self.log.low[partition], self.log.end(partition)

    def offsets(self, partition: PartitionId, first: int, last: int) -> Sequence[int]:
        self._require_broker()
        return [r.offset() for r in self.log.records[partition] if first <= r.offset() <= last]

    def offset_since(self, partition: PartitionId, timestamp_ms: int) -> int | None:
        self._require_broker()
        found = [r.offset() for r in self.log.records[partition] if r.timestamp_ms >= timestamp_ms]
        return min(found, default=None)

    def end(self, partition: PartitionId) -> int | None:
        # As of the last fetch, and what is paused is not fetched.
        if partition not in self.paused:
            self._fetched[partition] = self.log.end(partition)
        return self._fetched.get(partition)

    def start(self, partition: PartitionId) -> int | None:
        return None if self.broker_is_away else self.log.low[partition]

    def ask_end(self, partition: PartitionId) -> int | None:
        self.ends_asked += 1
        return None if self.broker_is_away else self.log.end(partition)

    def close(self, timeout_s: float) -> None:  # noqa: ARG002 - the signature is the port's
        self._gone(list(self.positions), lost=False)
        self.closed = True

    def _assigned(self, partitions: list[PartitionId]) -> None:
        starts = self._listener.assigned(partitions)
        assert starts.keys() == set(partitions)
        for one, start in starts.items():
            self.positions[one] = self.log.end(one) if start is None else start
            self.paused.discard(one)
            if start is None:
                self.paused.add(one)

    def _gone(self, partitions: list[PartitionId], *, lost: bool) -> None:
        (self._listener.lost if lost else self._listener.revoked)(partitions)
        for one in partitions:
            del self.positions[one]
            self.paused.discard(one)

    def _require_broker(self) -> None:
        if self.broker_is_away:
            raise BrokerUnavailableError("away")


class FakeLetters:
    """Keeps dead letters; can refuse them."""

    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []
        self.refuses_after: int | None = None
        """Takes so many of the letters that are sent together, and refuses the rest."""
        self.refuses: set[int] = set()
        """Refuses letters of these partitions, after the others were taken."""
        self.refused = 0
        self.closed = False

    def send(self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        for index, letter in enumerate(letters):
            if self.refuses_after is not None and index >= self.refuses_after:
                raise BrokerError("refused")
            if letter.partition in self.refuses:
                continue
            self.kept.append(letter)
            acknowledged(letter)
        if any(letter.partition in self.refuses for letter in letters):
            self.refused += 1
            raise BrokerError("refused")

    def close(self) -> None:
        self.closed = True


class Bench:
    """A runtime on fakes and a SQLite file; other members of its group are benches on the same log and store."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self.settings = settings
        self.clock = ManualClock()
        self.log = log
        self.source = FakeSource(self.log, self.clock)
        self.letters = FakeLetters()
        self.service = CountingService(TOPIC)
        self.decoder = ThingDecoder()
        self.engine: Engine = open_counts(self.settings)
        self.registry = CollectorRegistry()
        self.runtime = ConsumerRuntime(
            self.settings,
            self.service,
            self.decoder,
            self.engine,
            source=self.source,
            sink=self.letters,
            clock=self.clock,
            registry=self.registry,
        )
        self.source.open([TOPIC], self.runtime._assignment)

    def steps(self, count: int = 1) -> None:
        """Go round the loop so many times; a poll that finds nothing takes its whole time."""
        for _ in range(count):
            self.runtime._step()

    def pass_time(self, seconds: float) -> None:
        """Go round the loop until so many seconds have passed."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.steps()

    @property
    def counts(self) -> dict[str, int]:
        return counts(self.engine)

    @property
    def totals(self) -> tuple[int, int]:
        return totals(self.engine)

    @property
    def handled(self) -> int:
        return handled(self.engine)

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value; 0 when it was never touched."""
        return self.registry.get_sample_value(f"hangarstack_consumer_{name}", labels) or 0.0

    def lag(self, partition: int) -> float | None:
        """Return the lag that is shown of a partition."""
        labels = {"topic": TOPIC, "partition": str(partition)}
        return self.registry.get_sample_value("hangarstack_consumer_lag", labels)

    def close(self) -> None:
        self.engine.dispose()
