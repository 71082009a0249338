from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.deadletters.letter import Letter, LetterId, letter_id, readable
from hangarstack.deadletters.moments import moment_ms
from hangarstack.errors import RepairError
from tests.unit.deadletters.fakes import DLQ, QUARANTINE, letter


@given(st.sampled_from([DLQ, QUARANTINE]), st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
def test_a_place_is_read_back_as_it_is_written(topic: str, partition: int, offset: int) -> None:
    place = LetterId(topic, partition, offset)
    assert letter_id(str(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "things.dlq",
        "things/0/1",
        "things.dlq/0",
        "things.dlq/-1/0",
        "things.dlq/0/1/2",
        ".dlq/0/1",
        "things.dlq/٣/1",
        f"things.dlq/{2**31}/0",
        f"things.dlq/0/{2**63}",
        "things.dlq/0/" + "9" * 5000,
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(RepairError):
        letter_id(text)


@given(st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=40))), st.none() | st.binary(max_size=9))
def test_whatever_somebody_wrote_into_headers_can_be_read(
    headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    found = Letter(id=LetterId(DLQ, 0, 0), timestamp_ms=0, key=None, value=value, headers=tuple(headers))
    assert found.replays >= 0
    assert found.schema_id is None or found.schema_id >= 0
    assert found.origin == "things"
    assert isinstance(found.service + found.error_class + found.message + found.source, str)


def test_headers_say_where_a_letter_came_from_and_why() -> None:
    one = letter(4, partition=b"3", offset=b"70", replay_count=b"2", value=b"\0\0\0\1\2x")
    assert (one.source, one.service, one.error_class) == ("things[3]@70", "counting", "ValueError")
    assert (one.message, one.replays, one.schema_id, one.is_quarantined) == ("indigestible", 2, 258, False)


def test_the_last_of_two_headers_of_a_name_counts_as_kafkas_own_tools_say() -> None:
    assert letter(0, replay_count=b"2").replays == 2
    twice = (*letter(0).headers, ("dlq_replay_count", b"1"), ("dlq_replay_count", b"4"))
    assert Letter(id=LetterId(DLQ, 0, 0), timestamp_ms=0, key=None, value=b"", headers=twice).replays == 4


def test_what_is_printed_cannot_command_a_terminal() -> None:
    assert readable("a\x1b[2Jb\x9bc\u202ed\ne".encode()) == "a�[2Jb�c�d\ne"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 999_910_000),
        ("2h", 992_800_000),
        ("1 d", 913_600_000),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T01:00+01:00", 0),
    ],
)
def test_a_moment_is_a_date_or_how_long_ago(text: str, expected: int) -> None:
    assert moment_ms(text, 1_000_000) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2h ago", "1e9", "9999999d", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(RepairError):
        moment_ms(text, 1_000_000)
