"""What keeps other sites out: security headers, form tokens, the same-origin rule."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from flask import Response
from werkzeug.wrappers import Request

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def secure(response: Response, *, https: bool) -> None:
    """Add the security headers to an answer."""
    response.headers.extend(_HEADERS)
    if https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def same_origin(request: Request, public_url: str) -> bool:
    """Tell whether a page of this site sent the request: by ``Sec-Fetch-Site``, else by ``Origin``.

    Args:
        request: the request.
        public_url: the address that visitors use, when it is not the one that the server sees.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin")
    if not origin:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    # "null", the origin of a sandbox, has no host; neither has an unset public URL.
    return bool(host) and host in {request.host, urlsplit(public_url).netloc}


class FormTokens:
    """Tokens that only a page of the visitor's own session can hold.

    Args:
        key: the site's secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, person=b"form-token", digest_size=32).digest()

    def issue(self, session_id: str) -> str:
        """Return the token of a session's forms."""
        return hashlib.blake2b(session_id.encode(), key=self._key, digest_size=16).hexdigest()

    def accepts(self, token: str, session_id: str) -> bool:
        """Tell whether a token belongs to the session."""
        return hmac.compare_digest(token.encode(), self.issue(session_id).encode())
