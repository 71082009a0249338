"""What the slots of a component share: the descriptions of streams, and the place for files that cannot be read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import structlog

from hangarstack.errors import SpoolError
from hangarstack.producers.record import Stream, stream_from_text
from hangarstack.producers.segment import sync_directory

_log = structlog.get_logger("hangarstack.producers.spool")


class Shelf:
    """The streams that records refer to by fingerprint, one small file each, never changed.

    Args:
        directory: the component's spool directory, which exists.
    """

    def __init__(self, directory: Path) -> None:
        self._streams = directory / "streams"
        self._aside = directory / "aside"
        self._known: dict[int, Stream] = {}

    def __contains__(self, fingerprint: int) -> bool:
        if fingerprint in self._known:
            return True
        try:
            stream = stream_from_text(self.path(fingerprint).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if stream.fingerprint != fingerprint:
            return False
        self._known[fingerprint] = stream
        return True

    def __getitem__(self, fingerprint: int) -> Stream:
        return self._known[fingerprint]

    def put(self, stream: Stream) -> None:
        """Keep a stream's description, on disk before this returns.

        Raises:
            SpoolError: it cannot be written.
        """
        path = self.path(stream.fingerprint)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with fresh.open("x", encoding="utf-8") as file:
                file.write(stream.text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise SpoolError(f"a stream cannot be noted: {error.strerror}", where=str(path)) from error
        self._known[stream.fingerprint] = stream

    def set_aside(self, path: Path, reason: SpoolError) -> None:
        """Move a file where nobody trips over it, and say so; it is never deleted."""
        self._aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._aside / path.name
        if target.exists():
            target = self._aside / f"{path.name}.{secrets.token_hex(4)}"
        path.rename(target)
        _log.error("set aside a file of the spool", error="SpoolError", reason=str(reason), kept_as=str(target))

    def path(self, fingerprint: int) -> Path:
        """Return the file of a stream, whether it exists or not."""
        return self._streams / f"{fingerprint:016x}.json"
