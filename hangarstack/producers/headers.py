"""The headers of one event: CloudEvents attributes and the trace that it belongs to."""

from __future__ import annotations

import re
from typing import Any, Final

from hangarstack.producers.record import Attributes

_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def headers_of(event: Any, traceparent: str | None) -> Attributes:
    """Return the headers that differ from event to event.

    Args:
        event: a generated event.
        traceparent: W3C trace context from a request; a malformed one is left out, as that standard asks.
    """
    headers = [("ce_id", str(event.event_id)), ("ce_time", event.occurred_at.isoformat())]
    if traceparent is not None and _TRACEPARENT.fullmatch(traceparent):
        headers.append(("traceparent", traceparent))
    return headers


def to_text(headers: Attributes) -> str:
    """Return the headers as one journal keeps them: a line each."""
    return "\n".join([f"{name}:{value}" for name, value in headers])
