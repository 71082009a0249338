from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from hangarstack.web.privacy import asks_not_to_be_tracked, kept_address, kept_agent

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1234:5678::9", "2001:db8:1234::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("127.0.0.1", "127.0.0.0"),
    ],
)
def test_an_address_is_truncated_to_24_or_48_bits(address: str, kept: str) -> None:
    assert kept_address(address, "truncate", KEY) == kept


@pytest.mark.parametrize("address", ["", None, "unix:", "999.1.1.1"])
def test_what_is_no_address_is_not_kept(address: str | None) -> None:
    assert kept_address(address, "truncate", KEY) is None


def test_none_keeps_nothing_and_full_keeps_all() -> None:
    assert kept_address("203.0.113.77", "none", KEY) is None
    assert kept_address("203.0.113.77", "full", KEY) == "203.0.113.77"


def test_a_hash_is_stable_under_one_key_and_tells_nothing_under_another() -> None:
    first = kept_address("203.0.113.77", "hash", KEY)
    assert first == kept_address("203.0.113.77", "hash", KEY)
    assert first != kept_address("203.0.113.77", "hash", b"another key")
    assert first is not None
    assert "203" not in first[:8] or len(first) == 32


def test_a_long_user_agent_is_cut_and_an_empty_one_is_none() -> None:
    assert kept_agent("") is None
    assert len(kept_agent("x" * 5000) or "") == 400


@pytest.mark.parametrize(("name", "value", "asked"), [("DNT", "1", True), ("Sec-GPC", "1", True), ("DNT", "0", False)])
def test_both_signals_ask_not_to_be_tracked(name: str, value: str, asked: bool) -> None:
    assert asks_not_to_be_tracked(Headers({name: value})) is asked
