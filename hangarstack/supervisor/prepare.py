"""What must be true before the parts start: stores at their newest shape, contracts registered, topics made.

Runs as a process of its own, ``python -m hangarstack.supervisor.prepare``, so that the supervisor, which lives as
long as the platform, never carries the libraries that are needed once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from hangarstack import settings as settings_module
from hangarstack.catalogue.importing import import_records
from hangarstack.catalogue.records import load_records
from hangarstack.errors import HangarStackError
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate


def prepare_stores(settings: Settings) -> None:
    """Migrate every owner's tables and bring the catalogue up to the files."""
    records = load_records(settings.root / "data")
    migrate(settings)
    import_records(open_store(settings, "catalogue"), records)


def register_contracts(settings: Settings) -> None:
    """Apply ``migrations/schemas/`` to the registry; blocks until the registry answers."""
    from hangarstack.contracts.migrations import apply, load_steps
    from hangarstack.contracts.tree import load_tree
    from hangarstack.registry.client import RegistryAdmin, connect

    tree = load_tree(settings.root)
    apply(tree, load_steps(settings.root), RegistryAdmin(connect(settings)))


def make_topics(settings: Settings) -> None:
    """Create and configure the topics that the contracts describe."""
    from hangarstack.broker.topics import apply
    from hangarstack.cli.topics import specs_from

    apply(settings, specs_from(settings))


_STEPS: dict[str, Callable[[Settings], None]] = {
    "stores": prepare_stores,
    "contracts": register_contracts,
    "topics": make_topics,
}


def main(names: list[str]) -> int:
    """Run the named steps side by side; print each error as one line and return the exit code."""
    settings = settings_module.load(os.environ)
    failures: list[HangarStackError] = []

    def run(name: str) -> None:
        try:
            _STEPS[name](settings)
        except HangarStackError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(name,), name=name) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failures:
        print(error, file=sys.stderr)  # noqa: T201 - the supervisor shows the last line
    return max((error.exit_code for error in failures), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
