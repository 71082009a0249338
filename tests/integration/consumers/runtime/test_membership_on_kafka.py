from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.consumers.runtime.kafka_source import KafkaSource
from hangarstack.consumers.runtime.membership import KafkaGroup
from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Running, group_name, wait_until
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts
from tests.support.kafka import Kafka, fresh_name
from tests.support.kafka_proxy import KafkaProxy


@pytest.fixture
def proxy(kafka: Kafka) -> Iterator[KafkaProxy]:
    with KafkaProxy(kafka.bootstrap_servers) as proxy:
        yield proxy


class NamedClients(KafkaSource):
    """A member each of whose clients has a name of its own: ``client-1`` and so on."""

    def _join(self) -> None:
        self._config["client.id"] = f"client-{self._joins + 1}"
        super()._join()


@pytest.mark.parametrize("instance_id", ["", "one"])
def test_a_member_whose_client_gets_no_answer_any_more_joins_by_another_one_and_counts_on(
    settings: Settings, proxy: KafkaProxy, topic: str, engine: Engine, feed: Feed, instance_id: str
) -> None:
    settings = replace(settings, bootstrap_servers=proxy.bootstrap_servers, group_instance_id=instance_id)
    service, stop, registry = CountingService(topic, name=group_name()), threading.Event(), CollectorRegistry()
    restarts: list[None] = []
    source = NamedClients(settings, f"hangarstack.{service.name}", made_anew=lambda: restarts.append(None))
    runtime = ConsumerRuntime(settings, service, ThingDecoder(), engine, source=source, registry=registry)
    thread = threading.Thread(target=runtime.run, args=(stop,))
    thread.start()
    try:
        feed.send(topic, *[Thing(name="before").encode() for _ in range(50)])
        wait_until(lambda: counts(engine) == {"before": 50}, "all of before are counted")
        proxy.unheard.add("client-1")
        feed.send(topic, *[Thing(name="after").encode() for _ in range(50)])
        wait_until(lambda: counts(engine) == {"before": 50, "after": 50}, "all are counted", deadline_s=90)
        assert runtime.ready()[0]
        assert len(restarts) == 1
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_member_without_a_partition_is_in_its_group_and_ready(
    settings: Settings, engine: Engine, protocol: str
) -> None:
    settings = replace(settings, group_protocol=protocol)
    topic = fresh_name("topic")
    ensure(settings, [TopicSpec(name=topic, partitions=1, replication_factor=1, configs={})])
    service = CountingService(topic, name=group_name())
    with (
        Running(settings, service, ThingDecoder(), engine) as one,
        Running(settings, service, ThingDecoder(), engine) as other,
    ):
        group = KafkaGroup(settings, f"hangarstack.{service.name}")
        wait_until(lambda: len(group.members([topic])) == 2, "both are members")
        wait_until(lambda: one.runtime.ready()[0] and other.runtime.ready()[0], "both are ready", deadline_s=40)
        assert {one.runtime.ready()[1]["partitions"], other.runtime.ready()[1]["partitions"]} == {0, 1}
