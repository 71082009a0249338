"""Which branch of a reader's union is meant by what a writer wrote, and which branches readers take for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hangarstack.contracts.schema import MISSING, Array, Enum, Fixed, Map, Record, Schema, Union
from hangarstack.contracts.schema.equality import same_schema
from hangarstack.contracts.schema.matching import promotes, same_kind, same_union, short_name


def meant(writer: Schema, union: Union) -> list[Schema]:
    """Return the branches that the writer may have meant; one, where the schemas say it."""
    alike = [branch for branch in union.branches if same_kind(writer, branch)]
    if not isinstance(writer, Record | Enum | Fixed):
        return alike[:1] or [branch for branch in union.branches if promotes(writer, branch)][:1]
    by_name = [branch for branch in alike if _name(branch) == writer.name]
    by_alias = [branch for branch in alike if writer.name in _aliases(branch)]
    return by_name or by_alias or [branch for branch in alike if short_name(branch) == short_name(writer)]


def taken_by_java(writer: Schema, union: Union) -> Schema | None:
    """Return the branch that Avro Java, and so the generated code, takes; ``None`` when it refuses the value."""
    if not isinstance(writer, Record | Enum | Fixed):
        return next(iter(meant(writer, union)), None)
    similar: Schema | None = None
    for branch in union.branches:
        if not same_kind(writer, branch):
            continue
        if writer.name == _name(branch) or writer.name in _aliases(branch):
            return branch
        first_or_better = similar is None or short_name(branch) == short_name(writer)
        if first_or_better and isinstance(branch, Record) and isinstance(writer, Record) and _reads(branch, writer):
            similar = branch
    return similar


def counterpart(writer: Union, branch: Schema, reader: Schema) -> Schema | None:
    """Return the reader's branch at the same index where both unions have one structure and the same short names.

    Avro Java, and so the generated code, then resolves branch by branch.
    """
    if not isinstance(reader, Union) or not same_union(writer, reader):
        return None
    return reader.branches[writer.branches.index(branch)]


def alias_clash(reader: Schema, writer: Schema) -> str | None:
    """Return the name that the reader's aliases give to two branches of one union of the writer's, if there is one.

    Avro Java, and so the generated code, renames the writer's types before it reads, and then refuses every record.
    """
    if same_schema(reader, writer):
        return None
    renamed = {alias: named.name for named in named_types(reader) for alias in named.aliases}
    for union in _all(writer):
        if not isinstance(union, Union):
            continue
        names = Counter(renamed.get(_name(branch), _name(branch)) for branch in union.branches if _name(branch))
        twice = next((name for name, times in names.items() if times > 1), None)
        if twice is not None:
            return twice
    return None


def taken_by_fastavro(writer: Schema, union: Union) -> Schema | None:
    """Return the enum or fixed that fastavro takes: the first of that short name."""
    for branch in union.branches:
        if same_kind(writer, branch) and (
            short_name(branch) == short_name(writer) or _name(writer) in _aliases(branch)
        ):
            return branch
    return None


def _name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Record | Enum | Fixed) else ""


def _aliases(schema: Schema) -> tuple[str, ...]:
    return schema.aliases if isinstance(schema, Record | Enum | Fixed) else ()


def _reads(reader: Record, writer: Record) -> bool:
    written = {field.name for field in writer.fields}
    return all(
        field.default is not MISSING or not written.isdisjoint((field.name, *field.aliases)) for field in reader.fields
    )


def named_types(schema: Schema) -> Iterator[Record | Enum | Fixed]:
    """Return the named types within a schema, in the order of its text."""
    return (each for each in _all(schema) if isinstance(each, Record | Enum | Fixed))


def _all(schema: Schema) -> Iterator[Schema]:
    """Yield every schema within one, in the order of its text: of two equal aliases the later one counts."""
    seen: set[int] = set()
    rest = [schema]
    while rest:
        each = rest.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, Record):
            rest.extend(field.type for field in reversed(each.fields))
        elif isinstance(each, Array):
            rest.append(each.items)
        elif isinstance(each, Map):
            rest.append(each.values)
        elif isinstance(each, Union):
            rest.extend(reversed(each.branches))
