"""Record values to events and back, by the schema id that is written before each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from hangarstack.errors import DecodeError, EncodeError, RegistryError, RegistryUnavailableError, SchemaNotFoundError
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.wire import frame, unframe
from hangarstack.registry.ids import SchemaIds

_Decode: TypeAlias = Callable[[bytes], Any]

_UNKNOWN_S: Final = 10.0
"""Seconds in which an id that the registry did not know is not asked for again."""
_MOST_UNKNOWN: Final = 1000


class SchemaTexts(Protocol):
    """Where the texts of schemas are to be had; ``SchemaIds`` is one."""

    def schema_of(self, schema_id: int) -> str:
        """Return the text of a schema, as ``SchemaIds`` does."""


class EventDecoder:
    """Bytes of any released writer version, straight into the current class.

    Thread-safe.

    Args:
        codecs: of the events to decode; each topic carries one.
        texts: asked once for each schema id that is met.
    """

    def __init__(self, codecs: Iterable[Codec[Any]], texts: SchemaTexts) -> None:
        self._codecs = {codec.topic: codec for codec in codecs}
        self._texts = texts
        self._decoders: dict[tuple[str, int], _Decode] = {}
        self._unknown: dict[int, tuple[float, SchemaNotFoundError]] = {}

    def decode(self, topic: str, value: bytes) -> Any:
        """Return the event that a record's value holds.

        Blocks only for a schema id that was not met before, and for as long as its text takes to be had.

        Raises:
            DecodeError: the bytes are not an event of this topic.
            SchemaNotFoundError: the registry does not know the writer's schema.
            RegistryUnavailableError: the registry must be asked, and cannot be or does not answer; try again later.
            RegistryError: the registry refuses us.
        """
        schema_id, body = unframe(value)
        decode = self._decoders.get((topic, schema_id))
        if decode is None:
            decode = self._learn(topic, schema_id)
        return decode(body)

    def _learn(self, topic: str, schema_id: int) -> _Decode:
        codec = self._codecs.get(topic)
        if codec is None:
            known = ", ".join(sorted(self._codecs)) or "none"
            raise DecodeError(f"no event is read from this topic, only from {known}", where=topic)
        text = self._text(schema_id)
        version = codec.version_of(text)
        # Unknown: written by a version that this code was generated without, newer or never released.
        decode = partial(codec.decode_foreign, text) if version is None else codec.decoders[version]
        self._decoders[topic, schema_id] = decode
        return decode

    def _text(self, schema_id: int) -> str:
        # A producer that writes rubbish must not make every record a call to the registry.
        until, error = self._unknown.get(schema_id, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise error
        try:
            return self._texts.schema_of(schema_id)
        except SchemaNotFoundError as missing:
            if len(self._unknown) >= _MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[schema_id] = (time.monotonic() + _UNKNOWN_S, missing)
            raise
        except (RegistryError, DecodeError):
            raise
        except Exception as error:
            # No thread, no memory, no file left, a setting: nothing that was said of the schema.
            raise RegistryUnavailableError(
                f"the registry cannot be asked: {str(error) or type(error).__name__}", where=f"schema {schema_id}"
            ) from error


class EventEncoder:
    """Events of their current version to topic, key and value of a record.

    Thread-safe.

    Args:
        codecs: of the events to encode.
        ids: asked once for each of them.
    """

    def __init__(self, codecs: Iterable[Codec[Any]], ids: SchemaIds) -> None:
        self._codecs = {codec.event_type: codec for codec in codecs}
        self._ids = ids

    def prepare(self) -> None:
        """Ask for the ids of all events now, so that no ``encode`` blocks later.

        Blocks for at most ``registry_timeout_s`` for each event.

        Raises:
            RegistryError: as ``SchemaIds.id_of``.
        """
        for codec in self._codecs.values():
            self._ids.id_of(codec.subject, codec.schema_text)

    def encode(self, event: object) -> tuple[str, bytes, bytes]:
        """Return topic, key and value.

        Blocks for at most ``registry_timeout_s``, and only for the first event of a class without ``prepare``.

        Raises:
            EncodeError: a value does not fit its field, or the event is of no known class.
            RegistryError: as ``SchemaIds.id_of``.
        """
        codec = self._codecs.get(type(event))
        if codec is None:
            known = ", ".join(sorted(each.name for each in self._codecs.values())) or "none"
            raise EncodeError(f"this is no event that is written here; those are {known}", where=type(event).__name__)
        body = codec.encode(event)
        schema_id = self._ids.id_of(codec.subject, codec.schema_text)
        return codec.topic, codec.key(event).encode(), frame(schema_id, body)
