"""Which branch of a reader's union is meant by what a writer wrote, and which branches readers take for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hangarstack.contracts.runtime_verdict.records import branch_name
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.contracts.schema.matching import promotes, same_kind, short_name


class Branches:
    """Finds branches; remembers its answers, because a union may have thousands of branches and is asked often."""

    def __init__(self) -> None:
        self._indexes: dict[int, _Index] = {}

    def named(self, union: Union, name: str) -> Schema:
        """Return the branch by which a union's value is named."""
        return union.branches[self._index(union).positions[name]]

    def meant(self, writer: Schema, union: Union) -> Sequence[Schema]:
        """Return the branches that the writer may have meant; one, where the schemas say it."""
        if not isinstance(writer, Record | Enum | Fixed):
            alike = [branch for branch in union.branches if same_kind(writer, branch)]
            return alike[:1] or [branch for branch in union.branches if promotes(writer, branch)][:1]
        index, kind = self._index(union), type(writer)
        return (
            index.by_name.get((kind, writer.name), ())
            or index.by_alias.get((kind, writer.name), ())
            or index.by_short_name.get((kind, short_name(writer)), ())
        )

    def taken_by_fastavro(self, writer: Schema, union: Union) -> Schema | None:
        """Return the enum or fixed that fastavro takes: the first of that short name, be it an alias."""
        index, kind, short = self._index(union), type(writer), short_name(writer)
        aliased = (*index.by_alias.get((kind, _name(writer)), ()), *index.by_short_alias.get((kind, short), ()))
        return index.first((*index.by_short_name.get((kind, short), ())[:1], *aliased))

    def _index(self, union: Union) -> _Index:
        known = self._indexes.get(id(union))
        if known is None:
            known = self._indexes[id(union)] = _Index(union)
        return known


class _Index:
    """The branches of one union by their names."""

    def __init__(self, union: Union) -> None:
        self.positions = {branch_name(branch): position for position, branch in enumerate(union.branches)}
        self.by_name: dict[tuple[type, str], list[Schema]] = defaultdict(list)
        self.by_alias: dict[tuple[type, str], list[Schema]] = defaultdict(list)
        self.by_short_name: dict[tuple[type, str], list[Schema]] = defaultdict(list)
        self.by_short_alias: dict[tuple[type, str], list[Schema]] = defaultdict(list)
        for branch in union.branches:
            if isinstance(branch, Record | Enum | Fixed):
                self.by_name[type(branch), branch.name].append(branch)
                self.by_short_name[type(branch), short_name(branch)].append(branch)
                for alias in set(branch.aliases):
                    self.by_alias[type(branch), alias].append(branch)
                for alias in branch.short_aliases:
                    self.by_short_alias[type(branch), alias].append(branch)

    def first(self, branches: Sequence[Schema]) -> Schema | None:
        """Return the one that stands first in the union."""
        return min(branches, key=lambda branch: self.positions[branch_name(branch)], default=None)


def _name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Record | Enum | Fixed) else ""


def named_types(schema: Schema) -> Iterator[Record | Enum | Fixed]:
    """Return the named types within a schema, in the order of its text."""
    return (each for each in _all(schema) if isinstance(each, Record | Enum | Fixed))


def _all(schema: Schema) -> Iterator[Schema]:
    """Yield what a schema holds but primitives, in the order of its text: of two equal aliases the later one counts."""
    seen: set[int] = set()
    rest = [schema]
    while rest:
        each = rest.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, Record):
            rest.extend(field.type for field in reversed(each.fields) if not isinstance(field.type, Primitive))
        elif isinstance(each, Array):
            rest.append(each.items)
        elif isinstance(each, Map):
            rest.append(each.values)
        elif isinstance(each, Union):
            rest.extend(branch for branch in reversed(each.branches) if not isinstance(branch, Primitive))
