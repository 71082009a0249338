"""What JSON a schema may be, before anyone asks what it means."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from hangarstack.contracts.schema.excerpt import excerpt
from hangarstack.contracts.schema.repeated import repeated_key
from hangarstack.errors import InvalidSchemaError

MAX_DEPTH: Final = 1000
"""Levels of nesting that Avro Java reads; each array or object is one."""

MAX_VALUES: Final = 2_500_000
"""Values of a schema, as many as a text of 5 MB can hold; a part counts as often as it is written."""

_MAX_NUMBER: Final = 10**1000
"""Avro Java refuses numbers of more than a thousand digits."""

_MANY_DIGITS: Final = re.compile(r"[0-9]{1000}")
_DIGITS: Final = frozenset("0123456789")

LONG_MIN: Final = -(2**63)
LONG_MAX: Final = 2**63 - 1


class _RepeatedKeyError(Exception):
    """A key stands twice in one object."""


def read_json(text: str | bytes, *, where: str, unique: bool = False) -> object:
    """Parse JSON text, refusing what JSON does not allow though Python does (``NaN``).

    Args:
        text: the document.
        where: its name in an error.
        unique: refuse an object that has a key twice, of which all but the last would be overlooked; for what people
            write, while what was taken once, as a registry has it, is read as ever.

    Raises:
        InvalidSchemaError: not JSON, not UTF-8, nested too deeply, or a key that stands twice; ``where`` has its line.
    """
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique if unique else None)
    except _RepeatedKeyError:
        key, line = repeated_key(text if isinstance(text, str) else text.decode())
        raise InvalidSchemaError(
            f"the key {excerpt(key)} stands twice in one object",
            where=f"{where}:{line}",
            remedy="Take one of them away; readers of JSON take the last",
        ) from None
    except RecursionError:
        raise _too_deep(where) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidSchemaError(
            f"this is not JSON: {error}", where=where, remedy="Mend the text; a comma or a quote is the usual cause"
        ) from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedKeyError
    return found


def check_tree(value: object, *, side: str) -> None:
    """Refuse a value that no JSON text stands for, nests too deeply or is too large; takes linear time.

    Objects may share parts, and then stand for far more text than they take up.

    Raises:
        InvalidSchemaError: see above.
    """
    level: list[object] = [value]
    depth, count = 0, 1
    while level:
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                if not all(type(key) is str for key in item):
                    raise _not_json(item, side)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif not _is_scalar(item):
                raise _not_json(item, side)
            if count + len(below) > MAX_VALUES:
                raise _too_large(side)
        count += len(below)
        depth += 1
        if depth >= MAX_DEPTH and any(isinstance(item, dict | list) for item in below):
            raise _too_deep(side)
        level = below


def is_plain(text: str) -> bool:
    """Tell at a glance that JSON text holds nothing that ``check_tree`` would refuse; if not, it must be asked."""
    if text.count("[") + text.count("{") >= MAX_DEPTH:
        return False
    # A thousand digits in a row take up a thousandth character; hardly any text has even a single one there.
    return _DIGITS.isdisjoint(text[999::1000]) or not _MANY_DIGITS.search(text)


def same_json(one: object, other: object) -> bool:
    """Tell whether two JSON values are the same: ``1``, ``1.0`` and ``true`` are three different ones."""
    pairs: list[tuple[Any, Any]] = [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, dict):
            if a.keys() != b.keys():
                return False
            pairs.extend((a[key], b[key]) for key in a)
        elif isinstance(a, list):
            if len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, float):
            if a != b and not (math.isnan(a) and math.isnan(b)):
                return False
        elif a != b:
            return False
    return True


def has_big_integer(value: object) -> bool:
    """Tell whether an integer that 64 bits do not hold is anywhere in a JSON value."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
        elif type(item) is int and not LONG_MIN <= item <= LONG_MAX:
            return True
    return False


def _is_scalar(item: object) -> bool:
    kind = type(item)
    if kind is str or item is None:
        return True
    if kind is int:
        return -_MAX_NUMBER < item < _MAX_NUMBER  # type: ignore[operator]  # its type has just been looked at
    if kind is float:
        return item == item  # only NaN differs from itself
    return kind is bool


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _not_json(item: object, side: str) -> InvalidSchemaError:
    return InvalidSchemaError(
        f"{excerpt(item)} is not JSON that can be read",
        where=f"{side}#",
        remedy="Pass what a JSON parser returns; numbers have at most 1000 digits",
    )


def _too_large(side: str) -> InvalidSchemaError:
    return InvalidSchemaError(
        f"the schema has more than {MAX_VALUES} values",
        where=f"{side}#",
        remedy="Split it; a part that is shared counts wherever it is",
    )


def _too_deep(side: str) -> InvalidSchemaError:
    return InvalidSchemaError(
        f"the schema nests more than {MAX_DEPTH} levels",
        where=f"{side}#",
        remedy="Name the inner types and refer to them",
    )
