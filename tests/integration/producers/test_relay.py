from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import Engine, select, text

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.producers.outbox import append
from hangarstack.producers.relay import RELAY_LEASE
from hangarstack.settings import Settings, environment
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

    def test_the_command_ends_in_time_while_its_outbox_is_locked(self, settings: Settings, engine: Engine) -> None:
        drain_s = 2.0
        process = subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "relay"],
            env={**os.environ, **environment(replace(settings, drain_s=drain_s))},
        )
        run_file = settings.home / "run" / f"relay.{process.pid}.json"
        until(run_file.exists, 30)
        until(lambda: leads(engine))
        # By a session that is none of ours: it may hold its locks for as long as it likes.
        with psycopg.connect(settings.database_url.reveal()) as other:
            other.execute("LOCK TABLE catalogue.outbox IN ACCESS EXCLUSIVE MODE")
            with engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("NOTIFY hangarstack_outbox"))
            time.sleep(0.5)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert time.monotonic() - began < drain_s


def leads(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(select(RELAY_LEASE)).first() is not None
