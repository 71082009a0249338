"""The stored catalogue: reads from memory, writes in the caller's transaction."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from hangarstack.catalogue.filters import SORTS, Filters, facet_counts
from hangarstack.catalogue.model import Aircraft, Change, FieldChange, value_at
from hangarstack.catalogue.records import RecordValidator
from hangarstack.catalogue.search import SearchIndex
from hangarstack.catalogue.tables import aircraft as table
from hangarstack.errors import AircraftNotFoundError, EditConflictError


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: every hit in order, and the facets of the hits.

    ``corrected`` is the spelling that was searched instead, when only a near one matched.
    """

    aircraft: tuple[Aircraft, ...]
    facets: Mapping[str, Mapping[str, int]]
    corrected: str | None = None

    @property
    def total(self) -> int:
        """How many aircraft were found."""
        return len(self.aircraft)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    by_id: Mapping[str, Aircraft]
    index: SearchIndex
    facets: Mapping[str, Mapping[str, int]]


class Catalogue:
    """Every aircraft, in memory; ``refresh`` reads again what has changed.

    Reads never touch the database, so a page is as fast with a busy writer. Safe to share between threads.

    Args:
        engine: the ``catalogue`` store.
        validator: holds an edited record against the JSON Schema.
    """

    def __init__(self, engine: Engine, validator: RecordValidator) -> None:
        self._engine = engine
        self._validator = validator
        self._refreshing = threading.Lock()
        self._snapshot = _snapshot({})
        self.refresh()

    def refresh(self, ids: Iterable[str] | None = None) -> None:
        """Read the aircraft of these ids again, or all of them; blocks on the database."""
        with self._refreshing:
            query = select(table.c.id, table.c.version, table.c.record)
            known: dict[str, Aircraft] = {}
            if ids is not None:
                wanted = set(ids)
                query = query.where(table.c.id.in_(wanted))
                known = {key: value for key, value in self._snapshot.by_id.items() if key not in wanted}
            with self._engine.connect() as connection:
                for row in connection.execute(query):
                    known[row.id] = Aircraft(row.id, row.version, json.loads(row.record))
            self._snapshot = _snapshot(known)

    def all(self) -> tuple[Aircraft, ...]:
        """Return every aircraft in order of name."""
        return tuple(self._snapshot.by_id.values())

    def get(self, aircraft_id: str) -> Aircraft:
        """Return one aircraft.

        Raises:
            AircraftNotFoundError: no aircraft has that id.
        """
        try:
            return self._snapshot.by_id[aircraft_id]
        except KeyError:
            raise AircraftNotFoundError(
                f"no aircraft has the id {aircraft_id[:80]!r}", remedy="Search for it by name or designator"
            ) from None

    def search(self, text: str, filters: Filters, *, sort: str | None = None) -> SearchResult:
        """Find aircraft by text (empty: all) and filters.

        Args:
            text: a name, designator or reporting name, forgiving of case, accents, hyphens and typos.
            filters: what to keep of what matched.
            sort: one of ``filters.SORTS``; None: best match first, by name where there is no text.
        """
        snapshot = self._snapshot
        corrected = None
        if text.strip():
            match = snapshot.index.match(text)
            corrected = match.corrected
            found = [hit.aircraft for hit in match.hits if filters.keeps(hit.aircraft)]
        else:
            found = [one for one in snapshot.by_id.values() if filters.keeps(one)]
        if sort is not None:
            found.sort(key=SORTS[sort])
        everything = len(found) == len(snapshot.by_id)
        return SearchResult(tuple(found), snapshot.facets if everything else facet_counts(found), corrected)

    def suggest(self, text: str, limit: int = 6) -> tuple[Aircraft, ...]:
        """Return the aircraft whose names are nearest to a text that matched nothing."""
        return self._snapshot.index.similar_names(text.replace("-", " "), limit)

    def similar(self, aircraft: Aircraft, limit: int = 4) -> tuple[Aircraft, ...]:
        """Return other aircraft of the same role, nearest in take-off weight first; then of the same category."""
        weight = aircraft.number("weights.max_takeoff_kg") or 1.0

        def distance(other: Aircraft) -> tuple[bool, bool, float]:
            ratio = (other.number("weights.max_takeoff_kg") or 1.0) / weight
            return (other.role != aircraft.role, other.category != aircraft.category, max(ratio, 1 / ratio))

        others = sorted((o for o in self._snapshot.by_id.values() if o.id != aircraft.id), key=distance)
        return tuple(others[:limit])

    def update(self, tx: Connection, aircraft_id: str, changes: Mapping[str, Any], *, expected_version: int) -> Change:
        """Write an edit in the caller's transaction; call ``refresh`` after its commit.

        Args:
            tx: an open transaction on the ``catalogue`` store.
            aircraft_id: which aircraft.
            changes: dotted path → new value; None removes the field. Values equal to the present ones are no change.
            expected_version: the version that the editor saw.

        Raises:
            AircraftNotFoundError: no aircraft has that id.
            EditConflictError: somebody else has changed it since.
            InvalidAircraftError: the schema refuses the result, field by field.
        """
        row = tx.execute(select(table.c.version, table.c.record).where(table.c.id == aircraft_id)).one_or_none()
        if row is None:
            raise AircraftNotFoundError(f"no aircraft has the id {aircraft_id[:80]!r}")
        if row.version != expected_version:
            raise _conflict(aircraft_id, expected_version, row.version)
        before = json.loads(row.record)
        after = copy.deepcopy(before)
        for path, value in changes.items():
            _assign(after, path, value)
        fields = tuple(
            FieldChange(path, value_at(before, path), value_at(after, path))
            for path in sorted(changes)
            if value_at(before, path) != value_at(after, path)
        )
        if not fields:
            return Change(Aircraft(aircraft_id, row.version, before), ())
        self._validator.check(after, where=aircraft_id)
        written = tx.execute(
            update(table)
            .where(table.c.id == aircraft_id, table.c.version == expected_version)
            .values(version=expected_version + 1, record=json.dumps(after), updated_at=datetime.now(UTC))
        )
        if written.rowcount != 1:
            raise _conflict(aircraft_id, expected_version, None)
        return Change(Aircraft(aircraft_id, expected_version + 1, after), fields)


def _conflict(aircraft_id: str, seen: int, present: int | None) -> EditConflictError:
    now = "has changed" if present is None else f"is at version {present}"
    return EditConflictError(
        f"the aircraft {now}, the form showed version {seen}",
        where=aircraft_id,
        remedy="Open the form again; what you typed is kept below",
    )


def _snapshot(by_id: Mapping[str, Aircraft]) -> _Snapshot:
    ordered = dict(sorted(by_id.items(), key=lambda item: item[1].name.casefold()))
    return _Snapshot(ordered, SearchIndex(ordered.values()), facet_counts(ordered.values()))


def _assign(record: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    holder = record
    for step in parents:
        holder = holder.setdefault(step, {})
    if value is None:
        holder.pop(last, None)
    else:
        holder[last] = value
