"""What a drill found: exact totals, and the figures that it measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Something measured.

    Args:
        name: what, such as ``takeover after SIGKILL``.
        value: how much.
        unit: of the value and the bar.
        bar: what it must reach; None: only shown.
        at_least: whether the bar is the least that is good, and not the most.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the bar is reached."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def __str__(self) -> str:
        text = f"{self.name} {_number(self.value)} {self.unit}"
        if self.bar is None:
            return text
        return f"{text} (bar {'≥' if self.at_least else '≤'} {_number(self.bar)}{'' if self.met else ', MISSED'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The outcome of one drill.

    Args:
        drill: its name.
        size: what was done, in words and numbers.
        seed: repeats its random choices.
        accepted: different events that ``publish`` took, and poison records that Kafka took.
        counted: events in the read model.
        dead: different records in the dead letters.
        spooled: events that still wait in a spool.
        misfits: whatever does not add up, in sentences; empty when all does.
        seconds: how long it took.
        figures: what was measured on the way.
    """

    drill: str
    size: str
    seed: int
    accepted: int
    counted: int
    dead: int
    spooled: int
    misfits: tuple[str, ...]
    seconds: float
    figures: tuple[Figure, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether every accepted event is in one place, and none in two."""
        return not self.misfits and self.accepted == self.counted + self.dead + self.spooled

    @property
    def passed(self) -> bool:
        """Whether it is exact and every figure reaches its bar."""
        return self.exact and all(figure.met for figure in self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A drill that could not run, or not end; it has no totals.

    Args:
        drill: its name on the command line.
        reason: why, in one line.
        seed: repeats its random choices.
        seconds: after how long.
    """

    drill: str
    reason: str
    seed: int
    seconds: float
    passed: Literal[False] = False


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


__all__ = ["Failed", "Figure", "Row"]
