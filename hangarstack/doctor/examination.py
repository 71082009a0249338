"""Checks one after the other, each in bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hangarstack.errors import HangarStackError
from hangarstack.settings import Settings

LIMIT_S: Final = 9.5
"""Seconds that one check may take, whatever it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found.

    Args:
        check: its name.
        ok: whether all is well.
        detail: one line of what was found.
        remedy: what to do; empty when all is well.
        seconds: how long it took.
        skipped: whether it was left out, which the detail explains.
    """

    check: str
    ok: bool
    detail: str
    remedy: str
    seconds: float
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check.

    Args:
        name: what people call it.
        run: returns a line of detail, or raises what is wrong; ``None`` where it cannot be tried.
        needs: the names of checks without which this one tells nothing new.
        left_out: why it cannot be tried, in a sentence.
    """

    name: str
    run: Callable[[Settings], str] | None
    needs: tuple[str, ...] = ()
    left_out: str = ""


def examine(settings: Settings, checks: Sequence[Check], *, limit_s: float = LIMIT_S) -> Iterator[Finding]:
    """Run the checks in order and yield each one's finding when it is known; each blocks at most ``limit_s``."""
    failed: set[str] = set()
    for check in checks:
        absent = [name for name in check.needs if name in failed]
        finding = _not_tried(check, absent[0]) if absent else _run(check, settings, limit_s)
        if not finding.ok:
            failed.add(check.name)
        yield finding


def _run(check: Check, settings: Settings, limit_s: float) -> Finding:
    run = check.run
    if run is None:
        return Finding(check=check.name, ok=True, detail=check.left_out, remedy="", seconds=0.0, skipped=True)
    outcome: list[str | Exception] = []

    def work() -> None:
        try:
            outcome.append(run(settings))
        except Exception as error:  # noqa: BLE001 - whatever a check ends with is its finding
            outcome.append(error)

    began = time.monotonic()
    # A daemon: what hangs in a name server or a socket must not hold the report.
    worker = threading.Thread(target=work, name=f"doctor-{check.name}", daemon=True)
    worker.start()
    worker.join(limit_s)
    seconds = round(time.monotonic() - began, 3)
    found = outcome[0] if outcome else HangarStackError(f"no result after {limit_s:g} s")
    if isinstance(found, str):
        return Finding(check=check.name, ok=True, detail=found, remedy="", seconds=seconds)
    detail, remedy = _explained(found)
    return Finding(check=check.name, ok=False, detail=detail, remedy=remedy, seconds=seconds)


def _explained(error: Exception) -> tuple[str, str]:
    if not isinstance(error, HangarStackError):
        return f"{type(error).__name__}: {error}", "This is a fault of the doctor's own: please report it"
    place = f"{error.where}: " if error.where else ""
    return f"{place}{error.what}", error.remedy or "Look at the log of the part that it names"


def _not_tried(check: Check, absent: str) -> Finding:
    return Finding(
        check=check.name,
        ok=False,
        detail=f"not tried, because the {absent} check failed",
        remedy=f"Mend the {absent} first",
        seconds=0.0,
    )
