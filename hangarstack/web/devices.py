"""The kind of device, from what the browser calls itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from werkzeug.datastructures import Headers

from hangarstack.events import Device, DeviceKind

_BOT: Final = re.compile(r"bot\b|crawl|spider|slurp|curl/|wget/|python-|headless|monitor|preview", re.IGNORECASE)
_TABLET: Final = re.compile(r"ipad|tablet|kindle|silk/|android(?!.*mobile)", re.IGNORECASE)
_PHONE: Final = re.compile(r"iphone|ipod|mobile|windows phone", re.IGNORECASE)
_DESKTOP: Final = re.compile(r"windows nt|macintosh|x11|cros", re.IGNORECASE)
_LARGEST_SCREEN: Final = 100_000


@lru_cache(maxsize=512)
def device_kind(user_agent: str) -> DeviceKind:
    """Return the kind of device of a User-Agent header; UNKNOWN for one that says nothing known."""
    for pattern, kind in (
        (_BOT, DeviceKind.BOT),
        (_TABLET, DeviceKind.TABLET),
        (_PHONE, DeviceKind.PHONE),
        (_DESKTOP, DeviceKind.DESKTOP),
    ):
        if pattern.search(user_agent):
            return kind
    return DeviceKind.UNKNOWN


def device(user_agent: str, headers: Headers) -> Device | None:
    """Return what is known of the device; None when that is nothing.

    The size of the viewport comes from client hints, which some browsers send when asked.
    """
    kind = device_kind(user_agent)
    width, height = _pixels(headers, "Sec-CH-Viewport-Width"), _pixels(headers, "Sec-CH-Viewport-Height")
    if kind is DeviceKind.UNKNOWN and width is None and height is None:
        return None
    return Device(kind=kind, viewport_width=width, viewport_height=height)


def _pixels(headers: Headers, name: str) -> int | None:
    text = headers.get(name, "").strip('"')
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) < _LARGEST_SCREEN else None
