from __future__ import annotations

import time
from dataclasses import replace

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ConfigChange, PartitionChange, Plan, apply, ensure, plan
from hangarstack.errors import TopicError
from hangarstack.settings import Settings
from tests.integration.broker.clients import spec
from tests.support.kafka import fresh_name


@pytest.fixture
def admin(kafka_settings: Settings) -> Admin:
    return Admin(kafka_settings)


@pytest.fixture
def wanted() -> TopicSpec:
    return spec(
        fresh_name("topic"),
        partitions=2,
        retention_ms="123456",
        compression_type="lz4",
        min_insync_replicas="1",
        max_message_bytes="54321",
        cleanup_policy="compact,delete",
    )


def test_a_missing_topic_is_created_as_specified_and_then_nothing_is_left_to_do(
    admin: Admin, wanted: TopicSpec
) -> None:
    changes = plan(admin, [wanted])
    assert changes == Plan(create=(wanted,))
    apply(admin, changes)
    assert plan(admin, [wanted]) == Plan()


def test_applying_the_same_plan_twice_is_harmless(admin: Admin, wanted: TopicSpec) -> None:
    changes = plan(admin, [wanted])
    apply(admin, changes)
    apply(admin, changes)
    assert plan(admin, [wanted]) == Plan()


def test_values_that_drifted_are_set_back_and_others_left_alone(
    admin: Admin, wanted: TopicSpec, kafka_settings: Settings
) -> None:
    by_hand = {**wanted.configs, "retention.ms": "999", "segment.bytes": "2097152"}
    ensure(kafka_settings, [replace(wanted, configs=by_hand)])
    changes = plan(admin, [wanted])
    assert changes == Plan(
        configure=(ConfigChange(topic=wanted.name, key="retention.ms", current="999", wanted="123456"),)
    )
    apply(admin, changes)
    _wait_until_nothing_is_left(admin, replace(wanted, configs={**by_hand, "retention.ms": "123456"}))


def test_partitions_are_added_only_when_asked(admin: Admin, wanted: TopicSpec, kafka_settings: Settings) -> None:
    ensure(kafka_settings, [wanted])
    more = replace(wanted, partitions=3)
    growth = Plan(grow=(PartitionChange(topic=wanted.name, current=2, wanted=3),))
    assert ensure(kafka_settings, [more]) == growth
    assert plan(admin, [more]) == growth
    apply(admin, growth, grow=True)
    _wait_until_nothing_is_left(admin, more)


def test_partitions_are_never_taken_away(admin: Admin, wanted: TopicSpec, kafka_settings: Settings) -> None:
    ensure(kafka_settings, [wanted])
    fewer = replace(wanted, partitions=1)
    kept = Plan(keep=(PartitionChange(topic=wanted.name, current=2, wanted=1),))
    assert ensure(kafka_settings, [fewer]) == kept
    assert plan(admin, [fewer]) == kept


def test_a_value_that_kafka_refuses_is_an_error_with_its_words(admin: Admin, wanted: TopicSpec) -> None:
    wrong = replace(wanted, configs={"retention.ms": "soon"})
    with pytest.raises(TopicError, match=r"retention\.ms"):
        apply(admin, plan(admin, [wrong]))


def test_more_replicas_than_brokers_name_the_setting(admin: Admin, wanted: TopicSpec) -> None:
    wrong = replace(wanted, replication_factor=3)
    with pytest.raises(TopicError) as refused:
        apply(admin, plan(admin, [wrong]))
    assert "HANGARSTACK_REPLICATION_FACTOR" in refused.value.remedy


def _wait_until_nothing_is_left(admin: Admin, wanted: TopicSpec) -> None:
    # Brokers hear of a change a moment after the controller has made it.
    deadline = time.monotonic() + 10
    while (changes := plan(admin, [wanted])) != Plan():
        assert time.monotonic() < deadline, changes
        time.sleep(0.05)
