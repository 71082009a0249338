"""What the slots of a component share: the descriptions of streams, and the place for files that cannot be read."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

import structlog

from hangarstack.errors import SpoolError
from hangarstack.producers.disk import Disk
from hangarstack.producers.record import Stream, stream_from_text
from hangarstack.producers.shortage import remedy_of

_log = structlog.get_logger("hangarstack.producers.spool")


class Shelf:
    """The streams that records refer to by fingerprint, one small file each, never changed.

    Args:
        directory: the component's spool directory, which exists.
        disk: forces what is noted.
    """

    def __init__(self, directory: Path, disk: Disk) -> None:
        self._disk = disk
        self._streams = directory / "streams"
        self._aside = directory / "aside"
        self._known: dict[int, Stream] = {}
        self._forced = 0
        """How many of them are known to have their names on the disk."""

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
                self._disk.force(file.fileno())
            fresh.replace(path)
            self._disk.force_names(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise SpoolError(
                f"a stream cannot be noted: {error.strerror}", where=str(path), remedy=remedy_of(error)
            ) from error
        self._known[stream.fingerprint] = stream

    def sync(self) -> None:
        """Force the names of the known streams, those too that another process has just noted; safe from any thread.

        Raises:
            OSError: the disk refused.
        """
        known = len(self._known)
        if self._forced < known:
            self._disk.force_names(self._streams)
            self._forced = known

    def set_aside(self, path: Path, reason: SpoolError) -> None:
        """Move a file where nobody trips over it, and say so; it is never deleted.

        Raises:
            OSError: it cannot be moved; it stays where it is.
        """
        self._aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._aside / path.name
        if target.exists():
            target = self._aside / f"{path.name}.{secrets.token_hex(4)}"
        path.rename(target)
        _log.error("set aside a file of the spool", error="SpoolError", reason=str(reason), kept_as=str(target))

    def aside(self) -> int:
        """Return how many files are set aside, by whichever process of the component.

        Raises:
            OSError: the directory cannot be read.
        """
        try:
            return sum(1 for _ in self._aside.iterdir())
        except FileNotFoundError:
            return 0

    def problems(self) -> list[str]:
        """Return what is to be said of the files that are set aside."""
        try:
            count = self.aside()
        except OSError as error:
            return [f"{self._aside}: cannot be read: {error.strerror}"]
        told = (
            f"{self._aside}: {count:,} files are set aside, because they are damaged or not of the spool, and no event"
            " in them is sent from there. See what they hold, then move them away"
        )
        return [told] if count else []

    def path(self, fingerprint: int) -> Path:
        """Return the file of a stream, whether it exists or not."""
        return self._streams / f"{fingerprint:016x}.json"
