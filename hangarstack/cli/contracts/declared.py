"""What our consumer services declare that they read, as the contracts room wants it."""

from __future__ import annotations

from hangarstack.contracts.impact import Declared


def declarations() -> list[Declared]:
    """Return them, for every service and event."""
    # The services bring SQLAlchemy and every generated class with them, which `--help` should not pay.
    from hangarstack.consumers.services import READS

    return [
        Declared(consumer=name, event=each.event, version=each.version, fields=each.fields)
        for name, reads in READS.items()
        for each in reads
    ]
