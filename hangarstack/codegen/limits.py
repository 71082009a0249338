"""What the generator refuses."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.majors import confused
from hangarstack.contracts.model import Contract
from hangarstack.contracts.resolution.aliases import children
from hangarstack.contracts.schema import Record, Schema
from hangarstack.errors import UnsupportedSchemaError

_DEEPEST: Final = 60
"""Types within types, not counting a record that refers to one around it."""


def check_supported(contract: Contract) -> None:
    """Check that code can be generated for all versions of an event.

    Raises:
        UnsupportedSchemaError: types are nested too deeply, ``where`` is the file and the path of the field; or
            versions of two majors look alike, ``where`` is the newer one's file.
    """
    for version in contract.versions:
        _check_depth(version.schema, str(version.path))
    _check_told_apart(contract)


def _check_depth(schema: Record, where: str) -> None:
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


def _check_told_apart(contract: Contract) -> None:
    for old, new in confused(contract):
        raise UnsupportedSchemaError(
            f"versions {old.number} and {new.number} differ in no name and no type, so nothing tells which to lift",
            where=str(new.path),
            remedy="Give the field that changed its meaning another name",
        )


def _within(schema: Schema, path: str, seen: set[int]) -> list[tuple[Schema, str]]:
    if isinstance(schema, Record):
        if id(schema) in seen:
            return []
        seen.add(id(schema))
        return [(field.type, f"{path}/{field.name}") for field in schema.fields]
    return [(child, path) for child in children(schema)]
