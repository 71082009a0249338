"""A number for what a released file says, however it is laid out."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from hangarstack.contracts.schema.alike import alike

_LONGEST: Final = 4096
"""Bytes of a field that is worth remembering."""


class Fingerprints:
    """The fingerprints of schemas that have many fields in common, each of which is written out once."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}

    def of(self, value: object) -> str:
        """Return ``sha256:`` and the hash of a JSON value; the order of keys does not count.

        Raises:
            RecursionError: the value nests almost a thousand levels.
        """
        text = self._record(value, value["fields"]) if isinstance(value, dict) and "fields" in value else _text(value)
        return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"

    def _record(self, value: dict[str, object], fields: object) -> str:
        inner = f"[{','.join(map(self._field, fields))}]" if isinstance(fields, list) else _text(fields)
        before = _text({key: item for key, item in value.items() if key < "fields"})
        after = _text({key: item for key, item in value.items() if key > "fields"})
        parts = (before[1:-1], f'"fields":{inner}', after[1:-1])
        return f"{{{','.join(filter(None, parts))}}}"

    def _field(self, field: object) -> str:
        key = alike(field)
        known = self._texts.get(key) if key else None
        if known is None:
            known = _text(field)
            if key and len(key) <= _LONGEST:
                self._texts[key] = known
        return known


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def fingerprint(value: object) -> str:
    """Return the fingerprint of one JSON value; see ``Fingerprints.of``."""
    return Fingerprints().of(value)
