"""A record in words: decoded by its writer's schema, beside the schema that is current."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hangarstack.deadletters import headers as names
from hangarstack.deadletters.letter import Letter, without_control
from hangarstack.errors import CodecError, RegistryError
from hangarstack.events.runtime.wire import unframe
from hangarstack.registry.ids import LatestSchema

_HEX_BYTES: Final = 4096
_HEX_ROW: Final = 16


class Schemas(Protocol):
    """The registry. Every method blocks for some seconds at most and may raise ``RegistryError``."""

    def schema_of(self, schema_id: int) -> str:
        """Return the text of a schema."""

    def latest(self, subject: str) -> LatestSchema:
        """Return the newest version of a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a letter's record says, as far as it can be read.

    Args:
        decoded: the record as JSON; empty: it cannot be decoded.
        undecodable: why it cannot be decoded now; empty otherwise.
        hexdump: the value's first bytes, where it cannot be decoded.
        writer: the writer's schema, as indented JSON; empty: not known.
        current: the newest schema of the topic, as indented JSON; empty: not known.
        current_id: its id.
        current_version: its version in the subject.
        registry: why the registry did not tell one of the schemas; empty otherwise.
    """

    decoded: str
    undecodable: str
    hexdump: str
    writer: str
    current: str
    current_id: int | None
    current_version: int | None
    registry: str


def explain(letter: Letter, schemas: Schemas) -> Explanation:
    """Return what a letter's record says; blocks for two questions to the registry, and does without its answers."""
    # With it comes fastavro, which a web process that nobody asks for a letter should not pay for.
    from hangarstack.events.runtime.plain import as_data

    writer, decoded, undecodable, trouble = "", "", "", ""
    try:
        schema_id, body = unframe(letter.value or b"")
        writer = schemas.schema_of(schema_id)
        decoded = _indented(as_data(writer, body, letter.origin))
    except CodecError as error:
        undecodable = _no_value(letter) if letter.value is None else str(error)
    except RegistryError as error:
        undecodable = f"its schema is not to be had: {error}"
    current: LatestSchema | None = None
    try:
        current = schemas.latest(f"{letter.origin}-value")
    except RegistryError as error:
        trouble = str(error)
    return Explanation(
        decoded=decoded,
        undecodable=undecodable,
        hexdump="" if decoded else _hexdump(letter.value or b""),
        writer=_indented_text(writer),
        current=_indented_text(current.text) if current else "",
        current_id=current.schema_id if current else None,
        current_version=current.version if current else None,
        registry=trouble,
    )


def _no_value(letter: Letter) -> str:
    if not letter.left_out:
        return "the record has no value"
    size = letter.text(names.LEFT_OUT)
    return f"its {size} bytes are too large for a dead letter: they are at {letter.source} while that topic keeps them"


def _indented(value: Any) -> str:
    return without_control(json.dumps(value, indent=2, ensure_ascii=False))


def _indented_text(text: str) -> str:
    try:
        return _indented(json.loads(text)) if text else ""
    except ValueError:
        return without_control(text)


def _hexdump(value: bytes) -> str:
    lines = []
    for start in range(0, min(len(value), _HEX_BYTES), _HEX_ROW):
        row = value[start : start + _HEX_ROW]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<{3 * _HEX_ROW}} {shown}")
    if len(value) > _HEX_BYTES:
        lines.append(f"… {len(value) - _HEX_BYTES} bytes more")
    return "\n".join(lines)
