"""A list of schemas, chosen by the associations of their subjects and shown with them."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from hangarstack.registry.embedded import association_records
from hangarstack.registry.embedded.association_records import Association, Filter
from hangarstack.registry.embedded.association_requests import TOPIC, lifecycle
from hangarstack.registry.embedded.calls import Call

_NONE: Final = "NONE"
"""Asks for the subjects without an association, where a lifecycle is asked for."""


class Listing:
    """Which subjects of a list are asked for by their associations; all are where nothing is asked.

    Args:
        db: a connection inside a transaction.
        call: may ask by ``resourceType``, ``associationType`` and ``lifecycle``.

    Raises:
        RefusalError: 42212 a lifecycle that is none.
    """

    def __init__(self, db: sqlite3.Connection, call: Call) -> None:
        self._asks = any(call.query.get(name) for name in ("resourceType", "associationType", "lifecycle"))
        self._lifecycles = call.query.get("lifecycle", ())
        for each in self._lifecycles:
            lifecycle("" if each == _NONE else each)
        self._found: dict[str, list[Association]] = {}
        wanted = Filter(call.text("resourceType") or TOPIC, call.query.get("associationType", ()))
        for association in association_records.everything(db) if self._asks else ():
            if wanted.takes(association):
                self._found.setdefault(association.subject, []).append(association)

    def takes(self, subject: str) -> bool:
        """Tell whether a subject is asked for."""
        if not self._asks or (_NONE in self._lifecycles and subject not in self._found):
            return True
        return bool(self._of(subject))

    def answer(self, subject: str) -> dict[str, Any]:
        """Return the ``associations`` of a subject's schema, nothing when there are none or none are asked for."""
        found = self._of(subject)
        return {"associations": [each.answer() for each in found]} if found else {}

    def _of(self, subject: str) -> list[Association]:
        found = self._found.get(subject, [])
        return [each for each in found if not self._lifecycles or each.lifecycle in self._lifecycles]
