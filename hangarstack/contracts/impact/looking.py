"""What a consumer looks at: the fields that it declares, and those within them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hangarstack.contracts.fieldpaths import MOST_FIELDS, Located, fields_by_path, fields_once, records_in
from hangarstack.contracts.schema import Field, Record
from hangarstack.errors import SchemaTooLargeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a consumer looks at.

    Args:
        fields: dotted paths, each before those within it.
        why: why fields are missing that it looks at; empty when none is.
    """

    fields: tuple[str, ...]
    why: str = ""


def looked_at(record: Record, declared: Sequence[str] | None) -> Looked:
    """Return what a consumer looks at that declares fields; whoever names a record looks at every field of it.

    Args:
        record: the version that it decodes into.
        declared: dotted paths; ``None`` for a consumer that declares nothing, and then it looks at everything.
    """
    paths = [field.name for field in record.fields] if declared is None else _outermost_first(declared)
    try:
        return Looked(fields=_bounded(_with_inner(record, paths, fields_by_path)))
    except SchemaTooLargeError as error:
        return Looked(fields=tuple(dict.fromkeys(_with_inner(record, paths, fields_once))), why=error.what)


def _bounded(paths: Iterator[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for count, path in enumerate(paths):
        if count >= MOST_FIELDS:
            raise SchemaTooLargeError(
                f"there are more than {MOST_FIELDS}, counted at every path that leads to them",
                where="schema",
                remedy="Declare fewer fields that hold others",
            )
        found[path] = None
    return tuple(found)


def _outermost_first(paths: Sequence[str]) -> list[str]:
    return sorted(paths, key=lambda path: path.count("."))


def _with_inner(record: Record, paths: Iterable[str], walk: Callable[[Record], Iterator[Located]]) -> Iterator[str]:
    """Yield each path, and those of the fields within it."""
    for path in paths:
        yield path
        for field in _at(record, path):
            for inner in records_in(field.type):
                yield from (f"{path}.{name}" for name, _ in walk(inner))


def _at(record: Record, path: str) -> list[Field]:
    """Return the fields that a path names, one of each record that it leads to."""
    records = {id(record): record}
    fields: list[Field] = []
    for name in path.split("."):
        fields = [field for each in records.values() for field in each.fields if field.name == name]
        records = {id(inner): inner for field in fields for inner in records_in(field.type)}
    return fields
