"""A number for what a released file says, however it is laid out."""

from __future__ import annotations

import hashlib

from hangarstack.contracts.schema.jsontext import write_json


def fingerprint(value: object) -> str:
    """Return ``sha256:`` and the hash of a JSON value; the order of keys does not count."""
    text = write_json(value, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
