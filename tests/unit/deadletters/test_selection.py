from __future__ import annotations

from typing import Any

import pytest

from hangarstack.deadletters.letter import LetterId
from hangarstack.deadletters.selection import Selection, in_words
from tests.unit.deadletters.fakes import letter

LETTERS = (LetterId("things.dlq", 0, 7), LetterId("things.dlq", 1, 9))

TIMES = (
    "all that wait in things.dlq, that popularity could not handle, whose error holds “time”, "
    "written since 2026-09-21 14:13:20Z, written before 2026-09-21 15:13:20Z"
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "all that wait in things.dlq"),
        ({"topics": ("things", "others")}, "all that wait in things.dlq and others.dlq"),
        ({"topics": ("a", "b", "c", "d")}, "all that wait in 4 topics"),
        ({"quarantine": True}, "all that wait in things.dlq.quarantine"),
        ({"letters": LETTERS[:1]}, "letter things.dlq/0/7"),
        ({"letters": LETTERS}, "letters things.dlq/0/7, things.dlq/1/9"),
        (
            {"service": "popularity", "error": "time", "since_ms": 1_790_000_000_000, "until_ms": 1_790_003_600_000},
            TIMES,
        ),
    ],
)
def test_the_audit_says_in_words_which_letters_were_meant(given: dict[str, Any], said: str) -> None:
    assert in_words(Selection(**({"topics": ("things",)} | given)).as_json()) == said


@pytest.mark.parametrize(
    ("given", "looked_into"),
    [
        ({"topics": ()}, ["others.dlq", "things.dlq", "things.dlq.quarantine"]),
        ({"topics": ("things",)}, ["things.dlq", "things.dlq.quarantine"]),
        ({"topics": ("nobody",)}, []),
        ({"topics": (), "quarantine": True}, ["things.dlq.quarantine"]),
        ({"topics": ("others",), "quarantine": True}, []),
    ],
)
def test_a_letter_that_is_named_must_pass_the_other_filters_too(given: dict[str, Any], looked_into: list[str]) -> None:
    letters = tuple(LetterId(topic, 0, 7) for topic in ("things.dlq", "things.dlq.quarantine", "others.dlq"))
    chosen = Selection(letters=letters, **given)
    assert chosen.log_topics == looked_into
    assert sorted(one.topic for one in letters if chosen.matches(letter(7, topic=one.topic))) == looked_into
