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
            # Without a buffer, which would meet a full disk only when it is emptied.
            self._file: IO[bytes] = path.open("a+b", buffering=0)
        except OSError as error:
            raise _unusable(home, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().decode().strip() or "unknown"
            self._file.close()
            raise AlreadyRunningError(
                f"the platform already runs here, as process {owner}",
                where=str(home),
                remedy="Stop it with Ctrl-C, or set HANGARSTACK_HOME to another directory",
            ) from None
        try:
            self._file.truncate(0)
            self._file.write(str(os.getpid()).encode())
        except OSError as error:
            self._file.close()
            raise _unusable(home, error) from error

    def close(self) -> None:
        """Let the next ``up`` in."""
        self._file.close()


def _unusable(home: Path, error: OSError) -> PlatformError:
    return PlatformError(
        f"the state directory cannot be used: {error.strerror}",
        where=str(home),
        remedy="Set HANGARSTACK_HOME to a directory you may write, on a disk with room",
    )
