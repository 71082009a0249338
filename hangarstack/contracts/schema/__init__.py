"""Avro schemas: parsed, validated and named as Avro Java does."""

from hangarstack.contracts.schema.model import (
    MISSING,
    Array,
    Enum,
    Field,
    Fixed,
    Logical,
    Map,
    Missing,
    Primitive,
    Record,
    Schema,
    Union,
)

__all__ = [
    "MISSING",
    "Array",
    "Enum",
    "Field",
    "Fixed",
    "Logical",
    "Map",
    "Missing",
    "Primitive",
    "Record",
    "Schema",
    "Union",
]
