"""One ``up`` per state directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from hangarstack.errors import AlreadyRunningError, PlatformError


class StateLock:
    """Holds ``HOME/run/up.lock`` for as long as the process lives.

    The kernel drops the lock with the process, however it dies, so a stale file never stands in the way.

    Args:
        home: the state directory; made when missing.

    Raises:
        AlreadyRunningError: another ``up`` holds it; names its process.
        PlatformError: the directory cannot be made or written.
    """

    def __init__(self, home: Path) -> None:
        path = home / "run" / "up.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise PlatformError(
                f"the state directory cannot be used: {error.strerror}",
                where=str(path),
                remedy="Set HANGARSTACK_HOME to a directory you may write, on a disk with room",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            raise AlreadyRunningError(
                f"the platform already runs here, as process {owner}",
                where=str(home),
                remedy="Stop it with Ctrl-C, or set HANGARSTACK_HOME to another directory",
            ) from None
        self._file.seek(0)
        self._file.truncate()
        self._file.write(str(os.getpid()))
        self._file.flush()

    def close(self) -> None:
        """Let the next ``up`` in."""
        self._file.close()
