"""A generated value, and the place of a part of it, as people write them."""

from __future__ import annotations

from typing import Any

from hangarstack.contracts.runtime_verdict.records import branch_name
from hangarstack.contracts.schema import Array, Fixed, Map, Primitive, Record, Schema, Union


def json_encoded(schema: Schema, value: Any) -> object:
    """Return the JSON value of a value that ``Records`` made; what JSON has no number for becomes text."""
    if isinstance(schema, Union):
        name, inner = value
        branch = next(each for each in schema.branches if branch_name(each) == name)
        return None if name == "null" else {name: json_encoded(branch, inner)}
    if isinstance(schema, Record):
        return {field.name: json_encoded(field.type, value[field.name]) for field in schema.fields}
    if isinstance(schema, Array):
        return [json_encoded(schema.items, item) for item in value]
    if isinstance(schema, Map):
        return {key: json_encoded(schema.values, item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, float) and value - value != 0 else value


def from_json(schema: Schema, value: Any) -> Any:
    """Return the value, as ``Run`` writes it, of a record in Avro's JSON encoding that has no problems."""
    if isinstance(schema, Union):
        if value is None:
            return "null", None
        ((name, inner),) = value.items()
        branch = next(each for each in schema.branches if branch_name(each) == name)
        return name, from_json(branch, inner)
    if isinstance(schema, Record):
        return {field.name: from_json(field.type, value[field.name]) for field in schema.fields}
    if isinstance(schema, Array):
        return [from_json(schema.items, item) for item in value]
    if isinstance(schema, Map):
        return {key: from_json(schema.values, item) for key, item in value.items()}
    textual = isinstance(schema, Fixed) or (isinstance(schema, Primitive) and schema.type == "bytes")
    return value.encode("latin-1") if textual else value


def field_path(schema: Schema, path: tuple[str | int, ...]) -> str:
    """Return a path in dotted form: the names of the fields, and ``[]`` for what an array or a map holds."""
    text = ""
    for step in path:
        if isinstance(schema, Union):
            schema = next(branch for branch in schema.branches if branch_name(branch) == step)
        elif isinstance(schema, Array | Map):
            schema, text = schema.items if isinstance(schema, Array) else schema.values, f"{text}[]"
        elif isinstance(schema, Record):
            field = next((field for field in schema.fields if field.name == step), None)
            text = f"{text}.{step}" if text else str(step)
            if field is None:  # a field of the reader's alone
                return text
            schema = field.type
    return text
