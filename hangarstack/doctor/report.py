"""The report that the doctor leaves: an event that every part understands and no count depends on."""

from __future__ import annotations

import socket
from typing import Any, Final

from hangarstack.events import CODECS, Kind, Severity, SystemEvent
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.ids import new_event_id, now

COMPONENT: Final = "doctor"
GROUP: Final = "hangarstack.doctor"
CODEC: Final[Codec[Any]] = next(codec for codec in CODECS if codec.event_type is SystemEvent)


def doctor_report() -> SystemEvent:
    """Return a new report; it says STOPPED, because nobody shall wait for the doctor's next heartbeat."""
    return SystemEvent(
        event_id=new_event_id(),
        occurred_at=now(),
        component=COMPONENT,
        instance=socket.gethostname(),
        severity=Severity.INFO,
        kind=Kind.STOPPED,
        message="The doctor looked at the platform.",
        metrics={},
        error=None,
    )
