"""Looking at the files of a tree: what may not be looked at is an error, never something that is not there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from hangarstack.errors import ContractTreeError


def is_there(path: Path) -> bool:
    """Tell whether there is something of that name.

    Raises:
        ContractTreeError: a directory on the way may not be looked into; as all functions here do.
    """
    return _mode(path) is not None


def is_directory(path: Path) -> bool:
    """Tell whether there is a directory, or a link to one."""
    mode = _mode(path)
    return mode is not None and stat.S_ISDIR(mode)


def entries(directory: Path) -> list[Path]:
    """Return what is in a directory, sorted; nothing when there is no such directory."""
    try:
        return sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(directory, error) from error


def read_file(path: Path) -> bytes:
    """Return what a regular file holds, or a link to one: a pipe or a device might never come to its end.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    # Without waiting: to open a pipe that nobody writes to would block.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return file.read()


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return None
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ContractTreeError:
    return ContractTreeError(
        f"it cannot be looked at: {error.strerror}", where=str(path), remedy="Allow it, and try again"
    )
