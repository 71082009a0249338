"""Whether events flowed as they were meant to: where nothing is accepted, nothing can be lost, and totals are exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drills.row import Figure
from drills.traffic import Published

_SHARE_BAR: Final = 90.0
"""Percent. Who is late makes up for it, so that only a machine without any time to spare, or a publisher that hangs,
stays below."""


def misfits(traffic: Sequence[Published], *, refusing: bool) -> list[str]:
    """Return in sentences what was refused though nothing should be, and which events are missing.

    Args:
        traffic: what was published.
        refusing: whether the drill makes the producer refuse events.
    """
    refused = sum(each.refused for each in traffic)
    lines = [f"{refused:,} times an event was refused"] if refused and not refusing else []
    short = [each for each in traffic if each.events is not None and each.accepted.total() != each.events]
    return [*lines, *(f"{each.accepted.total():,} of {each.events:,} events were accepted" for each in short)]


def shares(traffic: Sequence[Published]) -> list[Figure]:
    """Return what share of its events each traffic published that has a rate and no number."""
    found = [each.share for each in traffic if each.share is not None]
    return [
        Figure(name="published", value=100 * share, unit="% of the rate", bar=_SHARE_BAR, at_least=True)
        for share in found
    ]


__all__ = ["misfits", "shares"]
