from __future__ import annotations

import pytest

from hangarstack.analytics.search_text import TEXT_LENGTH, normalised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F-16", "f-16"),
        ("  su   27\t\n", "su 27"),
        ("\uff33\uff35 27", "su 27"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("a\x00b\x1bc", "a b c"),
        ("\u202egnirts", "gnirts"),
        ("", ""),
        (" \u200b\x00 ", ""),
    ],
)
def test_texts_that_a_visitor_would_call_the_same_are_one(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_a_long_text_is_cut() -> None:
    assert normalised("x " * 5000) == ("x " * 50).rstrip()
    assert len(normalised("ﷺ" * 1000)) == TEXT_LENGTH


def test_a_normalised_text_is_normal() -> None:
    for text in ("Fulcrum  X", "ﷺ" * 99, "a" * 99 + " b"):
        assert normalised(normalised(text)) == normalised(text)
