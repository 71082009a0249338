"""The loop of a consumer process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import Engine

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.committer import Committer
from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.effects import Effects
from hangarstack.consumers.runtime.gaps import Doubt
from hangarstack.consumers.runtime.handler import Handler
from hangarstack.consumers.runtime.intake import Intake
from hangarstack.consumers.runtime.isolation import Isolation
from hangarstack.consumers.runtime.kafka_letters import KafkaDeadLetters
from hangarstack.consumers.runtime.kafka_source import KafkaSource
from hangarstack.consumers.runtime.latency import LatencyHistogram
from hangarstack.consumers.runtime.limit import limit_reached
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.outage import is_outage, reason
from hangarstack.consumers.runtime.pace import Pace
from hangarstack.consumers.runtime.placement import Placement
from hangarstack.consumers.runtime.ports import (
    Clock,
    DeadLetterSink,
    Decoder,
    PartitionId,
    RecordSource,
    SystemClock,
)
from hangarstack.consumers.runtime.record import Record
from hangarstack.consumers.runtime.service import Service
from hangarstack.consumers.runtime.spans import processing
from hangarstack.consumers.runtime.watch import Watch
from hangarstack.settings import Settings

_log: Final = logging.getLogger(__name__)
_IDLE_S: Final = 0.5
"""A poll waits so long for a first record; also how late a stop request may be noticed."""
_LONG_S: Final = 3.0
"""A turn of the loop that lasts longer than this is stuck in something, such as a lock that another one holds."""


def group_of(service: Service) -> str:
    """Return the consumer group of a service."""
    return f"hangarstack.{service.name}"


def _is_of(record: Record, partitions: Collection[PartitionId], doubtful: Mapping[PartitionId, Doubt]) -> bool:
    """Tell whether a record came behind a gap that is in the log, so that its turn is now."""
    one = record.topic(), record.partition()
    return one in partitions and record.offset() >= doubtful[one].expected


class ConsumerRuntime:
    """Feeds one service: each event applied once, in one transaction with its offset.

    Args:
        settings: ``dedupe_window_s``, ``dead_letter_limit``, ``drain_s`` and what Kafka's clients need.
        service: what the events do.
        decoder: bytes to events.
        engine: the service's store, with the runtime's tables in it.
        source: the group member; None: a Kafka consumer.
        sink: takes dead letters; None: ``<topic>.dlq`` in Kafka.
        clock: the time now.
        registry: where the metrics go; a second runtime in one process needs another one.
    """

    def __init__(
        self,
        settings: Settings,
        service: Service,
        decoder: Decoder,
        engine: Engine,
        *,
        source: RecordSource | None = None,
        sink: DeadLetterSink | None = None,
        clock: Clock | None = None,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._settings = settings
        self._topics = sorted({codec.topic for codec in service.codecs})
        self._clock = clock or SystemClock()
        latency = LatencyHistogram()
        self._metrics = ConsumerMetrics(self._topics, latency, registry)
        self._group = group_of(service)
        self._source = source or KafkaSource(settings, self._group, made_anew=self._metrics.client_restarts.inc)
        self._sink = sink or KafkaDeadLetters(settings, self._group)
        limit = settings.dead_letter_limit
        seen = SeenEvents(settings.dedupe_window_s)
        self._placement = Placement(engine, self._source, settings.dedupe_window_s, self._clock, self._metrics)
        self._assignment = Assignment(self._source, self._placement, self._clock, self._metrics)
        self._watch = Watch(self._assignment, self._placement, self._clock)
        self._effects = Effects(engine, service, seen, latency, self._clock)
        committer = Committer(self._effects, self._assignment, self._sink, self._clock, self._metrics)
        isolation = Isolation(committer, self._assignment, limit, self._clock)
        self._handler = Handler(committer, isolation, self._assignment, self._clock)
        self._intake = Intake(self._assignment.owned, decoder, self._group, limit, self._clock)
        self._pace = Pace()
        self._turned_at = self._clock.monotonic()

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Tell whether this member has an assignment and gets on with it; callable from any thread.

        It does not while a partition waits for an outage to pass, nor once it has not come round for three seconds.
        """
        assignment = self._assignment
        waiting, turn_s = assignment.waiting, self._clock.monotonic() - self._turned_at
        details: dict[str, object] = {
            "joined": assignment.joined,
            "partitions": len(assignment.owned),
            "waiting_for_outage": waiting,
            "outage": assignment.trouble if waiting else "",
            "busy_s": round(turn_s, 1),
        }
        return assignment.joined and not waiting and turn_s <= _LONG_S, details

    def run(self, stop: threading.Event) -> None:
        """Consume until ``stop`` is set; blocks.

        Stops between two batches, within about half a second and the time of one batch, and leaves the group.

        Raises:
            DeadLetterLimitError: too many records in a row could not be handled.
            BrokerError: Kafka has refused this member for good.
        """
        self._source.open(self._topics, self._assignment)
        try:
            while not stop.is_set():
                self._step()
        finally:
            self._finish()

    def _step(self) -> None:
        self._turned_at = self._clock.monotonic()
        self._watch.look_due()
        self._assignment.release_due()
        wait_s = self._assignment.wait_s(_IDLE_S)
        records = self._source.take(self._pace.limit, wait_s, self._pace.gather_s(self._clock.monotonic()))
        if records:
            self._handle(records)
        else:
            self._save_latency()
        self._assignment.report_due()
        self._assignment.check_topics_due()

    def _handle(self, records: Sequence[Record]) -> None:
        started = self._clock.monotonic()
        taken = self._intake.take(records)
        self._metrics.decode_time.observe(self._clock.monotonic() - started)
        self._metrics.dropped.inc(taken.dropped)
        with processing(self._group, taken.batch):
            self._handler.handle(taken.batch)
        self._assignment.keep_in_mind(taken.batch, {one: offset for one, (offset, _) in taken.stalled.items()})
        for one, (_, error) in taken.stalled.items():
            self._assignment.hold_for_outage([one], error)
        for one in taken.misplaced:
            self._assignment.misplaced(one)
        for one, gap in taken.found:
            self._assignment.found(one, gap)
        for one, (expected, came) in taken.gaps.items():
            self._placement.explain_gap(one, expected, came)
        believed = self._assignment.look_again(taken.doubtful)
        if believed:
            self._handle([record for record in records if _is_of(record, believed, taken.doubtful)])
        self._pace.note(len(records), started, self._clock.monotonic())
        for one in sorted(taken.full):
            self._stop_at_limit(one)

    def _stop_at_limit(self, full: PartitionId) -> None:
        partition = self._assignment.owned[full]
        # Fewer: the letters before it could not be committed yet, it will come again.
        if partition.dead_in_row >= self._settings.dead_letter_limit:
            raise limit_reached(full, partition.position, self._settings.dead_letter_limit)

    def _save_latency(self) -> None:
        try:
            self._effects.save_latency()
        except Exception as error:
            if not is_outage(error):
                raise
            _log.info("the latency histogram is not saved yet: %s", reason(error))

    def _finish(self) -> None:
        try:
            self._save_latency()
        finally:
            self._source.close(self._settings.drain_s)
            self._sink.close()


__all__ = ["ConsumerRuntime", "group_of"]
