"""Writes an edit and the event that reports it in one transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, delete, insert, select

from hangarstack.analytics.buckets import micros
from hangarstack.catalogue.model import Change
from hangarstack.catalogue.repository import Catalogue
from hangarstack.catalogue.tables import saved_edits
from hangarstack.errors import EditConflictError
from hangarstack.events import DataUpdate, FieldChange, Operation
from hangarstack.events.runtime.ids import new_event_id
from hangarstack.store.failures import translated
from hangarstack.web.ports import Now, SavedEdit


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
        window_s: for so long a request that is sent again is known, in seconds.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue, append: Append, now: Now, *, window_s: float) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._append = append
        self._now = now
        self._window = timedelta(seconds=window_s)

    def save(
        self,
        aircraft_id: str,
        changes: Mapping[str, Any],
        *,
        expected_version: int,
        actor: str,
        reason: str | None,
        traceparent: str | None,
        request: uuid.UUID | None,
    ) -> SavedEdit:
        """Write an edit; blocks on the catalogue store. An edit that changes nothing writes nothing.

        Args:
            aircraft_id: which aircraft.
            changes: dotted path → new value; None removes the field.
            expected_version: the version that the editor saw.
            actor: who edits.
            reason: why, if told.
            traceparent: W3C trace context, which goes with the event.
            request: the id of the request, the same when it is sent again because its answer was lost: then the answer
                is that of the first time. None: it has none.

        Raises:
            AircraftNotFoundError: no aircraft has that id.
            EditConflictError: somebody else has changed it since.
            InvalidAircraftError: the schema refuses the result, field by field.
            StoreError: the store cannot be written.
        """
        try:
            with translated(self._engine), self._engine.begin() as tx:
                earlier = _saved(tx, request)
                if earlier is not None:
                    return earlier
                change = self._catalogue.update(tx, aircraft_id, changes, expected_version=expected_version)
                saved = SavedEdit(change.aircraft.version, tuple(field.path for field in change.fields))
                if saved.paths:
                    self._append(tx, self._event(change, actor, reason), traceparent=traceparent)
                    self._note(tx, saved, request)
        except EditConflictError:
            # Both may be under way at once: then the first one moved the version on.
            with translated(self._engine), self._engine.connect() as connection:
                earlier = _saved(connection, request)
            if earlier is None:
                raise
            return earlier
        return saved

    def _note(self, tx: Connection, saved: SavedEdit, request: uuid.UUID | None) -> None:
        if request is None:
            return
        tx.execute(delete(saved_edits).where(saved_edits.c.saved_us < micros(self._now() - self._window)))
        values = {"version": saved.version, "paths": json.dumps(saved.paths), "saved_us": micros(self._now())}
        tx.execute(insert(saved_edits).values(request=str(request), **values))

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


def _saved(connection: Connection, request: uuid.UUID | None) -> SavedEdit | None:
    if request is None:
        return None
    wanted = select(saved_edits.c.version, saved_edits.c.paths).where(saved_edits.c.request == str(request))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else SavedEdit(row.version, tuple(json.loads(row.paths)))


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
