"""Major versions: where one ends, and which function lifts its records into the next."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hangarstack.contracts.migrations.steps import load_steps
from hangarstack.contracts.model import Contract, Upcaster, Version
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union
from hangarstack.errors import SchemaMigrationError

Upcasters = Mapping[str, tuple[Upcaster, ...]]
"""By directory of the contract, the oldest major's first."""


def read_upcasters(root: Path) -> Upcasters:
    """Return the upcasters that the steps under ``root/migrations/schemas/`` name.

    Raises:
        ContractTreeError: a step cannot be read.
        SchemaMigrationError: two steps lift the same version.
    """
    found: defaultdict[str, dict[int, Upcaster]] = defaultdict(dict)
    for step in load_steps(root):
        for upcaster in step.upcasters:
            twin = found[upcaster.contract].setdefault(upcaster.last, upcaster)
            if twin is not upcaster:
                raise SchemaMigrationError(
                    f"to {upcaster}: {twin.path.name} lifts version {twin.last} already",
                    where=str(step.path),
                    remedy="Change the function that is named there",
                )
    return {name: tuple(each for _, each in sorted(mine.items())) for name, mine in found.items()}


def check_upcasters(contracts: Sequence[Contract], upcasters: Upcasters) -> None:
    """Make sure that every upcaster leads from a version of a contract to a later one.

    Raises:
        SchemaMigrationError: there is no such contract or version.
    """
    counts = {contract.directory.name: len(contract.versions) for contract in contracts}
    for name, mine in upcasters.items():
        for upcaster in mine:
            if upcaster.last >= counts.get(name, 0):
                what = (
                    f"{name} has no version {upcaster.last + 1}" if name in counts else f"there is no contract {name}"
                )
                raise SchemaMigrationError(
                    f"to {upcaster}: {what}",
                    where=str(upcaster.path),
                    remedy="`from` is the last version before the one that breaks readers",
                )


def confused(contract: Contract) -> Iterator[tuple[Version, Version]]:
    """Yield an older and a newer version of two majors whose bytes are alike, so that nothing tells which to lift.

    A decoder that is given a writer's schema finds its version by Avro's parsing canonical form: names, types, order.
    """
    if not contract.upcasters:
        return
    seen: dict[str, Version] = {}
    for version in contract.versions:
        form = json.dumps(_form(version.schema, set()))
        twin = seen.setdefault(form, version)
        if twin is not version and contract.lifting(reader=version.number, writer=twin.number) is not None:
            yield twin, version


def _form(schema: Schema, known: set[str]) -> object:
    if isinstance(schema, Primitive):
        return schema.type
    if isinstance(schema, Array):
        return {"items": _form(schema.items, known)}
    if isinstance(schema, Map):
        return {"values": _form(schema.values, known)}
    if isinstance(schema, Union):
        return [_form(branch, known) for branch in schema.branches]
    if schema.name in known:
        return schema.name
    known.add(schema.name)
    return schema.name, _inner(schema, known)


def _inner(schema: Record | Enum | Fixed, known: set[str]) -> object:
    if isinstance(schema, Enum):
        return schema.symbols
    if isinstance(schema, Fixed):
        return schema.size
    return [(field.name, _form(field.type, known)) for field in schema.fields]
