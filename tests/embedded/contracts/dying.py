"""A process that applies migrations and is killed after some changes: ``python -m … ROOT URL CHANGES``."""

from __future__ import annotations

import datetime
import os
import signal
import sys
from pathlib import Path

from hangarstack.contracts.migrations.applying import apply
from hangarstack.contracts.migrations.steps import load_steps
from hangarstack.contracts.tree import load_tree
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Settings


class _Dying(RegistryAdmin):
    left = 0

    def register(self, subject: str, schema_text: str) -> int:
        found = super().register(subject, schema_text)
        self._die()
        return found

    def set_compatibility(self, subject: str | None, level: str) -> None:
        super().set_compatibility(subject, level)
        self._die()

    def delete_version(self, subject: str, version: int) -> None:
        super().delete_version(subject, version)
        self._die()

    def _die(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    registry = _Dying(Settings(registry_url=sys.argv[2]))
    registry.left = int(sys.argv[3])
    apply(load_tree(root), load_steps(root), registry, today=datetime.date(2026, 6, 1))
