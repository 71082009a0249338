"""In which order producers and consumers are deployed, so that nobody meets what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.effects import Effect
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


def _stop(proposed: Change, services: Sequence[Touched]) -> Iterator[str]:
    broken = [each.consumer for each in services if each.suffers(Effect.BREAKS)]
    if broken:
        yield (
            f"No order works for {', '.join(broken)}: before the producers it cannot read what is in the topic, "
            "after them it cannot read what they write."
        )
    for each in services:
        wrong = next((sentence for effect, sentence in each.reasons if effect is Effect.MISREADS), None)
        if wrong is not None:
            yield f"Stop: {each.consumer} gets wrong values and no error: {wrong}."
    yield (
        f"Keep v{proposed.old.number} compatible, with a new optional field beside the old one, or begin a new topic "
        "and move consumers and producers over to it."
    )


def _steps(proposed: Change, services: Sequence[Touched]) -> Iterator[str]:
    contract, number = proposed.contract, proposed.new.number
    first = [each.consumer for each in services if each.suffers(Effect.FIRST, Effect.BROKEN)]
    last = [each.consumer for each in services if each.suffers(Effect.LAST) and each.consumer not in first]
    others = [each.consumer for each in services if each.consumer not in {*first, *last}]
    why = f"they read v{number} and what is in the topic"
    either = "" if first or last else " Or the producers first: either order works."
    yield f"Register v{number}: `hangarstack migrate apply`."
    early = [*first, *others] if not last else first
    if early:
        yield f"{_deploy('consumers', early, why)}{either}"
    yield _deploy("producers", contract.producers, f"from now on they write v{number}")
    if last:
        unread = _versions(proposed.unread)
        kept = _retention(contract.retention_ms)
        yield f"Wait until no event of {unread} is left in {contract.topic}{kept}: v{number} cannot read it."
        yield _deploy("consumers", [*last, *others], why)


def _deploy(what: str, names: Sequence[str], why: str) -> str:
    return f"Deploy the {what} ({', '.join(names) or 'none is known'}): {why}."


def _versions(numbers: Sequence[int]) -> str:
    return " and ".join(f"v{number}" for number in numbers)


def _retention(milliseconds: int) -> str:
    return ", which keeps events for ever" if milliseconds < 0 else f", {milliseconds / 86_400_000:.3g} days at most"
