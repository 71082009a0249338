"""Keeps the catalogue in memory as fresh as the read models say it must be."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.exc import DBAPIError

from hangarstack.catalogue.repository import Catalogue
from hangarstack.errors import StoreError
from hangarstack.store.failures import as_store_error
from hangarstack.web.caching import Fresh, Rest
from hangarstack.web.ports import ReadModels

_log = logging.getLogger(__name__)


class CatalogueWatch:
    """Reads again what other processes have changed; ``look`` costs a query at most once a second.

    Args:
        catalogue: what is kept fresh.
        models: tell which aircraft have changed.
        rest: of the database, shared with what else is read from it.
    """

    def __init__(self, catalogue: Catalogue, models: ReadModels, rest: Rest | None = None) -> None:
        self._catalogue = catalogue
        self._models = models
        self.generation = 0
        """Rises whenever the catalogue may have changed: whoever keeps an answer keeps this number with it."""
        self._seq = self._begin()
        self._checked = Fresh("catalogue changes", self._check, 0, ttl_s=1.0, rest=rest)

    def look(self) -> None:
        """Refresh the catalogue if that is due; never raises, an old catalogue is better than none."""
        self._checked.get()

    def refresh(self, ids: Iterable[str] | None = None) -> None:
        """Read these aircraft again, or all of them; blocks on the database.

        Raises:
            StoreError: the catalogue cannot be read.
        """
        try:
            self._catalogue.refresh(ids)
        except DBAPIError as error:
            raise as_store_error(error, "the catalogue") from error
        self.generation += 1

    def _begin(self) -> int:
        try:
            # The number first: what changes in between is read twice rather than never.
            seq = self._models.last_invalidation()
            self.refresh()
        except StoreError as error:
            _log.warning("the catalogue's changes cannot be read yet: %s", error)
            return 0
        return seq

    def _check(self) -> int:
        changed = self._models.invalidations_since(self._seq)
        if changed.everything:
            self.refresh()
        elif changed.aircraft_ids:
            self.refresh(changed.aircraft_ids)
        self._seq = changed.seq
        return self._seq
