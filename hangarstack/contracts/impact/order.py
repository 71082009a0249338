"""In which order producers and consumers are deployed, so that nobody meets what it cannot read."""

from __future__ import annotations

from hangarstack.contracts.impact.effects import Change


def deploy_order(proposed: Change) -> tuple[str, ...]:
    """Return the steps, in order."""
    contract, number = proposed.contract, proposed.new.number
    register = f"Register v{number}: `hangarstack migrate apply`."
    consumers = _deploy("consumers", contract.consumers, f"they read v{number} and what is in the topic")
    producers = _deploy("producers", contract.producers, f"from now on they write v{number}")
    unread = [reading.writer.number for reading in proposed.backward if not reading.possible]
    wait = (
        f"Wait until no event of {_versions(unread)} is left in {contract.topic}"
        f"{_retention(contract.retention_ms)}: v{number} cannot read it."
    )
    if not contract.consumers:
        return register, producers
    if proposed.forward.possible:
        if not unread:
            return register, f"{consumers} Or the producers first: either order works.", producers
        return register, producers, wait, consumers
    if not unread:
        return register, consumers, producers
    return (
        f"No order works: v{proposed.old.number} cannot read v{number}, nor can v{number} read {_versions(unread)}.",
        f"Keep v{proposed.old.number} compatible, or begin a new topic and move consumers and producers over to it.",
    )


def _deploy(what: str, names: tuple[str, ...], why: str) -> str:
    return f"Deploy the {what} ({', '.join(names) or 'none is known'}): {why}."


def _versions(numbers: list[int]) -> str:
    return " and ".join(f"v{number}" for number in sorted(numbers))


def _retention(milliseconds: int) -> str:
    return ", which keeps events for ever" if milliseconds < 0 else f", {milliseconds / 86_400_000:.3g} days at most"
