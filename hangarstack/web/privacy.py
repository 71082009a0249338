"""What is kept of a visitor: as little of the address as the operator allows, nothing when asked not to track."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Final

from werkzeug.datastructures import Headers

_V4_BITS: Final = 24
_V6_BITS: Final = 48
_LONGEST_AGENT: Final = 400


def kept_address(address: str | None, how: str, key: bytes) -> str | None:
    """Return what an event may hold of a client's IP address.

    Args:
        address: as the server saw it.
        how: ``truncate`` to /24 or /48, ``hash`` with the key, ``full`` or ``none``.
        key: the site's secret.
    """
    if not address or how == "none":
        return None
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if how == "full":
        return str(parsed)
    if how == "hash":
        return hashlib.blake2b(parsed.packed, key=key[:64], digest_size=16, person=b"client-ip").hexdigest()
    bits = _V4_BITS if parsed.version == 4 else _V6_BITS
    return str(ipaddress.ip_network((parsed, bits), strict=False).network_address)


def kept_agent(user_agent: str) -> str | None:
    """Return the browser's name as an event may hold it, at most 400 characters."""
    return user_agent[:_LONGEST_AGENT] or None


def asks_not_to_be_tracked(headers: Headers) -> bool:
    """Tell whether the browser sends Do Not Track or Global Privacy Control."""
    return headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1"
