"""Writes an edit and the event that reports it in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from hangarstack.catalogue.model import Change
from hangarstack.catalogue.repository import Catalogue
from hangarstack.events import DataUpdate, FieldChange, Operation
from hangarstack.events.runtime.ids import new_event_id
from hangarstack.store.failures import translated
from hangarstack.web.ports import Now


class Append(Protocol):
    """Puts an event into the outbox."""

    def __call__(self, tx: Connection, event: DataUpdate, *, traceparent: str | None = None) -> None:
        """Write the event within the caller's transaction."""


class OutboxEditor:
    """Edits the catalogue; a change and its DataUpdate commit together or not at all.

    Args:
        engine: the ``catalogue`` store, which holds the outbox too.
        catalogue: knows how to write an aircraft.
        append: the outbox.
        now: the time.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue, append: Append, now: Now) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._append = append
        self._now = now

    def save(
        self,
        aircraft_id: str,
        changes: Mapping[str, Any],
        *,
        expected_version: int,
        actor: str,
        reason: str | None,
        traceparent: str | None,
    ) -> Change:
        """Write an edit; blocks on the catalogue store. An edit that changes nothing writes nothing.

        Raises:
            AircraftNotFoundError: no aircraft has that id.
            EditConflictError: somebody else has changed it since.
            InvalidAircraftError: the schema refuses the result, field by field.
            StoreError: the store cannot be written.
        """
        with translated(self._engine), self._engine.begin() as tx:
            change = self._catalogue.update(tx, aircraft_id, changes, expected_version=expected_version)
            if change.fields:
                self._append(tx, self._event(change, actor, reason), traceparent=traceparent)
        return change

    def _event(self, change: Change, actor: str, reason: str | None) -> DataUpdate:
        return DataUpdate(
            event_id=new_event_id(),
            occurred_at=self._now(),
            aircraft_id=change.aircraft.id,
            operation=Operation.UPDATED,
            version=change.aircraft.version,
            changes=tuple(
                FieldChange(path=field.path, before=_text(field.before), after=_text(field.after))
                for field in change.fields
            ),
            actor=actor,
            reason=reason,
        )


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
