"""In which order producers and consumers are deployed, so that nobody meets what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.effects import GOES_FIRST, GOES_LAST, Effect
from hangarstack.contracts.impact.touching import Touched


def deploy_order(proposed: Change, services: Sequence[Touched]) -> tuple[str, ...]:
    """Return the steps, in order; or why there are none.

    Args:
        proposed: the change.
        services: what it does to each consumer.
    """
    if any(each.stops for each in services):
        return tuple(_stop(proposed, services))
    return tuple(_steps(proposed, services))


_HOPELESS: Final = {
    Effect.BREAKS: "deployed before the producers, what is in the topic cannot be read; after them, what they write",
    Effect.MIXED: "deployed before the producers, what is in the topic cannot be read or is misread; after them, what "
    "they write",
    Effect.MISREADS: "deployed before the producers, what is in the topic is read as wrong values without an error; "
    "after them, what they write",
}
"""Why, by the worst that happens to a consumer."""


def _stop(proposed: Change, services: Sequence[Touched]) -> Iterator[str]:
    for effect, why in _HOPELESS.items():
        names = [each.consumer for each in services if each.effect is effect]
        if names:
            yield f"No order works for {', '.join(names)}: {why}."
    yield (
        f"Keep v{proposed.old.number} compatible, with a new optional field beside the old one, or begin a new topic "
        "and move consumers and producers over to it."
    )


def _steps(proposed: Change, services: Sequence[Touched]) -> Iterator[str]:
    contract, number = proposed.contract, proposed.new.number
    late = [each for each in services if each.suffers(GOES_LAST)]
    last = [each.consumer for each in late]
    early = [each for each in services if each.consumer not in last]
    first = [each.consumer for each in early if each.suffers({*GOES_FIRST, Effect.BROKEN})]
    others = [each.consumer for each in early if each.consumer not in first]
    why = f"they read v{number} and what is in the topic"
    either = "" if first or last else " Or the producers first: either order works."
    yield f"Register v{number}: `hangarstack migrate apply`."
    before = [*first, *others] if not last else first
    if before:
        yield f"{_deploy('consumers', before, why)}{either}"
    yield _deploy("producers", contract.producers, f"from now on they write v{number}")
    if last:
        ended = _versions(sorted({version for each in late for version in each.ends}))
        kept = _retention(contract.retention_ms)
        verb = "cannot read" if any(each.suffers({Effect.LAST}) for each in late) else "misreads"
        yield f"Wait until no event of {ended} is left in {contract.topic}{kept}: v{number} {verb} it."
        yield _deploy("consumers", [*last, *others], why)


def _deploy(what: str, names: Sequence[str], why: str) -> str:
    return f"Deploy the {what} ({', '.join(names) or 'none is known'}): {why}."


def _versions(numbers: Sequence[int]) -> str:
    return " and ".join(f"v{number}" for number in numbers)


def _retention(milliseconds: int) -> str:
    return ", which keeps events for ever" if milliseconds < 0 else f", {milliseconds / 86_400_000:.3g} days at most"
