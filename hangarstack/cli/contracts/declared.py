"""What our consumer services declare that they read, as the contracts room wants it."""

from __future__ import annotations

import json

from hangarstack.contracts.declared import Declared


def declarations() -> list[Declared]:
    """Return them, for every service and event."""
    # The services bring SQLAlchemy and every generated class with them, which `--help` should not pay.
    from hangarstack.consumers.services import READS

    return [
        Declared(consumer=name, event=_record(each.codec.schema_text), version=each.version, fields=each.fields)
        for name, reads in READS.items()
        for each in reads
    ]


def _record(schema: str) -> str:
    record = json.loads(schema)
    return f"{record['namespace']}.{record['name']}"
