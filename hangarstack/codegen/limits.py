"""What the generator refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hangarstack.codegen.graph import records_within
from hangarstack.contracts.majors import confused
from hangarstack.contracts.model import Contract
from hangarstack.contracts.resolution.aliases import children
from hangarstack.contracts.resolution.javadefaults import MOST_VALUES, excess
from hangarstack.contracts.schema import Record, Schema
from hangarstack.errors import UnsupportedSchemaError

_DEEPEST: Final = 60
"""Types within types, not counting a record that refers to one around it."""


def check_supported(contract: Contract) -> None:
    """Check that code can be generated for all versions of an event.

    Raises:
        UnsupportedSchemaError: types are nested too deeply, ``where`` is the file and the path of the field; or
            defaults stand for too many values, ``where`` is the file; or versions of two majors look alike, ``where``
            is the newer one's file.
    """
    for version in contract.versions:
        _check_depth(version.schema, str(version.path))
        _check_defaults(version.schema, str(version.path))
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


def _check_defaults(schema: Record, where: str) -> None:
    field = excess(_records(schema))
    if field is not None:
        raise UnsupportedSchemaError(
            f"with that of {field}, the defaults stand for more than {MOST_VALUES} values",
            where=where,
            remedy="Give fewer records a default that leaves out the fields of the records within it",
        )


def _records(root: Record) -> Iterator[Record]:
    seen: set[int] = set()
    rest = [root]
    while rest:
        record = rest.pop()
        if id(record) not in seen:
            seen.add(id(record))
            yield record
            rest.extend(records_within(record))


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
