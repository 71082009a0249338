from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.producers.outbox import append
from hangarstack.settings import Settings
from tests.embedded.producers.relay_suite import RelaySuite
from tests.embedded.producers.updates import TOPIC, an_update, arrived, pending, running, write
from tests.support.kafka import Kafka
from tests.unit.producers.fakes import until


class TestRelayOnPostgresAndKafka(RelaySuite):
    @pytest.fixture
    def settings(self, postgres_settings: Settings, kafka: Kafka) -> Settings:
        settings = replace(postgres_settings, bootstrap_servers=kafka.bootstrap_servers)
        ensure(settings, [TopicSpec(name=TOPIC, partitions=3, replication_factor=1, configs={})])
        return settings

    def test_an_event_that_commits_after_a_later_one_is_not_missed(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        # The first event of all also notes its stream, which a second one at the same time would wait for.
        write(engine, [(f"{aircraft}-first", 1)])
        with running(settings):
            with engine.begin() as slow:
                append(slow, an_update(f"{aircraft}-slow", 1))
                write(engine, [(f"{aircraft}-quick", 1)])
                until(lambda: pending(engine) == 0)
            until(lambda: pending(engine) == 0)
        arrived(settings.bootstrap_servers, {(f"{aircraft}-slow", 1), (f"{aircraft}-quick", 1)})

    def test_a_relay_whose_connections_are_cut_goes_on(self, settings: Settings, engine: Engine, aircraft: str) -> None:
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
            write(engine, [(aircraft, 1)])
            until(lambda: pending(engine) == 0)
            assert relay.status()[1]["state"] == "leading"
