"""Confluent's wire format: a zero byte, the schema id in four bytes, then the Avro body."""

from __future__ import annotations

import struct
from typing import Final

from hangarstack.errors import EncodeError, WireFormatError

HEADER_SIZE: Final = 5
"""Bytes before the body."""

_HEADER: Final = struct.Struct(">BI")
_MAGIC: Final = 0
_MAX_ID: Final = 2**32 - 1


def frame(schema_id: int, body: bytes) -> bytes:
    """Put the header before a body.

    Args:
        schema_id: that the registry gave, 0 to 4294967295.
        body: Avro.

    Raises:
        EncodeError: the id does not fit into four bytes.
    """
    if not 0 <= schema_id <= _MAX_ID:
        raise EncodeError(f"schema id {schema_id} does not fit into four bytes")
    return _HEADER.pack(_MAGIC, schema_id) + body


def unframe(value: bytes) -> tuple[int, bytes]:
    """Split a record's value into schema id and body.

    Raises:
        WireFormatError: the value is shorter than the header or does not begin with a zero byte.
    """
    if len(value) < HEADER_SIZE:
        raise WireFormatError(f"{len(value)} bytes are too few for a schema id and a body")
    magic, schema_id = _HEADER.unpack_from(value)
    if magic != _MAGIC:
        raise WireFormatError(
            f"the value begins with byte {magic}, not 0",
            remedy="Write to this topic with a producer that uses the schema registry",
        )
    return schema_id, value[HEADER_SIZE:]
