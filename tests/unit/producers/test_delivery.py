from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import KafkaError
from structlog.testing import capture_logs

from hangarstack.errors import RegistryUnavailableError, SpoolError
from hangarstack.producers.delivery import LEAST_S, Delivery
from hangarstack.producers.lanes import IN_FLIGHT, Lane
from tests.unit.producers.fakes import FakeClient, FakeIds, MemoryJournal, not_registered, until
from tests.unit.producers.samples import VIEWS


class Bench:
    """A delivery with fakes around it."""

    def __init__(self, client: FakeClient | None = None) -> None:
        self.client = client or FakeClient()
        self.journal = MemoryJournal()
        self.ids = FakeIds()
        self.delivery = Delivery(self.client, self.journal, self.ids)
        self.delivery.start()

    @property
    def lane(self) -> Lane:
        return self.delivery.lane(VIEWS)

    def offer(self, *values: bytes) -> None:
        for value in values:
            with self.delivery.lock:
                token = self.journal.add(value)
                record = self.journal.read(token)
                self.delivery.send(self.lane, token, record.key, record.headers, record.body)

    def queued(self) -> list[bytes]:
        return [sent.value[5:] for sent in self.client.queue]

    def delivered(self) -> list[bytes]:
        return [sent.value[5:] for sent in self.client.delivered]

    def open(self) -> None:
        self.offer(b"first")
        until(lambda: self.queued() == [b"first"])
        self.client.answer()
        self.client.delivered.clear()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.delivery.close(0)


def test_a_record_is_framed_keyed_and_released_by_its_acknowledgement(bench: Bench) -> None:
    bench.offer(b"body")
    until(lambda: bench.client.queue)
    sent = bench.client.queue[0]
    assert (sent.topic, sent.key, sent.value) == ("test.views", b"key", b"\x00\x00\x00\x00\x07body")
    assert sent.headers == [*VIEWS.headers, ("ce_id", "1")]
    assert bench.journal.records
    bench.client.answer()
    assert not bench.journal.records
    assert bench.lane.delivered == 1


def test_an_open_lane_hands_over_on_the_caller_s_thread(bench: Bench) -> None:
    bench.open()
    bench.offer(b"now")
    assert bench.queued() == [b"now"]


def test_the_registry_is_asked_once_for_each_stream(bench: Bench) -> None:
    bench.open()
    bench.offer(b"a", b"b")
    assert bench.ids.asked == [(VIEWS.subject, VIEWS.schema)]


def test_records_wait_in_order_while_the_registry_is_gone(bench: Bench) -> None:
    bench.ids.error = RegistryUnavailableError("no answer", where="http://registry")
    bench.offer(b"1", b"2", b"3")
    until(lambda: bench.lane.failures >= 2)
    assert bench.delivery.problems() == ["test.views: http://registry: no answer"]
    assert bench.queued() == []
    bench.ids.error = None
    until(lambda: len(bench.client.queue) == 3)
    assert bench.queued() == [b"1", b"2", b"3"]
    bench.client.answer()
    assert bench.delivery.problems() == []


def test_a_schema_that_is_registered_late_is_found(bench: Bench) -> None:
    bench.ids.error = not_registered()
    bench.offer(b"1")
    until(lambda: bench.lane.refused["SchemaNotFoundError"] == 2)
    bench.ids.error = None
    until(lambda: bench.queued() == [b"1"])


def test_a_full_queue_is_refilled_in_order(bench: Bench) -> None:
    bench.open()
    bench.client.room = 3
    bench.offer(*(b"%d" % number for number in range(10)))
    assert bench.queued() == [b"0", b"1", b"2"]
    while bench.journal.records:
        until(lambda: bench.client.queue)
        bench.client.answer()
    assert bench.delivered() == [b"%d" % number for number in range(10)]


def test_one_stream_does_not_take_all_the_room(bench: Bench) -> None:
    bench.open()
    bench.offer(*(b"%d" % number for number in range(IN_FLIGHT + 5)))
    assert len(bench.client.queue) == IN_FLIGHT
    bench.client.answer(count=IN_FLIGHT // 2)
    until(lambda: len(bench.client.queue) == IN_FLIGHT // 2 + 5)


def test_what_a_topic_refuses_is_tried_again_in_order(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2", b"3")
    with capture_logs() as lines:
        bench.client.answer(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert [line["event"] for line in lines] == ["topic refuses records; they stay spooled and are tried again"]
    bench.offer(b"4")
    until(lambda: bench.queued() == [b"1"])
    for waiting in ([b"2", b"3"], [b"4"], []):
        bench.client.answer()
        until(lambda waiting=waiting: bench.queued() == waiting)  # type: ignore[misc]  # mypy infers no default
    assert bench.delivered() == [b"1", b"2", b"3", b"4"]
    assert bench.lane.refused == {"TOPIC_AUTHORIZATION_FAILED": 3}
    assert bench.lane.retried == 3


def test_an_unknown_topic_is_looked_at_again_before_the_next_try(bench: Bench) -> None:
    bench.open()
    bench.client.refuse_at_once = KafkaError(KafkaError._UNKNOWN_TOPIC)
    bench.offer(b"1")
    until(lambda: bench.client.looked_at)
    bench.client.refuse_at_once = None
    until(lambda: bench.queued() == [b"1"])


def test_a_record_refused_for_itself_does_not_stop_the_others(bench: Bench) -> None:
    bench.open()
    bench.offer(b"too large", b"fine")
    refuse_the_large(bench, [[b"too large", b"fine"], [b"too large"], [b"fine"]])
    bench.offer(b"fine too")
    assert bench.queued() == [b"fine too"]
    assert bench.lane.parked == 1
    assert [record.body for record in bench.journal.records.values()] == [b"too large", b"fine too"]


def refuse_the_large(bench: Bench, batches: list[list[bytes]]) -> None:
    """Wait for each batch in its turn, and refuse all of it if one record is too large."""
    for batch in batches:
        until(lambda batch=batch: bench.queued() == batch)  # type: ignore[misc]  # mypy infers no default
        bench.client.answer(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE) if b"too large" in batch else None)


def test_of_a_batch_that_is_refused_as_too_large_only_the_record_that_is_so_alone_is_kept_apart(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2", b"too large", b"3")
    refuse_the_large(
        bench,
        [[b"1", b"2", b"too large", b"3"], [b"1"], [b"2", b"too large"], [b"2"], [b"too large", b"3"], [b"too large"]],
    )
    refuse_the_large(bench, [[b"3"]])
    assert bench.delivered() == [b"1", b"2", b"3"]
    assert [record.body for record in bench.journal.records.values()] == [b"too large"]
    assert bench.lane.parked == 1


def test_a_batch_whose_records_are_too_large_only_together_arrives_in_smaller_ones(bench: Bench) -> None:
    bench.open()
    bench.offer(*(b"%d" % number for number in range(20)))
    while bench.journal.records:
        until(lambda: bench.client.queue)
        error = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE) if len(bench.client.queue) > 4 else None
        bench.client.answer(error)
    assert bench.delivered() == [b"%d" % number for number in range(20)]
    assert bench.lane.parked == 0


def test_a_record_in_whose_batch_another_stream_s_may_have_been_is_not_blamed_for_it(bench: Bench) -> None:
    other = replace(VIEWS, source="/hangarstack/another")
    bench.open()
    bench.offer(b"fine")
    bench.client.answer(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    until(lambda: bench.queued() == [b"fine"])
    with bench.delivery.lock:
        bench.delivery.resume(bench.delivery.lane(other), bench.journal.add(b"too large", other))
    until(lambda: bench.queued() == [b"fine", b"too large"])
    bench.client.answer(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    assert (bench.lane.parked, bench.lane.refused) == (0, {"MSG_SIZE_TOO_LARGE": 2})


def test_the_client_s_own_word_that_a_record_is_too_large_is_about_that_record(bench: Bench) -> None:
    bench.open()
    bench.client.refuse_at_once = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    bench.offer(b"too large")
    bench.client.refuse_at_once = None
    assert bench.lane.parked == 1
    bench.offer(b"fine")
    assert bench.queued() == [b"fine"]


def test_when_the_last_of_many_is_refused_the_next_try_waits_for_its_pause_only(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2", b"3")
    bench.client.answer(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), count=2)
    time.sleep(0.4)
    started = time.monotonic()
    bench.client.answer(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    until(lambda: bench.queued() == [b"1"])
    assert time.monotonic() - started < 1


def test_records_that_cannot_be_read_or_handed_over_are_kept_apart_and_the_others_go_on(bench: Bench) -> None:
    bench.open()
    bench.client.refuse_at_once = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    bench.offer(b"damaged", b"odd", b"fine")
    damaged, odd, _ = bench.journal.records.values()
    bench.journal.unreadable = damaged
    bench.client.unfit = odd.body
    with capture_logs() as lines:
        bench.client.refuse_at_once = None
        until(lambda: bench.queued() == [b"fine"])
    assert [line["reason"] for line in lines] == ["damaged", "a value that no client takes"]
    assert bench.lane.parked == 2
    assert len(bench.journal.records) == 3


def test_parked_records_are_a_problem_told_in_one_line_and_none_is_forgotten_while_others_go_on(bench: Bench) -> None:
    bench.open()
    bench.client.refuse_at_once = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    with capture_logs() as lines:
        bench.offer(*(b"too large" for _ in range(100)))
    assert len(lines) == 1
    bench.client.refuse_at_once = None
    [problem] = bench.delivery.problems()
    assert problem.startswith("test.views: 100 events are kept apart")
    assert "Message size too large" in problem
    bench.client.room = 1
    bench.offer(b"1", b"2", b"3")
    for number in (b"1", b"2", b"3"):
        until(lambda: bench.client.queue)
        assert bench.queued() == [number]
        bench.client.answer()
    assert (bench.lane.parked, len(bench.journal.records)) == (100, 100)


def test_records_that_a_wrong_clock_makes_invalid_wait_in_order_until_it_is_right(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2", b"3")
    with capture_logs() as lines:
        # What librdkafka makes of several records that the broker refuses for their time.
        bench.client.answer(KafkaError(KafkaError.INVALID_RECORD))
        until(lambda: bench.queued() == [b"1"])
        bench.client.answer(KafkaError(KafkaError.INVALID_TIMESTAMP))
        until(lambda: bench.queued() == [b"1"])
        bench.client.answer(KafkaError(KafkaError.INVALID_TIMESTAMP))
    assert len(lines) == 1
    assert "the clocks of this machine and of the broker" in bench.delivery.problems()[0]
    until(lambda: bench.queued() == [b"1"])
    bench.client.answer()
    until(lambda: bench.queued() == [b"2", b"3"])
    assert (bench.lane.parked, bench.delivery.problems()) == (0, [])


def test_of_a_batch_that_is_refused_for_one_invalid_record_the_others_arrive(bench: Bench) -> None:
    bench.open()
    bench.offer(b"invalid", b"1", b"2")
    bench.client.answer(KafkaError(KafkaError.INVALID_RECORD))
    for number in (b"invalid", b"1", b"2"):
        until(lambda: bench.client.queue)
        bench.client.answer(KafkaError(KafkaError.INVALID_RECORD) if number == b"invalid" else None)
    until(lambda: bench.delivered() == [b"1", b"2"])
    assert bench.lane.parked == 1


def test_a_client_that_failed_for_good_is_replaced_and_everything_sent_again_in_order(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2")
    bench.client.refuse_at_once = KafkaError(KafkaError._FATAL, fatal=True)
    bench.offer(b"3")
    until(lambda: bench.queued() == [b"1", b"2", b"3"])
    assert bench.client.replaced == 1


def test_closing_delivers_first(bench: Bench) -> None:
    bench = Bench(FakeClient(respond=lambda _: None))
    bench.offer(*(b"%d" % number for number in range(5_000)))
    bench.delivery.close(10)
    assert len(bench.client.delivered) == 5_000
    assert not bench.journal.records


def test_closing_gives_up_in_time_and_keeps_what_was_not_acknowledged(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1", b"2")
    started = time.monotonic()
    bench.delivery.close(0.3)
    assert 0.24 <= time.monotonic() - started < 1
    assert len(bench.journal.records) == 2
    assert bench.client.closed == 1


def test_closing_does_not_wait_for_a_topic_that_refuses(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1")
    bench.client.answer(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    started = time.monotonic()
    bench.delivery.close(5)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("what", ["connect", "look_again", "flush", "close"])
def test_closing_ends_in_time_whatever_hangs_and_keeps_the_journal_open_until_that_ends(
    bench: Bench, what: str
) -> None:
    bench.open()
    bench.offer(b"1")
    if what == "look_again":
        bench.client.answer(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
    if what == "connect":
        bench.client.hangs_at = what
        with bench.delivery.lock:
            other = replace(VIEWS, topic="test.others")
            bench.delivery.resume(bench.delivery.lane(other), bench.journal.add(b"2", other))
    bench.client.hangs_at = what
    if what in {"connect", "look_again"}:
        until(lambda: bench.client.hanging)
    closed: list[bool] = []
    started = time.monotonic()
    with capture_logs() as lines:
        bench.delivery.close(0.1, lambda: closed.append(True))
    assert 0.1 <= time.monotonic() - started < LEAST_S + 0.5
    assert [line["event"] for line in lines] == ["deliveries do not end in time; what was not acknowledged stays"]
    assert bench.client.hanging
    assert not closed
    bench.client.let_go.set()
    until(lambda: closed)
    assert b"1" in [record.body for record in bench.journal.records.values()]


class UnendingSpan:
    """A span that cannot be ended."""

    def end(self) -> None:
        raise ZeroDivisionError("a mistake")


def test_a_span_that_cannot_be_ended_costs_no_acknowledgement(bench: Bench) -> None:
    bench.open()
    bench.offer(b"1")
    [token] = bench.journal.records
    span: Any = UnendingSpan()
    message: Any = None
    with pytest.raises(AttributeError):
        bench.delivery._reported(bench.lane, token, span, None, message)
    assert (bench.journal.records, bench.lane.in_flight) == ({}, 0)
    bench.client.queue.clear()


def test_what_is_acknowledged_while_it_closes_makes_it_send_nothing_more(bench: Bench) -> None:
    bench.open()
    bench.delivery.close(0)
    bench.offer(b"1")
    assert (bench.queued(), len(bench.lane.waiting)) == ([], 1)


def test_an_unexpected_error_does_not_end_the_deliveries(bench: Bench) -> None:
    bench.ids.error = ZeroDivisionError("a mistake")  # type: ignore[assignment]  # what no port may raise
    with capture_logs() as lines:
        bench.offer(b"1")
        until(lambda: lines)
        bench.ids.error = None
        until(lambda: bench.queued() == [b"1"])
    assert lines[0]["event"] == "delivery goes on after an unexpected error"


def test_the_chore_is_done_now_and_then_even_if_it_fails() -> None:
    done: list[float] = []

    def chore() -> None:
        done.append(time.monotonic())
        raise SpoolError("not now")

    delivery = Delivery(FakeClient(), MemoryJournal(), FakeIds(), chore, 0.1)
    with capture_logs():
        delivery.start()
        until(lambda: len(done) > 1, 5)
        delivery.close(0)
