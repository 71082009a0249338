from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from confluent_kafka import Consumer, TopicPartition
from sqlalchemy import Engine, delete

from hangarstack.broker.config import client_config
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.deadletters.desk import REPLAY, Desk
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.deadletters.repairing import Order
from hangarstack.deadletters.selection import Selection
from hangarstack.deadletters.tables import REPAIR_LEASE
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings, environment
from hangarstack.store.engine import open_store
from tests.support.consumer_runs import Feed, Running, group_name, wait_until
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts, totals
from tests.support.deadletter_suite import ME, DeadLetterSuite
from tests.support.kafka import Kafka

LETTERS = 3000


class TestOnKafka(DeadLetterSuite):
    @pytest.fixture
    def settings(self, kafka_settings: Settings) -> Settings:
        return kafka_settings

    @pytest.fixture
    def topic(self, kafka: Kafka, settings: Settings) -> str:
        name = kafka.topic(partitions=2)
        beside = [f"{name}.dlq", f"{name}.dlq.quarantine"]
        ensure(settings, [TopicSpec(name=one, partitions=1, replication_factor=1, configs={}) for one in beside])
        return name

    def test_a_replay_killed_in_the_middle_and_run_again_loses_nothing_and_counts_nothing_twice(
        self, settings: Settings, topic: str, engine: Engine, desk: Desk
    ) -> None:
        service = CountingService(topic, name=group_name())
        letters = [Thing(name="thing").encode() for _ in range(LETTERS)]
        Feed(settings).send(f"{topic}.dlq", *letters, headers=[("dlq_group", f"hangarstack.{service.name}".encode())])
        replay = _replay(settings, topic)
        # Two steps at least are published, and not all.
        wait_until(lambda: _published(settings, topic) >= 400, "the replay is under way")
        replay.kill()
        replay.communicate()
        chosen = Selection(topics=(topic,))
        left = desk.browse(chosen, limit=1, handled=False, within_s=10).waiting[f"{topic}.dlq"]
        assert 0 < left < LETTERS
        refused = _replay(settings, topic)
        assert b"is replaying or dropping" in refused.communicate(timeout=30)[1]
        assert refused.returncode == 2
        _let_the_lease_end(settings)
        again = _replay(settings, topic)
        assert f"{left} replayed".encode() in again.communicate(timeout=60)[0]
        assert again.returncode == 0
        assert _published(settings, topic) >= LETTERS
        with Running(settings, service, ThingDecoder(), engine):
            wait_until(lambda: totals(engine)[0] >= LETTERS, "all are counted")
            time.sleep(0.2)
        assert totals(engine) == (LETTERS, 0)
        assert counts(engine) == {"thing": LETTERS}
        assert [repair.ended is None for repair in desk.repairs(5)] == [False, True]

    def test_positions_are_kept_whatever_the_protocol_of_the_services_groups(
        self, settings: Settings, topic: str, desk: Desk
    ) -> None:
        newer = replace(settings, group_protocol="consumer")
        Feed(settings).send(f"{topic}.dlq", b"one", b"two")
        store = open_store(settings, "dead_letters")
        chosen = Selection(topics=(topic,))
        report = Desk(newer, store).carry_out(REPLAY, Order(selection=chosen, actor=ME, most=1, dry_run=False))
        store.dispose()
        assert len(report.fates) == 1
        with KafkaLetterSource(newer) as source:
            assert [(log.position, log.end) for log in source.logs([f"{topic}.dlq"])] == [(1, 2)]
        assert [one.letter.value for one in desk.browse(chosen, limit=9, handled=False, within_s=9).letters] == [b"two"]

    def test_a_position_that_kafka_does_not_take_is_an_error(self, settings: Settings) -> None:
        with KafkaLetterSource(settings) as source, pytest.raises(BrokerError):
            source.commit({(f"{group_name()}.dlq", 0): 1})

    def test_a_position_behind_the_end_is_that_of_an_older_log_and_hides_no_letter(
        self, settings: Settings, topic: str, desk: Desk
    ) -> None:
        Feed(settings).send(f"{topic}.dlq", b"one", b"two")
        with KafkaLetterSource(settings) as source:
            source.commit({(f"{topic}.dlq", 0): 7})
        found = desk.browse(Selection(topics=(topic,)), limit=9, handled=False, within_s=9)
        assert [one.letter.value for one in found.letters] == [b"one", b"two"]
        assert found.waiting == {f"{topic}.dlq": 2}


def _replay(settings: Settings, topic: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hangarstack", "dlq", "replay", "--topic", topic, "--max", "100000"],
        env={**os.environ, **environment(settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _published(settings: Settings, topic: str) -> int:
    asking = Consumer({**client_config(settings), "group.id": "asking"})
    try:
        return sum(asking.get_watermark_offsets(TopicPartition(topic, number), timeout=5)[1] for number in range(2))
    finally:
        asking.close()


def _let_the_lease_end(settings: Settings) -> None:
    store = open_store(settings, "dead_letters")
    with store.begin() as tx:
        tx.execute(delete(REPAIR_LEASE))
    store.dispose()
