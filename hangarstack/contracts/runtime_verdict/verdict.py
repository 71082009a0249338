"""What the runtime verdict says of a reader and a writer."""

from __future__ import annotations

from dataclasses import dataclass

from hangarstack.contracts.runtime_verdict.comparing import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A record that the writer can write and the reader gets wrong.

    Args:
        record: in Avro's JSON encoding.
        body: the record as the writer wrote it, Avro without a frame.
        written: the value that goes wrong, as the writer means it.
        read: the value as the reader takes it, or the error.
    """

    record: object
    body: bytes
    written: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misreading:
    """One way in which reading goes wrong though the schemas may be called compatible.

    Args:
        kind: how.
        path: dotted path of the field in the writer's record; empty for the whole record.
        sentence: why, in plain words.
        witness: proof; ``None`` where nothing could be tried, and where a schema is refused before anything is read.
    """

    kind: Kind
    path: str
    sentence: str
    witness: Witness | None

    @property
    def loses(self) -> bool:
        """Whether the value is only lost to the reader's default, as both sides agreed, and not mistaken."""
        return self.kind is Kind.LOST_SYMBOL

    @property
    def only_by_fastavro(self) -> bool:
        """Whether generated code and Avro Java read it right."""
        return self.kind in {Kind.RAW_DEFAULT, Kind.REFUSED_SCHEMA}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeVerdict:
    """What really happens when a reader decodes what a writer wrote.

    Args:
        misreadings: none when every record that was tried came out right.
        tried: records that were written and read.
        made: parts of records that were made for it, some 10 µs each.
    """

    misreadings: tuple[Misreading, ...]
    tried: int
    made: int = 0

    @property
    def right(self) -> bool:
        """Whether nothing went wrong."""
        return not self.misreadings
