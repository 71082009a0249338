"""Which fields of a record hold personal data."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.fieldpaths import fields_shown
from hangarstack.contracts.schema import Field, Record

TAGS: Final = "confluent:tags"
PII: Final = "PII"


def pii_fields(record: Record) -> tuple[str, ...]:
    """Return the dotted paths of fields tagged ``PII``; a record within itself is looked at once.

    Where a schema has too many paths to list, each tagged field has the first that leads to it.
    """
    found, _ = fields_shown(record)
    return tuple(path for path, field in found if is_pii(field))


def is_pii(field: Field) -> bool:
    """Tell whether a field is tagged as personal data."""
    tags = field.props.get(TAGS)
    return isinstance(tags, list) and PII in tags
