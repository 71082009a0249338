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
    Named,
    Primitive,
    Record,
    Schema,
    Union,
)
from hangarstack.contracts.schema.parser import Parser, parse_schema
from hangarstack.contracts.schema.render import to_json, to_text
from hangarstack.contracts.schema.rules import AVRO, REGISTRY_NEW, REGISTRY_STORED, Rules

__all__ = [
    "AVRO",
    "MISSING",
    "REGISTRY_NEW",
    "REGISTRY_STORED",
    "Array",
    "Enum",
    "Field",
    "Fixed",
    "Logical",
    "Map",
    "Missing",
    "Named",
    "Parser",
    "Primitive",
    "Record",
    "Rules",
    "Schema",
    "Union",
    "parse_schema",
    "to_json",
    "to_text",
]
