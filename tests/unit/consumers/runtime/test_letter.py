from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter, schema_id
from hangarstack.errors import DecodeError
from tests.support.consumer_fakes import FakeRecord

SEEN = datetime(2026, 11, 22, 10, 30, 0, 250_000, tzinfo=UTC)


def record(value: bytes | None = b"\x00\x00\x00\x01\x02rest", **headers: bytes) -> FakeRecord:
    return FakeRecord(topic_="things", partition_=3, offset_=7, value_=value, headers_=list(headers.items()))


def letter(about: FakeRecord, error: Exception | None = None, attempts: int = 1) -> DeadLetter:
    try:
        raise error or DecodeError("not a thing", where="Thing.name")
    except Exception as caught:  # noqa: BLE001 - whichever the test gives
        return dead_letter(about, caught, attempts=attempts, first_seen=SEEN.timestamp())


def test_headers_tell_where_the_record_came_from_and_why_it_is_here() -> None:
    headers = dict(letter(record(traceparent=b"00-abc"), attempts=4).headers("hangarstack.things"))
    stack = headers.pop("dlq_error_stack").decode()
    assert headers == {
        "traceparent": b"00-abc",
        "dlq_topic": b"things",
        "dlq_partition": b"3",
        "dlq_offset": b"7",
        "dlq_timestamp_ms": b"1800000000000",
        "dlq_group": b"hangarstack.things",
        "dlq_error_class": b"DecodeError",
        "dlq_error_message": b"Thing.name: not a thing",
        "dlq_attempts": b"4",
        "dlq_schema_id": b"258",
        "dlq_first_seen": b"2026-11-22T10:30:00.250+00:00",
    }
    assert "in letter" in stack
    assert stack.rstrip().endswith("DecodeError: Thing.name: not a thing")


def test_a_replayed_record_that_fails_again_keeps_when_it_failed_first_and_adds_up_its_attempts() -> None:
    again = record(dlq_first_seen=b"2026-11-01T00:00:00.000+00:00", dlq_attempts=b"4", dlq_topic=b"things", ce_id=b"1")
    headers = letter(again, attempts=3).headers("hangarstack.things")
    assert len(headers) == len(dict(headers))
    assert dict(headers)["dlq_first_seen"] == b"2026-11-01T00:00:00.000+00:00"
    assert dict(headers)["dlq_attempts"] == b"7"
    assert dict(headers)["ce_id"] == b"1"


def test_a_letter_without_its_record_says_how_large_that_was_and_keeps_the_reasons_alone() -> None:
    failed = letter(record(b"12345", own=b"header", dlq_attempts=b"4"))
    alone = dict(failed.headers_alone("hangarstack.things"))

    assert "own" not in alone
    assert (alone["dlq_left_out_bytes"], alone["dlq_attempts"], alone["dlq_offset"]) == (b"5", b"5", b"7")


def test_forged_attempts_do_no_harm() -> None:
    headers = dict(letter(record(dlq_attempts=b"9" * 5000)).headers("g"))
    assert headers["dlq_attempts"] == b"1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, b""), (b"", b""), (b"\x00\x00", b""), (b"\x01\x00\x00\x00\x05", b""), (b"\x00" * 5, b"0")],
)
def test_names_the_schema_id_of_values_that_have_one(value: bytes | None, expected: bytes) -> None:
    assert schema_id(value) == expected


def test_long_messages_are_cut_at_the_end_and_long_stacks_at_the_beginning() -> None:
    made = letter(record(), ValueError("x" * 100_000))
    assert made.message == "x" * 1000
    assert len(made.stack) == 8000
    assert made.stack.endswith("x\n")


def test_an_error_that_is_raised_for_many_records_does_not_carry_all_their_stacks() -> None:
    error = ValueError("again and again")
    stacks = [letter(record(), error).stack for _ in range(50)]
    assert len({len(stack) for stack in stacks}) == 1


def test_the_line_for_the_log_leaves_out_the_parameters_of_a_statement() -> None:
    made = letter(record(), IntegrityError("INSERT ...", {"client_ip": "10.1.2.3"}, ValueError("no such row")))
    assert made.reason == "ValueError: no such row"
    assert "10.1.2.3" in made.message
