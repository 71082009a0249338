"""Subjects, contexts and versions as the API spells them."""

from __future__ import annotations

import pytest

from hangarstack.registry.embedded import names
from hangarstack.registry.embedded.refusals import RefusalError


@pytest.mark.parametrize(
    ("text", "context", "name", "qualified"),
    [
        ("s", ".", "s", "s"),
        ("", ".", "", ""),
        (":.:s", ".", "s", "s"),
        (":.test:s", ".test", "s", ":.test:s"),
        (":.test:", ".test", "", ":.test:"),
        (":.test", ".test", "", ":.test:"),
        (":.a.b:s:t", ".a.b", "s:t", ":.a.b:s:t"),
        ("a:.b:c", ".", "a:.b:c", "a:.b:c"),
    ],
)
def test_a_subject_is_taken_apart_and_put_together(text: str, context: str, name: str, qualified: str) -> None:
    subject = names.subject(text)
    assert (subject.context, subject.name, str(subject)) == (context, name, qualified)


@pytest.mark.parametrize(
    ("text", "scope"), [(".test", ":.test:"), ("test", ":.test:"), (":.test:", ":.test:"), (".", ""), (":.:", "")]
)
def test_a_context_is_spelt_in_several_ways(text: str, scope: str) -> None:
    assert names.context_scope(text) == scope


@pytest.mark.parametrize(("text", "number"), [("1", 1), (" LATEST ", -1), ("-1", -1), ("2147483647", 2**31 - 1)])
def test_a_version_is_a_number_or_the_latest(text: str, number: int) -> None:
    assert names.version(text) == number


@pytest.mark.parametrize("text", ["", "0", "-2", "1.0", "2147483648", "9" * 5000, "١", "1 2"])  # noqa: RUF001 - a digit
def test_anything_else_is_no_version(text: str) -> None:
    with pytest.raises(RefusalError) as refused:
        names.version(text)
    assert refused.value.code == 42202
