from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError, Message
from structlog.testing import capture_logs

from hangarstack.producers.client import KafkaClient
from hangarstack.producers.producer import kafka_client
from hangarstack.producers.refusals import Refusal, refusal_of
from hangarstack.settings import Settings
from tests.unit.producers.fakes import until

TOPIC = "test.views"


class Reports(list[KafkaError | None]):
    """Collects what became of each record."""

    def __call__(self, error: KafkaError | None, _message: Message) -> None:
        self.append(error)


@pytest.fixture
def client(memory_settings: Settings) -> Iterator[KafkaClient]:
    client = kafka_client(memory_settings, "test")
    client.connect()
    yield client
    client.close()


def test_a_report_that_fails_does_not_end_the_reports(client: KafkaClient) -> None:
    def fail(_error: KafkaError | None, _message: Message) -> None:
        raise ZeroDivisionError("a mistake")

    reports = Reports()
    with capture_logs() as lines:
        client.produce(TOPIC, b"value", b"key", [], fail)
        until(lambda: lines)
        client.produce(TOPIC, b"value", b"key", [], reports)
        until(lambda: reports == [None])
    assert lines[0]["event"] == "delivery reports go on after an unexpected error"


def test_a_replaced_client_has_reported_every_record_and_takes_more(client: KafkaClient) -> None:
    reports = Reports()
    for _ in range(1_000):
        client.produce(TOPIC, b"value", b"key", [], reports)
    with capture_logs():
        client.replace()
    assert len(reports) == 1_000
    assert {refusal_of(error, alone=False) for error in reports if error is not None} <= {Refusal.WITHDRAWN}
    reports.clear()
    client.produce(TOPIC, b"value", b"key", [], reports)
    until(lambda: reports == [None])


def test_closing_reports_every_record_that_no_broker_took(memory_settings: Settings) -> None:
    client = kafka_client(replace(memory_settings, bootstrap_servers="127.0.0.1:1"), "test")
    client.connect()
    reports = Reports()
    for _ in range(100):
        client.produce(TOPIC, b"value", b"key", [], reports)
    with capture_logs():
        until(lambda: client.problem)
    assert sum(client.errors.values()) > 0
    client.close()
    assert [refusal_of(error, alone=False) for error in reports if error is not None] == [Refusal.WITHDRAWN] * 100


def test_a_topic_can_be_looked_up_again(client: KafkaClient) -> None:
    client.look_again(TOPIC)
