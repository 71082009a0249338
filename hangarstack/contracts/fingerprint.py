"""A number for what a released file says, however it is laid out."""

from __future__ import annotations

import hashlib
import json


def fingerprint(value: object) -> str:
    """Return ``sha256:`` and the hash of a JSON value; the order of keys does not count.

    Raises:
        RecursionError: the value nests almost a thousand levels.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"
