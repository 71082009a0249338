from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError
from prometheus_client import CollectorRegistry, generate_latest

from hangarstack.errors import (
    DeliveryError,
    EncodeError,
    EventTooLargeError,
    RegistryUnavailableError,
    SettingsError,
    SpoolError,
    SpoolFullError,
)
from hangarstack.producers.metrics import DeliveryCollector, Sample
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from tests.support.disks import disk_of
from tests.unit.producers.fakes import CODECS, FakeClient, FakeIds, Sent, View, number_in, until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Web:
    """An event producer with fakes around it."""

    def __init__(self, settings: Settings, client: FakeClient | None = None) -> None:
        self.client = client or FakeClient(respond=lambda _: None)
        self.ids = FakeIds()
        self.producer = EventProducer(settings, "web", codecs=CODECS, ids=self.ids, client=lambda: self.client)

    def first(self) -> Sent:
        until(lambda: self.client.delivered or self.client.queue)
        return [*self.client.delivered, *self.client.queue][0]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, spool_bytes=1 << 20)


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    web = Web(settings)
    yield web
    web.producer.close(0)


def test_events_whose_stream_was_lost_stay_counted_and_are_explained(settings: Settings) -> None:
    web = Web(settings, FakeClient())
    web.producer.publish(View("f-16", 5))
    assert web.producer.close(0) == 1
    (lost,) = settings.home.glob("spool/web/streams/*.json")
    lost.write_bytes(b"")
    web = Web(settings)
    status = web.producer.status()
    assert (web.producer.spooled, status["spooled"]) == (1, 1)
    (problem,) = status["problems"] if isinstance(status["problems"], list) else []
    assert problem.startswith(f"{lost}: ")
    assert web.producer.close(0) == 1


def test_an_event_carries_its_key_its_schema_id_and_cloudevents_headers(web: Web) -> None:
    event = View("f-16", 5, event_id=uuid.UUID(int=1), occurred_at=datetime(2026, 11, 22, 10, 0, 0, 123, UTC))
    web.producer.publish(event, traceparent=TRACE)
    sent = web.first()
    assert (sent.topic, sent.key, sent.value[:5], number_in(sent.value)) == ("test.views", b"f-16", b"\0\0\0\0\7", 5)
    assert dict(sent.headers) == {
        "ce_specversion": b"1.0",
        "ce_type": b"test.View",
        "ce_source": b"/hangarstack/web",
        "content-type": b"application/avro",
        "ce_id": "00000000-0000-0000-0000-000000000001",
        "ce_time": "2026-11-22T10:00:00.000123+00:00",
        "traceparent": TRACE,
    }


@pytest.mark.parametrize(
    "traceparent",
    [None, "", "nonsense", TRACE + "\nce_id:forged", TRACE.upper(), "ff" + TRACE[2:], TRACE[:3] + "0" * 52],
)
def test_a_malformed_trace_context_is_left_out(web: Web, traceparent: str | None) -> None:
    web.producer.publish(View("f-16"), traceparent=traceparent)
    assert "traceparent" not in dict(web.first().headers)


def test_acknowledged_events_leave_the_spool(web: Web) -> None:
    for number in range(100):
        web.producer.publish(View("f-16", number))
    until(lambda: web.producer.spooled == 0)
    assert [number_in(sent.value) for sent in web.client.delivered] == list(range(100))


def test_without_broker_and_registry_events_are_accepted_and_the_next_process_sends_them(settings: Settings) -> None:
    first = Web(settings)
    first.ids.error = RegistryUnavailableError("no answer")
    for number in range(20):
        first.producer.publish(View("f-16", number, note="a" * number), traceparent=TRACE)
    assert first.producer.spooled == 20
    assert first.producer.close(0.05) == 20
    second = Web(settings)
    until(lambda: second.producer.spooled == 0)
    assert [number_in(sent.value) for sent in second.client.delivered] == list(range(20))
    assert dict(second.client.delivered[3].headers)["traceparent"] == TRACE
    assert second.producer.close(1) == 0


def test_what_was_spooled_and_what_is_new_arrive_in_order(settings: Settings) -> None:
    first = Web(settings, FakeClient())
    for number in range(10):
        first.producer.publish(View("f-16", number))
    first.producer.close(0)
    second = Web(settings)
    for number in range(10, 20):
        second.producer.publish(View("f-16", number))
    until(lambda: second.producer.spooled == 0)
    assert [number_in(sent.value) for sent in second.client.delivered] == list(range(20))
    second.producer.close(1)


def test_a_living_process_delivers_what_a_dead_sibling_left(settings: Settings) -> None:
    living, dying = Web(settings), Web(settings, FakeClient())
    dying.producer.publish(View("f-16", 1))
    dying.producer.close(0)
    until(lambda: living.client.delivered)
    assert number_in(living.first().value) == 1
    living.producer.close(0)


def test_a_value_that_does_not_fit_is_refused_before_anything_is_stored(web: Web) -> None:
    with pytest.raises(EncodeError, match=r"View\.number"):
        web.producer.publish(View("f-16", -1))
    assert web.producer.spooled == 0


def test_an_event_of_an_unknown_class_is_refused(web: Web) -> None:
    with pytest.raises(EncodeError, match="object: no codec"):
        web.producer.publish(object())


def test_an_event_larger_than_a_topic_takes_is_refused_before_acceptance(web: Web) -> None:
    with pytest.raises(EventTooLargeError, match=r"1,000,\d+ bytes, a topic takes 1,000,000"):
        web.producer.publish(View("f-16", note="x" * 1_000_000))
    assert web.producer.spooled == 0


def test_a_full_spool_refuses_and_says_so(settings: Settings) -> None:
    web = Web(replace(settings, spool_bytes=65_536), FakeClient())
    for _ in range(3):
        web.producer.publish(View("f-16", note="x" * 20_000))
    with pytest.raises(SpoolFullError):
        web.producer.publish(View("f-16", note="x" * 20_000))
    assert web.producer.spooled == 3
    web.producer.close(0)


def test_with_fsync_an_event_is_delivered_like_any_other(settings: Settings) -> None:
    web = Web(replace(settings, spool_fsync=True))
    web.producer.publish(View("f-16", 1))
    until(lambda: web.producer.spooled == 0)
    assert number_in(web.first().value) == 1
    web.producer.close(1)


def test_an_event_larger_than_the_spool_is_refused_and_counted(settings: Settings) -> None:
    web = Web(replace(settings, spool_bytes=65_536))
    with pytest.raises(SpoolFullError, match="Raise HANGARSTACK_SPOOL_BYTES"):
        web.producer.publish(View("f-16", note="x" * 70_000))
    assert Sample("events_rejected", ("View", "SpoolFullError"), 1) in list(web.producer.samples())
    web.producer.close(0)


def test_an_event_lost_to_a_mistake_of_ours_is_counted_too(web: Web) -> None:
    odd: Any = None
    with pytest.raises(AttributeError):
        web.producer.publish(View(odd))
    assert Sample("events_rejected", ("View", "AttributeError"), 1) in list(web.producer.samples())


def test_what_the_broker_refuses_for_itself_and_what_was_set_aside_are_problems_with_metrics(
    settings: Settings,
) -> None:
    (settings.home / "spool" / "web" / "aside").mkdir(parents=True)
    (settings.home / "spool" / "web" / "aside" / "old.spool").touch()
    web = Web(settings, FakeClient(respond=lambda _: KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)))
    web.producer.publish(View("f-16"))
    until(lambda: Sample("events_parked", ("View",), 1) in list(web.producer.samples()))
    figures = set(web.producer.samples())
    assert figures >= {Sample("spool_aside_files", (), 1), Sample("spool_unread_files", (), 0)}
    problems = str(web.producer.status()["problems"])
    assert "1 files are set aside" in problems
    assert "1 events are kept apart" in problems
    web.producer.close(0)


def test_a_closed_producer_refuses(web: Web) -> None:
    web.producer.close(1)
    with pytest.raises(DeliveryError, match="closed"):
        web.producer.publish(View("f-16"))
    assert web.producer.close(1) == 0


def test_closing_returns_what_stays_spooled(settings: Settings) -> None:
    web = Web(settings, FakeClient())
    web.producer.publish(View("f-16"))
    assert web.producer.close(0.05) == 1


def test_a_component_is_a_plain_name(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="component"):
        EventProducer(settings, "../web", codecs=CODECS, ids=FakeIds(), client=FakeClient)


def test_a_spool_that_cannot_be_opened_is_told_at_the_start(settings: Settings) -> None:
    (settings.home / "spool").write_text("in the way")
    with pytest.raises(SpoolError):
        Web(settings)


def test_a_disk_without_room_for_even_a_directory_refuses_events_until_there_is(
    settings: Settings, tmp_path: Path
) -> None:
    with disk_of(tmp_path / "small", files=1) as grow:
        web = Web(replace(settings, home=tmp_path / "small"))
        with pytest.raises(SpoolFullError, match="No space left"):
            web.producer.publish(View("f-16", 1))
        assert "No space left" in str(web.producer.status()["problems"])
        grow(100)
        web.producer.publish(View("f-16", 2))
        until(lambda: web.producer.spooled == 0)
        assert number_in(web.first().value) == 2
        assert web.producer.status()["problems"] == []
        web.producer.close(1)


def test_publishing_is_quick_while_nothing_can_be_sent(settings: Settings) -> None:
    web = Web(settings)
    web.ids.error = RegistryUnavailableError("no answer")
    started = time.perf_counter()
    for number in range(1_000):
        web.producer.publish(View("f-16", number))
    assert time.perf_counter() - started < 1
    web.producer.close(0)


def test_status_and_metrics_tell_what_was_accepted_refused_and_waits(settings: Settings) -> None:
    answers = [KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)]
    web = Web(settings, FakeClient(respond=lambda _: answers[0] if answers else None))
    web.client.errors["_TRANSPORT"] += 1
    web.producer.publish(View("f-16", 1))
    with pytest.raises(EncodeError):
        web.producer.publish(View("f-16", -1))
    until(lambda: web.producer.status()["problems"])
    assert web.producer.status()["spooled"] == 1
    registry, collector = CollectorRegistry(), DeliveryCollector()
    registry.register(collector)
    collector.add(web.producer)
    text = generate_latest(registry).decode()
    for line in (
        'hangarstack_events_accepted_total{component="web",event="View"} 1.0',
        'hangarstack_events_rejected_total{component="web",event="View",reason="EncodeError"} 1.0',
        'hangarstack_events_delivered_total{component="web",event="View"} 0.0',
        'hangarstack_kafka_client_errors_total{component="web",reason="_TRANSPORT"} 1.0',
        'hangarstack_spool_events{component="web"} 1.0',
        'hangarstack_spool_capacity_bytes{component="web"} 1.048576e+06',
    ):
        assert line in text, line
    assert 'hangarstack_events_refused_total{component="web",event="View",reason="TOPIC_AUTHORIZATION_FAILED"}' in text
    assert 'hangarstack_spool_oldest_seconds{component="web"}' in text
    answers.clear()
    until(lambda: web.producer.spooled == 0)
    text = generate_latest(registry).decode()
    assert 'hangarstack_events_delivered_total{component="web",event="View"} 1.0' in text
    assert 'hangarstack_delivery_seconds_count{component="web"} 1.0' in text
    assert web.producer.status() == {"spooled": 0, "oldest_s": 0.0, "problems": []}
    web.producer.close(1)


def test_producers_of_one_component_add_up_in_the_metrics(settings: Settings) -> None:
    webs = [Web(settings), Web(settings)]
    registry, collector = CollectorRegistry(), DeliveryCollector()
    registry.register(collector)
    for web in webs:
        collector.add(web.producer)
        web.producer.publish(View("f-16"))
    until(lambda: not any(web.producer.spooled for web in webs))
    text = generate_latest(registry).decode()
    assert 'hangarstack_events_accepted_total{component="web",event="View"} 2.0' in text
    assert 'hangarstack_delivery_seconds_count{component="web"} 2.0' in text
    for web in webs:
        web.producer.close(0)
