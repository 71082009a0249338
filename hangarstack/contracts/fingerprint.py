"""A number for what a released file says, however it is laid out."""

from __future__ import annotations

import hashlib
import json
from typing import Final

_LONGEST: Final = 4096
"""Characters of a field's text that is worth remembering."""


class CanonicalTexts:
    """The texts of schemas that have many fields in common, each of which is written out once.

    A field is known by its identity, so whoever reads many schemas has them share their fields; see ``Memory.share``.
    """

    def __init__(self) -> None:
        # The field lives on here, so that no other gets its id.
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, value: object) -> str:
        """Return the JSON text of a value without white space; the order of keys does not count.

        Raises:
            RecursionError: the value nests almost a thousand levels.
        """
        return self._record(value, value["fields"]) if isinstance(value, dict) and "fields" in value else _text(value)

    def _record(self, value: dict[str, object], fields: object) -> str:
        inner = f"[{','.join(map(self._field, fields))}]" if isinstance(fields, list) else _text(fields)
        before = _text({key: item for key, item in value.items() if key < "fields"})
        after = _text({key: item for key, item in value.items() if key > "fields"})
        parts = (before[1:-1], f'"fields":{inner}', after[1:-1])
        return f"{{{','.join(filter(None, parts))}}}"

    def _field(self, field: object) -> str:
        known = self._known.get(id(field))
        if known is not None:
            return known[1]
        text = _text(field)
        if len(text) <= _LONGEST:
            self._known[id(field)] = (field, text)
        return text


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def fingerprint_of_text(canonical: str) -> str:
    """Return ``sha256:`` and the hash of a canonical text."""
    return f"sha256:{hashlib.sha256(canonical.encode('ascii')).hexdigest()}"


def fingerprint(value: object) -> str:
    """Return the fingerprint of one JSON value; raises as ``CanonicalTexts.of`` does."""
    return fingerprint_of_text(_text(value))
