"""Where the events of each class go, and how they are encoded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.errors import EncodeError, EventTooLargeError
from hangarstack.events.runtime.codec import Codec
from hangarstack.producers.record import Stream

LARGEST_EVENT: Final = 1_000_000
"""Bytes of key and Avro body that an event may have: a little less than the broker's default for a batch of one."""


@dataclass(frozen=True, slots=True)
class Route:
    """The stream of one event class, its key and its encoding."""

    stream: Stream
    key: Callable[[Any], str]
    encode: Callable[[Any], bytes]

    def pack(self, event: object) -> tuple[bytes, bytes]:
        """Return the record key and the Avro body of an event of this class.

        Raises:
            EncodeError: a value does not fit its field.
            EventTooLargeError: the event is larger than a topic takes.
        """
        body = self.encode(event)
        key = self.key(event).encode()
        if len(body) + len(key) > LARGEST_EVENT:
            raise EventTooLargeError(
                f"the event has {len(body) + len(key):,} bytes, a topic takes {LARGEST_EVENT:,}",
                where=self.stream.event,
                remedy="Shorten its largest text",
            )
        return key, body


def routes_of(codecs: Iterable[Codec[Any]], component: str) -> dict[type, Route]:
    """Return the route of each event class.

    Args:
        codecs: the generated codecs.
        component: who accepts the events; CloudEvents knows it as ``/hangarstack/<component>``.
    """
    source = f"/hangarstack/{component}"
    return {codec.event_type: Route(_stream(codec, source), codec.key, codec.encode) for codec in codecs}


def route_of(routes: Mapping[type, Route], event: object) -> Route:
    """Return the route of an event.

    Raises:
        EncodeError: no codec was given for its class.
    """
    try:
        return routes[type(event)]
    except KeyError:
        raise EncodeError(
            "no codec was given for this class", where=type(event).__name__, remedy="Pass its codec to the producer"
        ) from None


def _stream(codec: Codec[Any], source: str) -> Stream:
    schema = json.loads(codec.schema_text)
    name, namespace = schema["name"], schema.get("namespace")
    return Stream(
        topic=codec.topic,
        subject=codec.subject,
        event=codec.name,
        type=f"{namespace}.{name}" if namespace and "." not in name else name,
        source=source,
        schema=codec.schema_text,
    )
