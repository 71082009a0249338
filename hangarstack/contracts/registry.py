"""What the contracts ask of a schema registry; ``hangarstack.registry.client`` answers for a real one."""

from __future__ import annotations

from typing import Protocol

from hangarstack.contracts.compatibility import Level


class Registry(Protocol):
    """A registry, as a migration sees it.

    Every method blocks for at most one call's time-out and raises ``RegistryUnavailableError`` when there is no
    answer, ``RegistryError`` when there is an unexpected one.
    """

    def subjects(self) -> list[str]:
        """Return every subject that has a version."""
        ...

    def versions(self, subject: str) -> dict[int, str]:
        """Return version → schema text, ascending; empty for an unknown subject."""
        ...

    def register(self, subject: str, schema_text: str) -> int:
        """Register a schema and return its id; raises ``SchemaRefusedError`` with the registry's reasons."""
        ...

    def lookup(self, subject: str, schema_text: str) -> int | None:
        """Return the id of a schema that is registered under the subject, or ``None``."""
        ...

    def compatibility(self, subject: str | None) -> Level | None:
        """Return a subject's own level, or ``None`` if it has none; without a subject, the global one."""
        ...

    def set_compatibility(self, subject: str | None, level: str) -> None:
        """Set a subject's own level, or the global one."""
        ...

    def is_compatible(self, subject: str, schema_text: str) -> list[str]:
        """Return the registry's reasons against registering a schema; empty when it would be taken."""
        ...

    def delete_version(self, subject: str, version: int) -> None:
        """Delete a version softly: it is no longer listed, but its id still finds it."""
        ...
