"""JSON text as Jackson, the JSON library of Avro Java, writes it; any depth."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def write_json(value: object) -> str:
    """Return the text of a JSON value, without white space; numbers and escapes as Java has them."""
    return "".join(_pieces(value))


def _pieces(value: object) -> Iterator[str]:
    rest: list[object] = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, _Raw):
            yield item
        elif isinstance(item, dict):
            yield "{"
            rest.append(_Raw("}"))
            for index, (key, inner) in reversed(list(enumerate(item.items()))):
                rest += [inner, _Raw(f"{',' if index else ''}{_text(key)}:")]
        elif isinstance(item, list):
            yield "["
            rest.append(_Raw("]"))
            for index, inner in reversed(list(enumerate(item))):
                rest += [inner, _Raw(",")] if index else [inner]
        else:
            yield _scalar(item)


class _Raw(str):
    """Text that is written as it is."""

    __slots__ = ()


def _scalar(item: object) -> str:
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, float):
        return _java_double(item)
    return _text(item) if isinstance(item, str) else str(item)


def _text(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _SHORT.get(char) or f"\\u{ord(char):04X}"


def _java_double(number: float) -> str:
    """Return what Java's ``Double.toString`` does; what JSON has no number for is text."""
    if math.isnan(number):
        return '"NaN"'
    if math.isinf(number):
        return '"Infinity"' if number > 0 else '"-Infinity"'
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    tail = "".join(map(str, digits[1:])) or "0"
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{digits[0]}.{tail}E{power}"
