"""The fire drills, small; ``make drill`` runs all of them at full size, and those that are too long for every day."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from confluent_kafka import Producer

from drills import brokers, clocks, consumers, outages, poison, versions
from drills.account import Books
from drills.disk import small_disk
from drills.members import Member
from drills.row import Row
from drills.stage import Stage, stage
from hangarstack.broker.config import producer_config
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.settings import Settings
from tests.support.kafka import Kafka
from tests.support.kafka_cluster import KafkaCluster
from tests.support.ports import free_port
from tests.support.registry import Registry, RegistryProcess

SEED = 20_261_122


@pytest.fixture
def make(tmp_path: Path, kafka: Kafka, registry: Registry) -> Iterator[Callable[..., Stage]]:
    """Makes stages on the shared Kafka and registry; what is given replaces their settings."""
    with ExitStack() as stack:

        def make_(versions: int = 3, replicas: int = 1, **own: Any) -> Stage:
            settings = Settings(home=tmp_path, bootstrap_servers=kafka.bootstrap_servers, registry_url=registry.url)
            settings = replace(settings, session_timeout_ms=2000, log_level="warning", **own)
            made = stage(settings, seed=SEED, tell=lambda _what, _share: None, replicas=replicas, versions=versions)
            return stack.enter_context(made)

        yield make_


def assert_passed(row: Row) -> None:
    assert row.accepted > 0
    assert row.passed, row


def test_consumers_that_are_killed_lose_nothing_and_count_nothing_twice(
    make: Callable[..., Stage], store_settings: Settings
) -> None:
    made = make(home=store_settings.home, database_url=store_settings.database_url)
    assert_passed(consumers.killed(made, events=4_000, kills=2, pause_s=0.8))


def test_a_consumer_that_wakes_up_when_others_have_its_partitions_is_fenced_and_commits_nothing(
    make: Callable[..., Stage],
) -> None:
    assert_passed(consumers.frozen(make(), freezes=3, per_second=1_500))


def test_a_consumer_that_is_frozen_within_a_transaction_is_replaced_in_time(
    make: Callable[..., Stage], postgres_settings: Settings
) -> None:
    made = make(database_url=postgres_settings.database_url)
    assert_passed(consumers.frozen_in_transaction(made, freezes=1, per_second=1_000))


def test_of_two_owners_of_a_partition_one_is_fenced_at_each_step(make: Callable[..., Stage]) -> None:
    assert_passed(consumers.overtaken(make(), events=3_000, per_second=2_500))


def test_two_of_three_brokers_die_one_after_the_other_and_nothing_is_lost(
    make: Callable[..., Stage], three_kafkas: KafkaCluster
) -> None:
    made = make(replicas=3, bootstrap_servers=three_kafkas.bootstrap_servers)
    assert_passed(brokers.two_of_three_killed(made, three_kafkas, rounds=1, pause_s=0.5, per_second=800))


def test_a_broker_that_hangs_until_its_controller_fences_it_loses_nothing(
    make: Callable[..., Stage], own_kafka: EmbeddedKafka
) -> None:
    # Longer than the sessions of the members and of the broker itself, so that partitions and leaders change at once.
    made = make(bootstrap_servers=own_kafka.bootstrap_servers)
    assert_passed(brokers.frozen(made, own_kafka, away_s=10, per_second=1_000))


def test_a_database_that_is_gone_for_a_while_costs_nothing(
    make: Callable[..., Stage], postgres_settings: Settings
) -> None:
    made = make(database_url=postgres_settings.database_url)
    assert_passed(outages.database_away(made, away_s=3, per_second=1_000))


def test_a_registry_that_is_gone_after_the_start_is_not_missed(make: Callable[..., Stage], tmp_path: Path) -> None:
    with RegistryProcess(Settings(home=tmp_path / "registry", registry_port=free_port())).wait_ready() as registry:
        made = make(registry_url=registry.registry.url)
        assert_passed(outages.registry_gone(made, registry, events=3_000, per_second=1_500))


class EndingWithoutRegistry(Member):
    """A member that ends at once where its settings' registry is not."""

    def __init__(self, stage: Stage, name: str) -> None:
        super().__init__(stage, name)
        where = urlsplit(stage.settings.registry_url)
        try:
            socket.create_connection((where.hostname, where.port), 2).close()
        except OSError:
            self.process.kill()


def test_a_consumer_that_does_not_start_without_the_registry_fails_its_drill(
    make: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "Member", EndingWithoutRegistry)
    with RegistryProcess(Settings(home=tmp_path / "registry", registry_port=free_port())).wait_ready() as registry:
        made = make(registry_url=registry.registry.url)
        with pytest.raises(AssertionError, match="a member ended"):
            outages.registry_gone(made, registry, events=500, per_second=500)


def test_a_full_disk_refuses_events_and_loses_none_that_it_took(make: Callable[..., Stage], tmp_path: Path) -> None:
    with small_disk(tmp_path / "state") as mounted:
        made = make(home=tmp_path / "state", spool_bytes=1_048_576)
        assert_passed(outages.disk_full(made, mounted=mounted, full_s=1.5, per_second=1_000))


def test_every_kind_of_poison_is_set_apart_and_all_else_is_counted(make: Callable[..., Stage]) -> None:
    assert_passed(poison.poisoned(make(), events=3_000, every=100, per_second=2_000))


def test_poison_that_the_broker_does_not_take_fails_its_drill(
    make: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"bootstrap.servers": "127.0.0.1:1", "linger.ms": 0, "delivery.timeout.ms": 1}
    monkeypatch.setattr(poison, "producer_config", lambda *of: {**producer_config(*of), **nowhere})
    with pytest.raises(AssertionError, match="of 4 poison records that were due the broker took 0"):
        poison.poisoned(make(), events=400, every=100, per_second=400)


def test_a_dead_letter_that_is_written_twice_fails_its_drill(make: Callable[..., Stage]) -> None:
    made = make()
    writer = Producer(producer_config(made.settings, "test"))
    for offset in (b"7", b"8", b"8"):
        headers: list[tuple[str, str | bytes | None]] = [("dlq_partition", b"0"), ("dlq_offset", offset)]
        writer.produce(dead_letter_topic(made.topic), b"a letter", headers=headers)
    assert writer.flush(30) == 0
    [doubles] = Books(made, "letters", "three, of two records").close([]).figures
    assert str(doubles) == "written twice 1 letters (bar ≤ 0, MISSED)"


def test_clocks_that_are_set_forward_and_back_cost_nothing(make: Callable[..., Stage]) -> None:
    assert_passed(clocks.stepped(make(), events=3_000, steps=6, pause_s=0.5))


def test_a_schema_version_that_producers_write_first_is_read_by_old_and_new_consumers(
    make: Callable[..., Stage],
) -> None:
    made = make(versions=1)
    assert_passed(versions.deployed(made, order="producers first", old=1, phase_s=0.5, per_second=1_000))


def test_a_schema_version_that_consumers_read_first_finds_old_and_new_events(make: Callable[..., Stage]) -> None:
    made = make(versions=2)
    assert_passed(versions.deployed(made, order="consumers first", old=2, phase_s=0.5, per_second=1_000))
