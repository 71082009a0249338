"""Where the registry is."""

from __future__ import annotations

import pytest

from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.settings import Settings


def test_the_embedded_registry_is_where_none_is_named() -> None:
    assert registry_url(Settings(registry_port=18081)) == "http://127.0.0.1:18081"
    assert registry_url(Settings(registry_url="https://sr")) == "https://sr"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@h:1/x", "http://h:1/x"),
        ("http://h", "http://h"),
        ("https://u:p%40@h, https://v@i", "https://h,https://i"),
        ("https://u:p@q/r@h/x", "https://h/x"),
        ("https://u:p@[::1/x", "https://[::1/x"),
        ("u:p@h", "h"),
    ],
)
def test_credentials_are_taken_out_of_an_address(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
