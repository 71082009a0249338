"""A registry in memory that counts what is done to it."""

from __future__ import annotations

from hangarstack.contracts.compatibility import Level, Previous, check_level
from hangarstack.contracts.schema import parse_schema, to_text
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.errors import RegistryUnavailableError, SchemaRefusedError


class FakeRegistry:
    """Keeps schemas in their canonical text, as a real one does.

    Args:
        fails_after: so many changes succeed, the next one finds the registry gone; ``None``: all succeed.

    Attributes:
        fails_to_register: raised by the next registration; ``None``: nothing is.
    """

    def __init__(self, *, fails_after: int | None = None) -> None:
        self.changes: list[str] = []
        self.fails_after = fails_after
        self.fails_to_register: BaseException | None = None
        self._schemas: dict[str, dict[int, str]] = {}
        self._levels: dict[str | None, Level] = {None: Level.BACKWARD}

    def subjects(self) -> list[str]:
        return sorted(self._schemas)

    def versions(self, subject: str) -> dict[int, str]:
        return dict(self._schemas.get(subject, {}))

    def register(self, subject: str, schema_text: str) -> int:
        if self.fails_to_register is not None:
            raise self.fails_to_register
        reasons = self.is_compatible(subject, schema_text)
        if reasons:
            raise SchemaRefusedError(reasons[0], where=subject)
        versions = self._schemas.setdefault(subject, {})
        self._change(f"register {subject}")
        versions[max(versions, default=0) + 1] = _canonical(schema_text)
        return len(self.changes)

    def lookup(self, subject: str, schema_text: str) -> int | None:
        found = [number for number, text in self.versions(subject).items() if text == _canonical(schema_text)]
        return 100 + found[0] if found else None

    def compatibility(self, subject: str | None) -> Level | None:
        return self._levels.get(subject)

    def set_compatibility(self, subject: str | None, level: str) -> None:
        self._change(f"set {subject} to {level}")
        self._levels[subject] = Level(level)

    def is_compatible(self, subject: str, schema_text: str) -> list[str]:
        level = self._levels.get(subject) or self._levels[None]
        previous = [
            Previous(schema=parse_schema(read_json(text, where="")), text=text, version=number)
            for number, text in self.versions(subject).items()
        ]
        return check_level(level, parse_schema(read_json(schema_text, where="")), previous)

    def delete_version(self, subject: str, version: int) -> None:
        self._change(f"delete {subject} {version}")
        del self._schemas[subject][version]

    def _change(self, what: str) -> None:
        if self.fails_after == len(self.changes):
            raise RegistryUnavailableError("the registry is gone")
        self.changes.append(what)


def _canonical(text: str) -> str:
    return to_text(parse_schema(read_json(text, where="")))
