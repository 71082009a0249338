from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaError

from hangarstack.producers.lead import Lead, Row
from hangarstack.producers.metrics import Latencies
from hangarstack.producers.record import Record
from tests.unit.producers.fakes import FakeClient, FakeIds, Sent, until
from tests.unit.producers.samples import VIEWS

ENOUGH = 3


def refuse_first(sent: Sent) -> KafkaError | None:
    """Answer as a broker does that can never take the first event of a key."""
    return KafkaError(KafkaError.MSG_SIZE_TOO_LARGE) if sent.value.endswith(b"first") else None


@pytest.fixture
def lead() -> Iterator[Lead]:
    lead = Lead(FakeClient(respond=refuse_first), FakeIds(), Latencies(), [])
    yield lead
    lead.delivery.close(0)


def take_up(lead: Lead, key: bytes, numbers: range) -> None:
    for number in numbers:
        lead.take_up(number, Row(Record(VIEWS, key, "ce_id:1", b"first" if number == numbers[0] else b"later"), 0))


def kept_apart(lead: Lead, count: int) -> None:
    until(lambda: sum(sample.value for sample in lead.delivery.samples() if sample.name == "events_parked") == count)


def test_behind_an_event_that_is_refused_for_itself_nothing_is_kept_or_taken_up(lead: Lead) -> None:
    take_up(lead, b"a", range(1, 3))
    kept_apart(lead, 1)
    assert lead.left_out(ENOUGH, 10) == (["a"], 0)
    assert (len(lead), 1 in lead, 2 in lead) == (1, True, False)
    assert lead.left_out(ENOUGH, 10) == (["a"], 0)


def test_keys_whose_first_event_is_refused_are_left_out_up_to_a_number(lead: Lead) -> None:
    for number, key in enumerate((b"a", b"b", b"c")):
        take_up(lead, key, range(10 * number, 10 * number + 2))
    kept_apart(lead, 3)
    assert lead.left_out(ENOUGH, 2) == (["a", "b"], 1)
    assert len(lead) == 4
