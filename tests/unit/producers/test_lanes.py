from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from hangarstack.producers.lanes import IN_FLIGHT, PARKED_S, Lane
from hangarstack.producers.refusals import Refusal, is_unknown_topic, refusal_of
from tests.unit.producers.samples import VIEWS


@pytest.fixture
def lane() -> Lane:
    return Lane(VIEWS)


def test_a_lane_is_closed_until_its_schema_id_is_known(lane: Lane) -> None:
    assert lane.limit == 0
    lane.wait(1)
    assert lane.is_due(0)
    lane.open(b"\0\0\0\0\1")
    assert lane.limit == IN_FLIGHT


def test_waiting_records_leave_in_order_whatever_the_order_they_came_in(lane: Lane) -> None:
    for token in (3, 1, 2):
        lane.wait(token)
    assert [lane.take() for _ in range(3)] == [1, 2, 3]


def test_after_a_refusal_one_record_tries_the_way_and_its_delivery_opens_it_step_by_step(lane: Lane) -> None:
    lane.open(b"prefix")
    assert lane.pause(100.0, "DENIED", "not allowed")
    lane.wait(1)
    assert not lane.is_due(100.1)
    assert lane.is_held(100.1)
    assert 100.1 < (lane.due_at() or 0) < 100.3
    assert lane.is_due(100.3)
    lane.sent(1, alone=True)
    assert (lane.limit, lane.probe, lane.alone) == (1, 1, True)
    assert not lane.is_due(100.3)
    lane.acknowledged(1)
    assert lane.limit == 2
    assert lane.problem == ""
    assert not lane.is_held(100.3)
    for token in range(2, IN_FLIGHT + 2):
        lane.sent(token, alone=True)
        lane.acknowledged(token)
    assert lane.limit == IN_FLIGHT


def test_the_arrival_of_a_record_that_was_sent_before_the_refusal_opens_nothing(lane: Lane) -> None:
    lane.open(b"prefix")
    for token in (1, 2, 3):
        lane.sent(token, alone=True)
    lane.in_flight -= 1
    lane.pause(100.0, "MSG_SIZE_TOO_LARGE", "too large")
    lane.wait(1)
    lane.acknowledged(2)
    assert (lane.limit, lane.is_due(100.3)) == (1, False)
    lane.acknowledged(3)
    assert (lane.limit, lane.is_due(100.3)) == (1, True)


def test_pauses_grow_to_seconds_and_no_further(lane: Lane) -> None:
    now, lengths = 0.0, []
    for _ in range(12):
        lane.pause(now, "DENIED", "not allowed")
        lengths.append(lane.resume_at - now)
        now = lane.resume_at
    assert 0.15 < lengths[0] < 0.25
    assert lengths[0] < lengths[1] < lengths[2] < lengths[3]
    assert 3.9 < lengths[-1] < 6.1


def test_the_echoes_of_one_refusal_are_counted_but_told_once_and_do_not_lengthen_the_pause(lane: Lane) -> None:
    assert lane.pause(0.0, "DENIED", "not allowed")
    resume_at = lane.resume_at
    assert not lane.pause(0.01, "DENIED", "not allowed")
    assert lane.resume_at == resume_at
    assert lane.refused == {"DENIED": 2}
    assert not lane.pause(resume_at, "DENIED", "not allowed, at another time")
    assert lane.pause(lane.resume_at, "GONE", "another reason")


def test_a_parked_record_lets_others_pass_and_comes_back(lane: Lane) -> None:
    lane.open(b"prefix")
    lane.park(0.0, 1, "MSG_SIZE_TOO_LARGE", "too large")
    assert not lane.is_due(1.0)
    assert lane.due_at() == PARKED_S
    assert lane.parked == 1
    lane.wait(2)
    assert lane.take() == 2
    assert lane.is_due(PARKED_S)
    assert lane.take() == 1
    assert lane.parked == 0


def test_parked_records_come_back_each_alone_and_when_one_arrives_the_others_do_not_wait_for_their_minute(
    lane: Lane,
) -> None:
    lane.open(b"prefix")
    for token in range(1, 251):
        lane.park(0.0, token, "MSG_SIZE_TOO_LARGE", "too large")
    assert lane.is_due(PARKED_S)
    assert (lane.parked, len(lane.waiting), lane.limit) == (150, 100, 1)
    lane.sent(lane.take(), alone=True)
    lane.in_flight -= 1
    lane.park(PARKED_S, 1, "MSG_SIZE_TOO_LARGE", "too large")
    assert lane.is_due(PARKED_S + 1)
    assert (lane.parked, lane.due_at()) == (151, 0.0)
    lane.sent(lane.take(), alone=True)
    lane.acknowledged(2)
    assert lane.is_due(PARKED_S + 1)
    assert (lane.parked, lane.limit) == (149, 1)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (KafkaError.MSG_SIZE_TOO_LARGE, Refusal.UNCLEAR),
        (KafkaError.RECORD_LIST_TOO_LARGE, Refusal.UNCLEAR),
        (KafkaError.POLICY_VIOLATION, Refusal.UNCLEAR),
        (KafkaError.INVALID_RECORD, Refusal.UNCLEAR),
        (KafkaError.INVALID_TIMESTAMP, Refusal.TOPIC),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Refusal.TOPIC),
        (KafkaError._UNKNOWN_TOPIC, Refusal.TOPIC),
        (KafkaError._MSG_TIMED_OUT, Refusal.TOPIC),
        (KafkaError.NOT_ENOUGH_REPLICAS, Refusal.TOPIC),
        (KafkaError._FATAL, Refusal.CLIENT),
        (KafkaError._PURGE_INFLIGHT, Refusal.WITHDRAWN),
    ],
)
def test_each_error_says_who_must_change(code: int, refusal: Refusal) -> None:
    assert refusal_of(KafkaError(code), alone=False) is refusal


@pytest.mark.parametrize("code", [KafkaError.INVALID_RECORD, KafkaError.MSG_SIZE_TOO_LARGE])
def test_a_record_that_was_sent_alone_is_the_one_that_is_refused(code: int) -> None:
    assert refusal_of(KafkaError(code), alone=True) is Refusal.RECORD


def test_parked_records_are_told_once_in_ten_minutes_for_each_reason(lane: Lane) -> None:
    assert lane.park(0.0, 1, "MSG_SIZE_TOO_LARGE", "too large")
    assert not any(lane.park(float(number), number, "MSG_SIZE_TOO_LARGE", "too large") for number in range(2, 599))
    assert lane.park(599.0, 700, "POLICY_VIOLATION", "not by our rules")
    assert lane.park(600.0, 701, "MSG_SIZE_TOO_LARGE", "too large")
    assert lane.refused == {"MSG_SIZE_TOO_LARGE": 599, "POLICY_VIOLATION": 1}


def test_a_fatal_error_of_any_code_means_the_client() -> None:
    error = KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, fatal=True)
    assert refusal_of(error, alone=False) is Refusal.CLIENT


def test_an_unknown_topic_is_worth_another_look() -> None:
    assert is_unknown_topic(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
    assert not is_unknown_topic(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
