from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import cluster_identity
from hangarstack.errors import BrokerUnavailableError, TopicError
from hangarstack.settings import Settings
from tests.support.kafka import Kafka, fresh_name


def test_the_cluster_and_its_topics_have_ids_that_stay(kafka: Kafka, kafka_settings: Settings) -> None:
    one, other = kafka.topic(), kafka.topic()
    first = cluster_identity(Admin(kafka_settings), [one, other])
    assert first.cluster_id
    assert first.topic_ids[one] != first.topic_ids[other]
    assert cluster_identity(Admin(kafka_settings), [other, one]) == first


def test_a_topic_that_is_not_there_has_no_id(kafka_settings: Settings) -> None:
    with pytest.raises(TopicError, match="cannot describe topic") as unknown:
        cluster_identity(Admin(kafka_settings), [fresh_name("topic")])
    assert "topics apply" in unknown.value.remedy


def test_an_address_where_nobody_listens_is_told_apart_in_bounded_time() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(BrokerUnavailableError, match="Connection refused") as gone:
            cluster_identity(Admin(Settings(bootstrap_servers=address), timeout_s=1), [])
    assert time.monotonic() - began < 4
    assert gone.value.where == address
    assert "HANGARSTACK_BOOTSTRAP_SERVERS" in gone.value.remedy


@pytest.mark.parametrize("ask", [lambda admin: cluster_identity(admin, []), lambda admin: admin.metadata()])
def test_nobody_waits_for_a_long_question_where_nobody_listens(ask: Callable[[Admin], object]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(BrokerUnavailableError, match="Connection refused"):
            ask(Admin(Settings(bootstrap_servers=address), timeout_s=30))
    assert time.monotonic() - began < 10


def test_a_server_that_never_answers_is_given_up_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(BrokerUnavailableError):
            cluster_identity(Admin(Settings(bootstrap_servers=address), timeout_s=1), [])
    assert time.monotonic() - began < 4
