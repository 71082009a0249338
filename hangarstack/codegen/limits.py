"""What the generator refuses."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.aliases import children
from hangarstack.contracts.schema import Record, Schema
from hangarstack.errors import UnsupportedSchemaError

_DEEPEST: Final = 60
"""Types within types, not counting a record that refers to one around it."""


def check_supported(schema: Record, where: str) -> None:
    """Check that code can be generated for a schema.

    Args:
        schema: of an event.
        where: its file.

    Raises:
        UnsupportedSchemaError: types are nested too deeply; ``where`` is the file and the path of the field.
    """
    seen: set[int] = set()
    level: list[tuple[Schema, str]] = [(schema, "")]
    depth = 0
    while level:
        if depth > _DEEPEST:
            raise UnsupportedSchemaError(
                f"{schema.name} nests types more than {_DEEPEST} levels deep",
                where=f"{where}#{level[0][1]}",
                remedy="Nest less deeply, or give the inner part a contract of its own",
            )
        level = [inner for each, path in level for inner in _within(each, path, seen)]
        depth += 1


def _within(schema: Schema, path: str, seen: set[int]) -> list[tuple[Schema, str]]:
    if isinstance(schema, Record):
        if id(schema) in seen:
            return []
        seen.add(id(schema))
        return [(field.type, f"{path}/{field.name}") for field in schema.fields]
    return [(child, path) for child in children(schema)]
