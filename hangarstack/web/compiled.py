"""Compiled templates, kept from one start to the next."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Self

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates in a directory. Where the disk does not do it, a template is compiled again.

    Args:
        directory: exists, and is of this user alone.
    """

    @classmethod
    def at(cls, directory: Path) -> Self | None:
        """Return the cache in a directory that is made when missing; None: it cannot be."""
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return None
        return cls(str(directory))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if there is something."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if the disk has room."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


__all__ = ["CompiledTemplates"]
