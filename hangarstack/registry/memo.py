"""What a registry answered, kept on disk for the time that it is away."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_FORMAT: Final = 1
_log = logging.getLogger(__name__)


class Memo:
    """Ids and schemas by one registry, in a file that several processes share.

    A file that cannot be read or written costs a log line, never an error: the registry has all of it.

    Args:
        directory: made when missing.
        url: of the registry, without credentials; each registry has a file of its own.
    """

    def __init__(self, directory: Path, url: str) -> None:
        digest = hashlib.sha256(url.encode()).hexdigest()[:16]
        self.path = directory / f"schema-ids-{digest}.json"
        self._url = url

    def id_of(self, subject: str, schema_text: str) -> int | None:
        """Return the id that was kept, or None."""
        found: int | None = self._read()["ids"].get(_key(subject, schema_text))
        return found

    def schema_of(self, schema_id: int) -> str | None:
        """Return the schema text that was kept, or None."""
        found: str | None = self._read()["schemas"].get(str(schema_id))
        return found

    def keep_id(self, subject: str, schema_text: str, schema_id: int) -> None:
        """Keep an id; blocks while another process writes."""
        self._keep("ids", _key(subject, schema_text), schema_id)

    def keep_schema(self, schema_id: int, schema_text: str) -> None:
        """Keep a schema; blocks while another process writes."""
        self._keep("schemas", str(schema_id), schema_text)

    def _keep(self, part: str, key: str, value: object) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                content = self._read()
                if content[part].get(key) == value:
                    return
                content[part][key] = value
                fresh = self.path.with_suffix(".fresh")
                fresh.write_text(json.dumps(content), encoding="utf-8")
                fresh.replace(self.path)
        except OSError as error:
            _log.warning("the registry's answers cannot be kept in %s: %s", self.path, error)

    def _read(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"format": _FORMAT, "registry": self._url, "ids": {}, "schemas": {}}
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return empty
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("%s cannot be read and is left out: %s", self.path, error)
            return empty
        if not _is_sound(content, self._url):
            _log.warning("%s does not hold what it should and is left out", self.path)
            return empty
        found: dict[str, Any] = content
        return found

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # Not the file itself: it is replaced, and a lock would stay with the old one.
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_sound(content: Any, url: str) -> bool:
    if not isinstance(content, dict) or (content.get("format"), content.get("registry")) != (_FORMAT, url):
        return False
    ids, schemas = content.get("ids"), content.get("schemas")
    if not isinstance(ids, dict) or not isinstance(schemas, dict):
        return False
    return all(type(each) is int for each in ids.values()) and all(isinstance(each, str) for each in schemas.values())


def _key(subject: str, schema_text: str) -> str:
    return f"{hashlib.sha256(schema_text.encode()).hexdigest()[:32]} {subject}"
