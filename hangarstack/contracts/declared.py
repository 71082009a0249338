"""What consumers declare that they read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one consumer reads of one event.

    Args:
        consumer: its name, as in ``contract.toml``.
        event: class of the event, or the full name of its record where events of other trees may have that class.
        version: the version that it decodes into, 1 or more.
        fields: dotted paths of the fields that it looks at.
    """

    consumer: str
    event: str
    version: int
    fields: tuple[str, ...]
