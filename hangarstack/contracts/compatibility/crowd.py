"""Whether one record reads, or is read by, every earlier version of a subject: asked once, not once for each pair.

The versions of a subject have most of their fields in common. What they all have is kept as one set, so that only
the fields that some of them lack, or had with another type, are judged one by one.
"""

from __future__ import annotations

from collections import defaultdict

from hangarstack.contracts.compatibility.checker import names_fit
from hangarstack.contracts.compatibility.shortcut import Fields, Shortcut, UndecidedError
from hangarstack.contracts.schema import MISSING, Field, Record, Schema


class Crowd:
    """The records that others are judged against; says "yes" only where ``check`` says so of every single one.

    Args:
        shortcut: numbers the parts of the records, and judges those that differ.
    """

    def __init__(self, shortcut: Shortcut) -> None:
        self._shortcut = shortcut
        self._decidable = True
        self._by_name: dict[tuple[str, tuple[str, ...]], Record] = {}
        self._in_all: set[tuple[str, int]] = set()
        self._names_in_all: set[str] = set()
        self._ever: dict[tuple[str, int], Field] = {}
        self._types: dict[str, list[Schema]] = defaultdict(list)
        self._needed: set[str] = set()

    def add(self, record: Record) -> None:
        """Take a record into the crowd."""
        fields = self._plain(record)
        if fields is None:
            self._decidable = False
            return
        pairs = fields.written.items()
        if not self._by_name:
            self._in_all.update(pairs)
            self._names_in_all.update(fields.by_name)
        self._by_name.setdefault((record.name, record.aliases), record)
        self._in_all &= pairs
        self._names_in_all &= fields.by_name.keys()
        for pair in pairs - self._ever.keys():
            self._ever[pair] = field = fields.by_name[pair[0]]
            self._types[field.name].append(field.type)
        self._needed.update(field.name for field in record.fields if field.default is MISSING)

    def is_read_by(self, reader: Record) -> bool:
        """Tell whether a reader surely reads them all; ``False`` may only mean that it must be asked pair by pair."""
        fields = self._plain(reader)
        if fields is None or not self._decidable:
            return False
        return all(names_fit(reader, writer) for writer in self._by_name.values()) and all(
            self._gives(fields.by_name[name]) for name, _ in fields.written.items() - self._in_all
        )

    def reads(self, writer: Record) -> bool:
        """Tell whether all of them surely read a writer; ``False`` as above."""
        fields = self._plain(writer)
        if fields is None or not self._decidable:
            return False
        return (
            all(names_fit(reader, writer) for reader in self._by_name.values())
            and self._needed <= fields.by_name.keys()
            and all(
                pair[0] not in fields.by_name or self._fits(self._ever[pair].type, fields.by_name[pair[0]].type)
                for pair in self._ever.keys() - fields.written.items()
            )
        )

    def _gives(self, field: Field) -> bool:
        there = field.name in self._names_in_all or field.default is not MISSING
        return there and all(self._fits(field.type, written) for written in self._types.get(field.name, ()))

    def _fits(self, reader: Schema, writer: Schema) -> bool:
        try:
            return self._shortcut.fits(reader, writer)
        except UndecidedError:
            return False

    def _plain(self, record: Record) -> Fields | None:
        """Return the fields of a record of which any two of one name and type surely do for each other."""
        if not self._shortcut.numbered(record):
            return None
        try:
            fields = self._shortcut.fields_of(record)
        except UndecidedError:
            return None
        return fields if fields.wanted == fields.written else None
