"""Whatever goes wrong inside generated code becomes a typed error that names the place.

Messages speak of types and sizes, never of values: a field may hold personal data.
"""

from __future__ import annotations

import struct
from typing import Final

from hangarstack.errors import CodecError, DecodeError, EncodeError

FAULTS: Final = (
    CodecError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What generated code may run into when a value does not fit its type, or bytes do not hold it."""

MAX_DEPTH: Final = 200
"""Levels of a record that holds itself; deeper is refused, because the interpreter's stack is bounded too."""

_LONGEST_PLACE: Final = 200


def misfit(fault: Exception, place: str) -> EncodeError:
    """Return the error of a value that cannot be encoded.

    Args:
        fault: what went wrong; an ``EncodeError`` of an inner record keeps its place, behind this one.
        place: ``AircraftView.event_id`` or, within a nested record, ``kind``.
    """
    if isinstance(fault, EncodeError):
        return EncodeError(fault.what, where=_path(place, fault.where), remedy=fault.remedy)
    return EncodeError(_unencodable(fault), where=place)


def unreadable(fault: Exception, place: str) -> DecodeError:
    """Return the error of bytes that cannot be decoded.

    Args:
        fault: what went wrong; a ``DecodeError`` of an inner record keeps its place and its class.
        place: as in ``misfit``.
    """
    if isinstance(fault, DecodeError):
        return type(fault)(fault.what, where=_path(place, fault.where), remedy=fault.remedy)
    return DecodeError(_undecodable(fault), where=place)


def wrong_type(value: object, expected: str) -> EncodeError:
    """Return the error of a value of another type than its field's."""
    return EncodeError(f"expected {expected}, not {type(value).__name__}")


def wrong_end(body: bytes, pos: int, place: str) -> DecodeError:
    """Return the error of a record that does not end where its bytes end."""
    if pos < len(body):
        return DecodeError(f"{len(body) - pos} bytes are left after the record", where=place)
    return DecodeError("the bytes end within the record", where=place)


def too_deep() -> str:
    """Return what to say of records that hold themselves more than ``MAX_DEPTH`` levels deep."""
    return f"nested more than {MAX_DEPTH} levels deep"


def _path(outer: str, inner: str) -> str:
    path = f"{outer}.{inner}" if inner else outer
    if len(path) <= _LONGEST_PLACE:
        return path
    half = _LONGEST_PLACE // 2
    return f"{path[:half]}…{path[-half:]}"


def _unencodable(fault: Exception) -> str:
    if isinstance(fault, UnicodeEncodeError):
        return "the text has a lone surrogate, which UTF-8 cannot encode"
    if isinstance(fault, RecursionError):
        return too_deep()
    if isinstance(fault, OverflowError):
        return "the number is out of range"
    return "the value is not of the field's type"


def _undecodable(fault: Exception) -> str:
    if isinstance(fault, UnicodeDecodeError):
        return "the text is not UTF-8"
    if isinstance(fault, RecursionError):
        return too_deep()
    if isinstance(fault, IndexError | struct.error):
        return "the bytes end within the value"
    return "the bytes do not hold a value of this type"
