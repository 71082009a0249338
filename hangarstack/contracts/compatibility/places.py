"""Where in a schema an incompatibility is, for people: the field's name, and a JSON pointer that leads somewhere.

Avro's own path counts the branches of the writer's unions, which the reader's schema need not have; and a type that is
used twice keeps the path of its first use, which may begin at a branch of a union.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hangarstack.contracts.schema import Array, Enum, Field, Fixed, Map, Record, Schema, Union


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a schema.

    Args:
        pointer: JSON pointer; empty for the whole.
        field: dotted path of the field; empty outside of every field.
    """

    pointer: str = ""
    field: str = ""

    def within(self, outer: Place) -> Place:
        """Return this place of a schema that stands at another place itself."""
        return Place(
            pointer=outer.pointer + self.pointer, field=".".join(part for part in (outer.field, self.field) if part)
        )


def place_of(path: str, base: Schema) -> Place:
    """Return the place to which a path of Avro's leads, or the nearest around it.

    Args:
        path: as Avro gives it, ``/`` for the whole.
        base: the schema that it begins at.
    """
    node: Schema | Field = base
    kept: list[str] = []
    names: list[str] = []
    steps = iter(path.split("/")[1:])
    for step in steps:
        if isinstance(node, Field) and step == "type":
            node = node.type
        elif isinstance(node, Record) and step == "fields":
            index = next(steps)
            node = node.fields[int(index)]
            names.append(node.name)
            kept.append("fields")
            step = index
        elif isinstance(node, Array) and step == "items":
            node = node.items
        elif isinstance(node, Map) and step == "values":
            node = node.values
        elif not isinstance(node, Record | Enum | Fixed) or step not in {"name", "symbols", "size"}:
            continue  # a branch of the writer's union
        kept.append(step)
    return Place(pointer="".join(f"/{each}" for each in kept), field=".".join(names))


def first_uses(root: Schema) -> Mapping[int, Place]:
    """Return, by ``id``, where each type within a schema is used first."""
    found: dict[int, Place] = {}
    rest: list[tuple[Schema, Place]] = [(root, Place())]
    while rest:
        node, place = rest.pop()
        if id(node) not in found:
            found[id(node)] = place
            rest.extend((inner, way.within(place)) for inner, way in reversed(_inside(node)))
    return found


def _inside(node: Schema) -> list[tuple[Schema, Place]]:
    if isinstance(node, Record):
        return [
            (field.type, Place(pointer=f"/fields/{index}/type", field=field.name))
            for index, field in enumerate(node.fields)
        ]
    if isinstance(node, Array):
        return [(node.items, Place(pointer="/items"))]
    if isinstance(node, Map):
        return [(node.values, Place(pointer="/values"))]
    if isinstance(node, Union):
        return [(branch, Place(pointer=f"/{index}")) for index, branch in enumerate(node.branches)]
    return []
