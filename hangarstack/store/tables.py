"""Tables of a service that brings no database revisions: created when they are missing, never changed."""

from __future__ import annotations

from sqlalchemy import MetaData

from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import translated
from hangarstack.store.migrations import lock_schema


def make_tables(settings: Settings, owner: str, *tables: MetaData) -> None:
    """Create what is missing of an owner's tables, all or none; blocks until done, idempotent.

    Processes that start at the same time queue for the owner.

    Args:
        settings: ``home`` or ``database_url`` decide where the store is.
        owner: who has them; a name of letters, digits and ``_``.
        tables: what they are.

    Raises:
        StoreUnavailableError: the store cannot be opened.
    """
    engine = open_store(settings, owner, patient=True)
    try:
        with translated(engine), engine.begin() as tx:
            lock_schema(tx, owner)
            for each in tables:
                each.create_all(tx)
    finally:
        engine.dispose()


__all__ = ["make_tables"]
