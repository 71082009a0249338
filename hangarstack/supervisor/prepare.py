"""What must be true before the parts start: stores at their newest shape, contracts registered, topics made.

``up`` runs it as a process of its own, ``hangarstack prepare``, so that the supervisor, which lives as long as the
platform, never carries the libraries that are needed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hangarstack.catalogue.importing import import_records
from hangarstack.catalogue.records import load_records
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate


def prepare_stores(settings: Settings) -> None:
    """Migrate every owner's tables and bring the catalogue up to the files."""
    records = load_records(settings.root / "data")
    migrate(settings)
    import_records(open_store(settings, "catalogue", patient=True), records)


def register_contracts(settings: Settings) -> None:
    """Apply ``migrations/schemas/`` to the registry, unless a released version was edited; blocks until it answers."""
    from hangarstack.contracts.migrations.applying import apply
    from hangarstack.contracts.migrations.steps import load_steps
    from hangarstack.contracts.releasing import verify_released
    from hangarstack.contracts.tree import load_tree
    from hangarstack.contracts.waivers import utc_today
    from hangarstack.registry.client import RegistryAdmin

    tree = load_tree(settings.root)
    verify_released(tree)
    apply(tree, load_steps(settings.root), RegistryAdmin(settings), today=utc_today())


def make_topics(settings: Settings) -> None:
    """Create and configure the topics that the contracts describe; blocks until the broker answers."""
    from hangarstack.broker.specs import specs_from
    from hangarstack.broker.topics import ensure
    from hangarstack.contracts.tree import load_tree

    ensure(settings, specs_from(load_tree(settings.root).contracts, settings))


STEPS: Final[dict[str, Callable[[Settings], None]]] = {
    "stores": prepare_stores,
    "contracts": register_contracts,
    "topics": make_topics,
}
"""Step name → what it does; each is idempotent and needs none of the others."""


def prepare(settings: Settings, names: Sequence[str]) -> None:
    """Run the named steps side by side; blocks until all have ended.

    Raises:
        HangarStackError: the first failure, in the order of the names; the other steps have ended too.
    """
    with ThreadPoolExecutor(len(names)) as threads:
        running = [threads.submit(STEPS[name], settings) for name in names]
    for step in running:
        step.result()
