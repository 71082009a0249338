"""Whether one record reads, or is read by, every earlier version of a subject: asked once, not once for each pair.

The versions of a subject have most of their fields in common. What they all have is kept as one set, so that only
the fields that some of them lack, or had with another type, are judged one by one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from hangarstack.contracts.compatibility.checker import names_fit
from hangarstack.contracts.compatibility.shortcut import Shortcut, UndecidedError
from hangarstack.contracts.schema import MISSING, Field, Record, Schema


@dataclass(frozen=True, slots=True, eq=False)
class _Trait:
    """What of a field other versions depend on: one object for all fields that surely do for each other."""

    name: str
    type: Schema
    is_needed: bool


class Crowd:
    """The records that others are judged against; says "yes" only where ``check`` says so of every single one.

    Args:
        shortcut: numbers the parts of the records, and judges those that differ.
    """

    def __init__(self, shortcut: Shortcut) -> None:
        self._shortcut = shortcut
        self._decidable = True
        self._by_name: dict[tuple[str, tuple[str, ...]], Record] = {}
        self._in_all: set[_Trait] = set()
        self._names_in_all: set[str] = set()
        self._ever: set[_Trait] = set()
        self._types: dict[str, list[Schema]] = defaultdict(list)
        self._needed: set[str] = set()
        self._traits: dict[tuple[str, int, bool], _Trait] = {}
        # By the id of a field and of a record, each of which lives on in what was looked at.
        self._trait_of: dict[int, _Trait | None] = {}
        self._looked_at: dict[int, tuple[Record, frozenset[_Trait] | None]] = {}

    def add(self, record: Record) -> None:
        """Take a record into the crowd."""
        traits = self._of(record)
        if traits is None:
            self._decidable = False
            return
        names = {trait.name for trait in traits}
        if not self._by_name:
            self._in_all.update(traits)
            self._names_in_all.update(names)
        self._by_name.setdefault((record.name, record.aliases), record)
        self._in_all &= traits
        self._names_in_all &= names
        for trait in traits - self._ever:
            self._ever.add(trait)
            self._types[trait.name].append(trait.type)
            if trait.is_needed:
                self._needed.add(trait.name)

    def is_read_by(self, reader: Record) -> bool:
        """Tell whether a reader surely reads them all; ``False`` may only mean that it must be asked pair by pair."""
        traits = self._of(reader)
        if traits is None or not self._decidable:
            return False
        return all(names_fit(reader, writer) for writer in self._by_name.values()) and all(
            map(self._gives, traits - self._in_all)
        )

    def reads(self, writer: Record) -> bool:
        """Tell whether all of them surely read a writer; ``False`` as above."""
        traits = self._of(writer)
        if traits is None or not self._decidable:
            return False
        written = {trait.name: trait.type for trait in traits}
        return (
            all(names_fit(reader, writer) for reader in self._by_name.values())
            and self._needed <= written.keys()
            and all(
                trait.name not in written or self._fits(trait.type, written[trait.name])
                for trait in self._ever - traits
            )
        )

    def _gives(self, wanted: _Trait) -> bool:
        there = wanted.name in self._names_in_all or not wanted.is_needed
        return there and all(
            wanted.type is written or self._fits(wanted.type, written) for written in self._types.get(wanted.name, ())
        )

    def _fits(self, reader: Schema, writer: Schema) -> bool:
        try:
            return self._shortcut.fits(reader, writer)
        except UndecidedError:
            return False

    def _of(self, record: Record) -> frozenset[_Trait] | None:
        """Return the traits of a record; ``None`` where only the checker can say what does for one of its fields."""
        known = self._looked_at.get(id(record))
        if known is None:
            # Looked up here first: a call for each field of each version would take as long as all the rest.
            seen = self._trait_of
            traits = [seen.get(id(field)) or self._trait(field) for field in record.fields]
            whole = frozenset(trait for trait in traits if trait) if None not in traits else None
            known = self._looked_at[id(record)] = (record, whole)
        return known[1]

    def _trait(self, field: Field) -> _Trait | None:
        if id(field) in self._trait_of:
            return self._trait_of[id(field)]
        trait = None
        if not field.aliases and self._shortcut.numbered(field.type) and self._fits(field.type, field.type):
            is_needed = field.default is MISSING
            key = (field.name, self._shortcut.number_of(field.type), is_needed)
            trait = self._traits.setdefault(key, _Trait(field.name, field.type, is_needed))
        self._trait_of[id(field)] = trait
        return trait
