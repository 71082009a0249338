"""Calling the functions that lift records of an old major version."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

from hangarstack.errors import DecodeError, UpcastError

_Old = TypeVar("_Old")
_New = TypeVar("_New")


def lift(function: Callable[[_Old], _New], old: _Old, expected: type[_New], *, event: str, name: str) -> _New:
    """Return the record of the next major version that a function makes of an old one.

    Args:
        function: the upcaster; whatever it raises becomes an ``UpcastError``, but for want of memory.
        old: what a writer of the old major wrote, as a record of that major's last version.
        expected: the class of what it must return.
        event: name of the event and the writer's version, such as ``SearchQuery v1``.
        name: of the function, as the migration names it.

    Raises:
        UpcastError: the function failed, or returned something else; ``where`` is event, version and function.
    """
    where = f"{event}, lifted by {name}"
    try:
        new = function(old)
    except DecodeError as refusal:
        # The author has chosen these words; those of other errors may quote the record, which may be personal.
        raise UpcastError(refusal.what, where=where, remedy=refusal.remedy) from None
    except MemoryError:
        # The process's trouble, not the record's.
        raise
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - anything may go wrong in a function that somebody else has written
        raise UpcastError(f"the upcaster failed: {type(fault).__name__}{_place(fault)}", where=where) from None
    if new.__class__ is not expected:
        raise UpcastError(f"the upcaster returned {type(new).__name__}, not {expected.__name__}", where=where)
    return new


def _place(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)[1:]
    return f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
