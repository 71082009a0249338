"""Where the registry is, and how it may be named in a message."""

from __future__ import annotations

from hangarstack.settings import Settings


def registry_url(settings: Settings) -> str:
    """Return the registry's URL, or several with commas between; the embedded one's when none is set."""
    return settings.registry_url or f"http://127.0.0.1:{settings.registry_port}"


def without_credentials(url: str) -> str:
    """Return a URL, or several with commas between, without user and password, even if it is malformed."""
    return ",".join(map(_without_user, url.split(",")))


def _without_user(url: str) -> str:
    # Not by urlsplit, to which a password ends at a slash that nobody has escaped.
    scheme, slashes, rest = url.strip().rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"
