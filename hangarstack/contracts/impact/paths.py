"""Where a field that a reader looks at comes from in what a writer writes."""

from __future__ import annotations

import enum

from hangarstack.contracts.schema import Array, Field, Map, Record, Schema, Union


class Source(enum.Enum):
    """What a reader finds in a field."""

    WRITTEN = enum.auto()
    """What the writer wrote."""
    DEFAULTED = enum.auto()
    """The reader's default: the writer has no such field."""
    UNKNOWN = enum.auto()
    """Nothing: the reader has no such field."""


def source_of(path: str, reader: Record, writer: Record) -> Source:
    """Tell where a reader's field, given by its dotted path, comes from."""
    return _trace(path, reader, writer)[0]


def written_as(path: str, reader: Record, writer: Record) -> str:
    """Return what the writer calls a reader's field; the path itself from where the writer has no such field."""
    return _trace(path, reader, writer)[1]


def _trace(path: str, reader: Record, writer: Record) -> tuple[Source, str]:
    theirs: Record | None = writer
    mine: Record | None = reader
    names = path.split(".")
    for index, name in enumerate(names):
        field = find(mine, name)
        if field is None:
            return Source.UNKNOWN, ".".join(names)
        written = next(
            (found for each in (field.name, *field.aliases) if (found := find(theirs, each)) is not None), None
        )
        if written is None:
            return Source.DEFAULTED, ".".join(names)
        names[index] = written.name
        mine, theirs = _record_in(field.type), _record_in(written.type)
    return Source.WRITTEN, ".".join(names)


def find(record: Record | None, name: str) -> Field | None:
    """Return a record's field of that name."""
    return next((field for field in record.fields if field.name == name), None) if record is not None else None


def renamed(path: str, new: Record) -> str | None:
    """Return what a field is called now that has become an alias of another; ``None`` when it has not."""
    *outer, last = path.split(".")
    record: Record | None = new
    for name in outer:
        field = find(record, name)
        record = _record_in(field.type) if field is not None else None
    fields = record.fields if record is not None else ()
    now = next((field.name for field in fields if last in field.aliases), None)
    return ".".join([*outer, now]) if now is not None else None


def _record_in(schema: Schema) -> Record | None:
    while True:
        if isinstance(schema, Record):
            return schema
        if isinstance(schema, Array):
            schema = schema.items
        elif isinstance(schema, Map):
            schema = schema.values
        elif isinstance(schema, Union):
            records = [branch for branch in schema.branches if not _is_leaf(branch)]
            if not records:
                return None
            schema = records[0]
        else:
            return None


def _is_leaf(schema: Schema) -> bool:
    return not isinstance(schema, Record | Array | Map | Union)
