from __future__ import annotations

from dataclasses import replace

import pytest
from confluent_kafka.admin import AdminClient
from sqlalchemy import Engine, text

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.producers.outbox import append
from hangarstack.settings import Settings
from tests.embedded.producers.relay_suite import RelaySuite
from tests.embedded.producers.updates import TOPIC, an_update, arrived, pending, running, write
from tests.support.kafka import Kafka
from tests.unit.producers.fakes import until


def with_topic(settings: Settings, kafka: Kafka) -> Settings:
    """Return settings that lead to Kafka, where the topic of the updates is new and empty."""
    settings = replace(settings, bootstrap_servers=kafka.bootstrap_servers)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    if TOPIC in admin.list_topics(timeout=10).topics:
        admin.delete_topics([TOPIC])[TOPIC].result(10)
        until(lambda: TOPIC not in admin.list_topics(timeout=10).topics)
    ensure(settings, [TopicSpec(name=TOPIC, partitions=3, replication_factor=1, configs={})])
    return settings


class TestRelayOnPostgresAndKafka(RelaySuite):
    @pytest.fixture
    def settings(self, postgres_settings: Settings, kafka: Kafka) -> Settings:
        return with_topic(postgres_settings, kafka)

    def test_an_event_that_commits_after_a_later_one_is_not_missed(self, settings: Settings, engine: Engine) -> None:
        # The first event of all also notes its stream, which a second one at the same time would wait for.
        write(engine, [("first of all", 1)])
        with running(settings):
            with engine.begin() as slow:
                append(slow, an_update("slow", 1))
                write(engine, [("quick", 1)])
                until(lambda: pending(engine) == 0)
                assert ("slow", 1) not in arrived(settings.bootstrap_servers, {("quick", 1)})
            until(lambda: pending(engine) == 0)
        arrived(settings.bootstrap_servers, {("slow", 1), ("quick", 1)})

    def test_a_relay_whose_connections_are_cut_goes_on(self, settings: Settings, engine: Engine) -> None:
        with running(settings) as relay:
            until(lambda: relay.status()[1]["state"] == "leading")
            with engine.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            until(lambda: relay.status()[1]["state"] == "without database")
            write(engine, [("f-16", 1)])
            until(lambda: pending(engine) == 0)
            assert relay.status()[1]["state"] == "leading"
