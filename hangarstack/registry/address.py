"""Where the registry is, and how it may be named in a message."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from hangarstack.settings import Settings


def registry_url(settings: Settings) -> str:
    """Return the registry's URL, or several with commas between; the embedded one's when none is set."""
    return settings.registry_url or f"http://127.0.0.1:{settings.registry_port}"


def without_credentials(url: str) -> str:
    """Return a URL, or several with commas between, without user and password."""
    parts = [urlsplit(each.strip()) for each in url.split(",")]
    return ",".join(urlunsplit(part._replace(netloc=part.netloc.rpartition("@")[2])) for part in parts)
