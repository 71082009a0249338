from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from hangarstack.events import DeviceKind
from hangarstack.web.devices import device, device_kind

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (CHROME, DeviceKind.DESKTOP),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", DeviceKind.DESKTOP),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Mobile/15E148 Safari/604.1", DeviceKind.PHONE),
        ("Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X) Version/19.1 Safari/604.1", DeviceKind.TABLET),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 9) Chrome/143.0 Mobile Safari/537.36", DeviceKind.PHONE),
        ("Mozilla/5.0 (Linux; Android 16; SM-X900) Chrome/143.0 Safari/537.36", DeviceKind.TABLET),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", DeviceKind.BOT),
        ("curl/8.5.0", DeviceKind.BOT),
        ("", DeviceKind.UNKNOWN),
        ("something else", DeviceKind.UNKNOWN),
    ],
)
def test_the_kind_of_device_is_read_off_the_user_agent(agent: str, kind: DeviceKind) -> None:
    assert device_kind(agent) is kind


def test_the_viewport_comes_from_client_hints() -> None:
    found = device(CHROME, Headers({"Sec-CH-Viewport-Width": "390", "Sec-CH-Viewport-Height": '"844"'}))
    assert found is not None
    assert (found.viewport_width, found.viewport_height) == (390, 844)


@pytest.mark.parametrize("hint", ["-1", "1e3", "9999999999", "٣", ""])
def test_a_senseless_hint_is_left_out(hint: str) -> None:
    found = device(CHROME, Headers({"Sec-CH-Viewport-Width": hint}))
    assert found is not None
    assert found.viewport_width is None


def test_a_device_of_which_nothing_is_known_is_none() -> None:
    assert device("", Headers()) is None
