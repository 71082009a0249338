"""An incompatibility in plain words, and what to do instead."""

from __future__ import annotations

from typing import Final, NamedTuple

from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema

_ARTICLES: Final = {"int": "an int", "array": "an array", "null": "null", "bytes": "bytes"}
_MOST_BRANCHES: Final = 5


def describe(schema: Schema) -> str:
    """Name a schema within a sentence: ``a long``, ``the record Device``, ``a union of null and string``."""
    if isinstance(schema, Primitive):
        return _ARTICLES.get(schema.type, f"a {schema.type}")
    if isinstance(schema, Record | Enum | Fixed):
        return f"the {type(schema).__name__.lower()} {schema.name}"
    if isinstance(schema, Array):
        return "an array"
    if isinstance(schema, Map):
        return "a map"
    if not schema.branches:
        return "an empty union"
    names = [_short(branch) for branch in schema.branches[:_MOST_BRANCHES]]
    if len(schema.branches) > _MOST_BRANCHES:
        names.append(f"{len(schema.branches) - _MOST_BRANCHES} more")
    return f"a union of {', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else f"a union of {names[0]}"


class Words(NamedTuple):
    """An incompatibility in words.

    Args:
        wrong: what is wrong.
        fix: what to do instead where the reader is what changes.
        fix_in_writer: what to do instead where the reader stays as it is, for it is released already.
    """

    wrong: str
    fix: str
    fix_in_writer: str


def in_words(kind: IncompatibilityType, reader: Schema, writer: Schema, message: str, *, of_union: bool) -> Words:
    """Say what is wrong and what to do instead.

    Args:
        kind: why it is wrong.
        reader: the part of the reader's schema.
        writer: the part of the writer's schema; of a missing branch the branch.
        message: Avro's message: of a missing field its name, of missing symbols their list.
        of_union: whether the writer's part is a branch of a union; not asked of a missing field or branch.
    """
    match kind:
        case IncompatibilityType.TYPE_MISMATCH if of_union:
            return Words(
                f"the writer may write {describe(writer)} where the reader expects {describe(reader)}",
                f"Keep {describe(writer)} in the union of both, or in neither; or add a new optional field beside it",
                _out_of_union(writer),
            )
        case IncompatibilityType.TYPE_MISMATCH:
            fix = "Keep the type, or add a new optional field of the new type beside it"
            return Words(f"the writer writes {describe(writer)} where the reader expects {describe(reader)}", fix, fix)
        case IncompatibilityType.NAME_MISMATCH:
            return Words(
                f"the writer calls this type {_name(writer)}, the reader {_name(reader)}",
                f'Keep the name, or give the reader\'s type "aliases": ["{_name(writer)}"]',
                _out_of_union(writer) if of_union else f"Keep the name {_name(reader)}, by which the reader knows it",
            )
        case IncompatibilityType.FIXED_SIZE_MISMATCH:
            fix = "Keep the size; another size is another type, in a new field"
            return Words(f"the sizes of {_name(reader)} differ ({message})", fix, fix)
        case IncompatibilityType.MISSING_ENUM_SYMBOLS:
            return Words(
                f"the writer may write symbols {message} that the reader's enum {_name(reader)} does not know",
                'Keep the symbols, or give the reader\'s enum a "default" symbol',
                f"Leave {message} out, for the reader's enum has no default; a new optional field may carry them",
            )
        case IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE:
            return Words(
                f"the reader needs the field {message}, which the writer does not write",
                f'Give {message} a "default", or name the writer\'s field in its "aliases"',
                f"Keep the field {message}: the reader has no default for it",
            )
        case IncompatibilityType.MISSING_UNION_BRANCH:
            return Words(
                f"the writer may write {describe(writer)}, and the reader takes only {describe(reader)}",
                f"Keep {describe(writer)} among what the reader takes, or add a new optional field beside it",
                f"Write no {_bare(writer)} there, or add a new optional field for it beside this one",
            )


def _out_of_union(branch: Schema) -> str:
    return f"Take {describe(branch)} out of the union, or add a new optional field for it beside this one"


def _bare(schema: Schema) -> str:
    return describe(schema).removeprefix("a ").removeprefix("an ").removeprefix("the ")


def _short(schema: Schema) -> str:
    if isinstance(schema, Primitive):
        return schema.type
    if isinstance(schema, Record | Enum | Fixed):
        return schema.name
    return type(schema).__name__.lower()


def _name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Record | Enum | Fixed) else _short(schema)
