"""Building a service's read models anew from its topics, beside the live ones, while the service goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, Engine, select

from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.offsets import OffsetKey
from hangarstack.consumers.runtime.ports import Decoder, PartitionId
from hangarstack.consumers.runtime.replay import ReplayClock, ReplaySource
from hangarstack.consumers.runtime.replayed_letters import ReplayedLetters
from hangarstack.consumers.runtime.runtime import ConsumerRuntime, group_of
from hangarstack.consumers.runtime.service import Service
from hangarstack.consumers.runtime.standing import read_standing
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS, DEAD_LETTERS, EVENT_LATENCY, WRITTEN_LETTERS
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.errors import RebuildError
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import reading, store_name
from hangarstack.store.migrations import migrate
from hangarstack.store.shadow import shadow_of, swap

_KEPT: Final = frozenset({EVENT_LATENCY.name, WRITTEN_LETTERS.name})
"""What the live service has measured, which no topic tells, and what it has written, which stands."""
_EVER_S: Final = 2**40
_IDS_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What was done.

    Args:
        records: how many were read.
        dead: how many of them cannot be handled; as many as before, or fewer.
        missing: what could not be read any more, a line each.
    """

    records: int
    dead: int
    missing: tuple[str, ...]


def rebuild(
    settings: Settings,
    service: Service,
    decoder: Decoder,
    stop: threading.Event,
    *,
    partly: bool = False,
    show: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rebuilt:
    """Replay the service's topics into a shadow of its store, then put that in the store's place; blocks.

    The live service goes on meanwhile. Offsets and the ids of seen events are swapped with the read models, so that
    a member whose transaction comes after the swap is fenced and goes on where the new set ends. The replay never
    reads what the live service has not handled, so each dead letter stands already and none is written.

    Killed at any moment it leaves the old set or the new one; what is left of a shadow is discarded by the next.

    Args:
        settings: of the service.
        service: what the events do.
        decoder: bytes to events.
        stop: asks it to give up, and is set at the end.
        partly: go on without records that are gone, instead of raising.
        show: told, after each batch, how many records are read, and how many are to be.

    Raises:
        RebuildError: records are gone, or events that were counted cannot be handled now, or it was stopped; nothing
            is changed.
        AlreadyRunningError: this service is being rebuilt by another process.
        BrokerError: Kafka does not answer.
        StoreError: the store does not answer.
    """
    migrate(settings, [service.owner])
    live = open_store(settings, service.owner)
    try:
        with shadow_of(settings, service.owner) as shadow:
            replay = _Replay(settings, service, live, partly=partly)
            replay.run(decoder, shadow, stop, show)
            swap(settings, service.owner, fence=CONSUMER_OFFSETS.name, keep=_KEPT, check=replay.check)
            return replay.result()
    finally:
        live.dispose()


class _Replay:
    """One replay: what it must reach, and what was found missing or dead on the way."""

    def __init__(self, settings: Settings, service: Service, live: Engine, *, partly: bool) -> None:
        self._settings = settings
        self._service = service
        self._topics = sorted({codec.topic for codec in service.codecs})
        self._live = live
        self._partly = partly
        self._missing: list[str] = []
        self._letters = ReplayedLetters()
        self._source: ReplaySource

    def run(self, decoder: Decoder, shadow: Engine, stop: threading.Event, show: Callable[[int, int], None]) -> None:
        """Fill the shadow until it is where the live service is."""
        clock = ReplayClock()
        group = f"{group_of(self._service)}.rebuild"
        self._source = ReplaySource(
            self._settings, group, goals=self._goals, gone=self._gone, clock=clock, show=show, done=stop.set
        )
        # A record replayed from the dead letters may come long after the one that can be handled by now.
        remembering = replace(self._settings, dedupe_window_s=_EVER_S)
        ConsumerRuntime(
            remembering,
            self._service,
            decoder,
            shadow,
            source=self._source,
            sink=self._letters,
            clock=clock,
            registry=CollectorRegistry(),
        ).run(stop)
        if not self._source.caught_up:
            raise RebuildError("stopped before the end: the read models are as they were", where=self._service.name)
        with reading(self._live) as connection:
            written = _dead(connection)
        # Read after the number of them, so that none is missing of what was counted.
        with KafkaLetterSource(self._settings) as source:
            standing = read_standing(source, decoder, self._topics, group_of(self._service))
        self._letters.refuse_new(standing, written, service=self._service.name)
        seen = SeenEvents(self._settings.dedupe_window_s)
        with shadow.begin() as tx:
            for first in range(0, len(standing.event_ids), _IDS_AT_ONCE):
                # Replayed ever so late, they are known.
                seen.keep(tx, standing.event_ids[first : first + _IDS_AT_ONCE])
            seen.trim(tx, self._source.reached)

    def check(self, live: Connection, shadow: Connection) -> None:
        """Raise unless the shadow may take the place of the live tables."""
        there, here = _positions(live), _positions(shadow)
        ahead = [key for key, offset in here.items() if offset > there.get(key, -1)]
        # Without the beginning, a log may begin behind where the service is.
        if ahead and not self._partly:
            raise RebuildError(
                "the service went back, or its topic was made anew, while it was rebuilt",
                where=self._service.name,
                remedy="Run it again",
            )

    def result(self) -> Rebuilt:
        """Return what was done."""
        return Rebuilt(records=self._source.records, dead=self._letters.count, missing=tuple(self._missing))

    def _goals(self) -> Mapping[PartitionId, int]:
        identity = self._source.identity(self._topics)
        goals: dict[PartitionId, int] = {}
        former = set()
        with reading(self._live) as connection:
            rows = connection.execute(select(CONSUMER_OFFSETS)).all()
        for row in rows:
            if row.next_offset <= 0:
                continue
            if (row.cluster_id, row.topic_id) == (identity.cluster_id, identity.topic_ids.get(row.topic)):
                goals[row.topic, row.partition] = row.next_offset
            else:
                former.add(f"{row.topic}: all that an earlier topic of this name held (id {row.topic_id})")
        if not rows:
            raise RebuildError(
                "no member of the service has begun to read into this store",
                where=store_name(self._live),
                remedy="Set HANGARSTACK_HOME or HANGARSTACK_DATABASE_URL as the service has it, or let it run first",
            )
        self._missing = [*sorted(former), *(line for line in self._missing if line not in former)]
        return goals

    def _gone(self, spans: Sequence[tuple[PartitionId, int, int]]) -> None:
        self._missing += [f"{topic}[{number}]: offsets {a:,} to {b - 1:,}" for (topic, number), a, b in spans]
        if self._missing and not self._partly:
            raise RebuildError(
                f"Kafka does not hold all that was counted any more. Gone are: {'; '.join(self._missing)}",
                where=self._service.name,
                remedy="Keep the read models, or begin them with what is left: --partly",
            )


def _positions(connection: Connection) -> dict[OffsetKey, int]:
    columns = CONSUMER_OFFSETS.c
    query = select(columns.cluster_id, columns.topic_id, columns.partition, columns.next_offset)
    return {OffsetKey(*key): offset for *key, offset in connection.execute(query)}


def _dead(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(select(DEAD_LETTERS.c.topic, DEAD_LETTERS.c.total)).all())


__all__ = ["Rebuilt", "rebuild"]
