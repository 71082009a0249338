"""The visitor's session: a signed cookie that holds its id, its step and the page before."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Final

COOKIE: Final = "hangarstack_session"
IDLE_S: Final = 1800
"""A session without a page for so many seconds is over; the next page begins another one."""
PAGES: Final = (
    "/",
    "/aircraft/<id>",
    "/aircraft/<id>/edit",
    "/compare",
    "/analytics",
    "/contracts",
    "/contracts/<name>",
)
"""Templates of the pages, in an order that must not change: the cookie holds the number."""

_COOKIE: Final = re.compile(r"([0-9a-f]{32})\.(\d{1,9})\.(\d{1,3})\.(\d{1,16})\.([A-Za-z0-9_-]{22})", re.ASCII)
_NO_PAGE: Final = 999
_LONGEST_SESSION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where a visitor stands.

    Args:
        session_id: random; forgotten when the session ends.
        step: number of the last page of the session, 0 before the first.
        page: template of that page, None before the first.
        at_ms: when it was shown, in milliseconds since 1970.
    """

    session_id: str
    step: int
    page: str | None
    at_ms: int

    def moved_to(self, page: str, now_ms: int) -> Visit:
        """Return the visit one page further."""
        return replace(self, step=min(self.step + 1, _LONGEST_SESSION), page=page, at_ms=now_ms)


def fresh_visit(now_ms: int) -> Visit:
    """Return the visit of somebody who has just come."""
    return Visit(session_id=secrets.token_hex(16), step=0, page=None, at_ms=now_ms)


def now_ms() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class VisitCookie:
    """Writes a visit into a cookie that nobody else can write.

    Args:
        key: the site's secret, at least 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, person=b"visit-cookie", digest_size=32).digest()

    def dump(self, visit: Visit) -> str:
        """Return the cookie's value."""
        page = PAGES.index(visit.page) if visit.page in PAGES else _NO_PAGE
        body = f"{visit.session_id}.{visit.step}.{page}.{visit.at_ms}"
        return f"{body}.{self._sign(body)}"

    def load(self, value: str | None, now: int) -> Visit:
        """Return the visit that a cookie holds; a new one when it is missing, forged, idle too long or unreadable."""
        match = _COOKIE.fullmatch(value or "")
        if match is None or not hmac.compare_digest(match[5], self._sign(match[0][:-23])):
            return fresh_visit(now)
        step, page, at = int(match[2]), int(match[3]), int(match[4])
        if not 0 <= now - at <= IDLE_S * 1000:
            return fresh_visit(now)
        return Visit(session_id=match[1], step=step, page=PAGES[page] if page < len(PAGES) else None, at_ms=at)

    def _sign(self, body: str) -> str:
        digest = hashlib.blake2b(body.encode(), key=self._key, digest_size=16).digest()
        return urlsafe_b64encode(digest)[:22].decode()
