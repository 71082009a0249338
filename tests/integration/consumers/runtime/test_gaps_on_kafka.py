from __future__ import annotations

import threading
from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from hangarstack.consumers.runtime.kafka_source import KafkaSource
from hangarstack.consumers.runtime.ports import RebalanceListener
from hangarstack.consumers.runtime.replay import ReplayClock, ReplaySource
from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Skipping, group_name, wait_until
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts

RECORDS = 500


class SkippingSource(KafkaSource):
    """A member whose client loses some records that it has fetched."""

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        super().open(topics, listener)
        self._consumer = Skipping(self._consumer, 30)


class SkippingReplay(ReplaySource):
    """A replay whose client loses some records that it has fetched."""

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        super().open(topics, listener)
        self._consumer = Skipping(self._consumer, 30)


def filled(feed: Feed, topic: str) -> dict[str, int]:
    feed.send(topic, *(Thing(name=f"thing {number}").encode() for number in range(RECORDS)), partition=1)
    return {f"thing {number}": 1 for number in range(RECORDS)}


def test_what_a_members_client_loses_is_read_all_the_same(
    settings: Settings, topic: str, engine: Engine, feed: Feed
) -> None:
    expected = filled(feed, topic)
    service, registry, stop = CountingService(topic, name=group_name()), CollectorRegistry(), threading.Event()
    source = SkippingSource(settings, f"hangarstack.{service.name}")
    runtime = ConsumerRuntime(settings, service, ThingDecoder(), engine, source=source, registry=registry)
    thread = threading.Thread(target=runtime.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: counts(engine) == expected, "all are counted")
    finally:
        stop.set()
        thread.join()
    assert registry.get_sample_value("hangarstack_consumer_skipped_records_total", {"topic": topic}) == 30


def test_what_a_replays_client_loses_is_read_all_the_same(
    settings: Settings, topic: str, engine: Engine, feed: Feed
) -> None:
    expected = filled(feed, topic)
    service, registry, stop = CountingService(topic, name=group_name()), CollectorRegistry(), threading.Event()
    source = SkippingReplay(
        settings,
        f"hangarstack.{service.name}.rebuild",
        goals=lambda: {(topic, 1): RECORDS},
        gone=lambda _spans: None,
        clock=ReplayClock(),
        show=lambda _done, _total: None,
        done=stop.set,
    )
    ConsumerRuntime(settings, service, ThingDecoder(), engine, source=source, registry=registry).run(stop)
    assert counts(engine) == expected
    assert registry.get_sample_value("hangarstack_consumer_skipped_records_total", {"topic": topic}) == 30
