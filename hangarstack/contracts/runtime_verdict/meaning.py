"""What a raw value means to the side whose logical type it is read with."""

from __future__ import annotations

import re
import struct
from datetime import UTC, date, datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, Final

from hangarstack.contracts.schema import Enum, Fixed, Logical, Primitive

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NANOS: Final = {"millis": 10**6, "micros": 10**3, "nanos": 1}
_DAY_NS: Final = 86_400 * 10**9
_FIRST_NS: Final = -62_135_596_800 * 10**9
_LAST_NS: Final = 253_402_300_800 * 10**9
_FLOAT: Final = struct.Struct("<f")
_EXACT: Final = Context(prec=100_000, Emin=MIN_EMIN, Emax=MAX_EMAX)


class MeaninglessError(Exception):
    """The raw value is none of the logical type."""


def meaning(schema: Primitive | Fixed | Enum, raw: Any) -> Any:
    """Return a value that equals another exactly when both mean the same.

    Args:
        schema: with whose type and logical type it is read.
        raw: what was decoded.

    Raises:
        MeaninglessError: see there.
    """
    logical = None if isinstance(schema, Enum) else schema.logical
    if logical is None:
        return _as_float(raw) if isinstance(schema, Primitive) and schema.type == "float" else raw
    if logical.name == "decimal":
        return _decimal(logical, raw)
    if logical.name == "uuid":
        return _uuid(raw)
    if logical.name in {"duration", "big-decimal"}:
        return raw
    return _time(logical.name, raw)


def shown(schema: Primitive | Fixed | Enum, raw: Any) -> str:
    """Return a value in words that a reader of a report understands."""
    try:
        found = meaning(schema, raw)
    except MeaninglessError:
        return repr(raw)
    if not isinstance(found, tuple):
        return str(found) if isinstance(found, Decimal) else repr(found)
    kind, number = found
    if kind == "instant" or kind == "local":
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number // 1000)
        text = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
        rest = f"{number % 1000:03}" if number % 1000 else ""
        return f"{text}{rest}{'Z' if kind == 'instant' else ' local time'}"
    if kind == "date":
        return date.fromordinal(date(1970, 1, 1).toordinal() + number).isoformat()
    return f"{timedelta(microseconds=number // 1000)} after midnight"


def _decimal(logical: Logical, raw: bytes) -> Decimal:
    # Readers take more digits than the precision allows.
    return Decimal(int.from_bytes(raw, "big", signed=True)).scaleb(-logical.scale, _EXACT)


def _uuid(raw: Any) -> str:
    if isinstance(raw, bytes):
        return raw.hex()
    if not isinstance(raw, str) or not _UUID.fullmatch(raw):
        raise MeaninglessError("it is no UUID")
    return raw.replace("-", "").lower()


def _time(name: str, raw: int) -> tuple[str, int]:
    if name == "date":
        if not _FIRST_NS <= raw * _DAY_NS < _LAST_NS:
            raise MeaninglessError("it is no date from year 1 to 9999")
        return "date", raw
    kind, _, unit = name.rpartition("-")
    nanos = raw * _NANOS[unit]
    if kind == "time":
        if not 0 <= nanos < _DAY_NS:
            raise MeaninglessError("it is no time of day")
        return "time", nanos
    if not _FIRST_NS <= nanos < _LAST_NS:
        raise MeaninglessError("it is no time from year 1 to 9999")
    return "instant" if kind == "timestamp" else "local", nanos


def _as_float(raw: Any) -> float:
    try:
        return float(_FLOAT.unpack(_FLOAT.pack(raw))[0])
    except OverflowError:
        return float("inf") if raw > 0 else float("-inf")
