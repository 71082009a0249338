"""The codec of one event: how the class becomes bytes, and the bytes of every writer version the class again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.foreign import as_written_by
from hangarstack.events.runtime.schematext import resolution_key

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codec(Generic[E]):
    """What a generated module knows of its event.

    Args:
        event_type: the class.
        name: of the event, ``AircraftView``.
        topic: it is written to.
        subject: under which the registry keeps its schemas.
        version: the current one, that ``encode`` writes.
        key: returns the record key of an event.
        encode: returns the Avro body of an event, without a frame; raises EncodeError.
        decoders: by writer version; each takes a body and raises DecodeError.
        versions: schema text by version.
    """

    event_type: type[E]
    name: str
    topic: str
    subject: str
    version: int
    key: Callable[[E], str]
    encode: Callable[[E], bytes]
    decoders: Mapping[int, Callable[[bytes], E]] = field(repr=False)
    versions: Mapping[int, str] = field(repr=False)
    _numbers: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = {resolution_key(text): version for version, text in sorted(self.versions.items())}
        object.__setattr__(self, "_numbers", MappingProxyType(numbers))

    @property
    def schema_text(self) -> str:
        """The current schema, JSON."""
        return self.versions[self.version]

    def decode(self, version: int, body: bytes) -> E:
        """Decode what a writer of that version wrote.

        Args:
            version: of the writer, one of ``versions``.
            body: Avro, without a frame.

        Raises:
            DecodeError: the bytes are no such record, or the version is unknown.
            ResolutionError: the record is one that the current schema cannot take.
        """
        decoder = self.decoders.get(version)
        if decoder is None:
            raise DecodeError(
                f"version {version} is unknown, known are 1 to {self.version}",
                where=self.name,
                remedy="Generate the code again from contracts that have it, or use decode_foreign",
            )
        return decoder(body)

    def version_of(self, schema_text: str) -> int | None:
        """Return the version whose bytes mean the same as those of a schema, or ``None``.

        Documentation, attributes that do not matter for reading, the order of keys and white space do not count.
        Of several versions that mean the same it is the newest.
        """
        try:
            return self._numbers.get(resolution_key(schema_text))
        except DecodeError:
            return None

    def decode_foreign(self, schema_text: str, body: bytes) -> E:
        """Decode what a writer of a version unknown to this code wrote.

        It is resolved by fastavro, ten times slower than ``decode``.

        Args:
            schema_text: the writer's schema, JSON.
            body: Avro, without a frame.

        Raises:
            DecodeError: as ``decode``, or the text is no schema.
            ResolutionError: the schemas, or this record of the writer's, cannot be resolved.
        """
        known = self.version_of(schema_text)
        if known is not None:
            return self.decode(known, body)
        return self.decode(self.version, as_written_by(self.schema_text, schema_text, body, self.name))
