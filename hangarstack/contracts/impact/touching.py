"""What a new version of a contract does to each of its consumers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.impact.change import Change
from hangarstack.contracts.impact.consequences import Consequences
from hangarstack.contracts.impact.effects import STOPPING, Effect
from hangarstack.contracts.impact.looking import looked_at
from hangarstack.contracts.readers import declared_of, deployed_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One consumer.

    Args:
        consumer: its name.
        declared: the version that it says it decodes into; ``None`` when it says nothing, and then it is taken to
            decode into the version in use, and to read every field.
        effect: the worst that happens to it, deployed in whatever order.
        reasons: what happens, worst first, each a sentence.
        ends: versions of which no event may be left when it is deployed anew, or it breaks or misreads them.
    """

    consumer: str
    declared: int | None
    effect: Effect
    reasons: tuple[tuple[Effect, str], ...]
    ends: tuple[int, ...] = ()

    def suffers(self, effects: Collection[Effect]) -> bool:
        """Tell whether one of these is among the reasons."""
        return any(effect in effects for effect, _ in self.reasons)

    @property
    def stops(self) -> bool:
        """Whether no order of deployment saves it."""
        return self.suffers(STOPPING)


def touched(proposed: Change, declarations: Sequence[Declared]) -> tuple[Touched, ...]:
    """Say what happens to each consumer of a contract, in the order of ``contract.toml``.

    Args:
        proposed: the change.
        declarations: of whatever consumers and events, besides those of ``contract.toml``.
    """
    mine = declared_of(proposed.contract, declarations)
    names = dict.fromkeys([*proposed.contract.consumers, *mine])
    return tuple(_consumer(proposed, name, mine.get(name)) for name in names)


def _consumer(proposed: Change, name: str, declared: Declared | None) -> Touched:
    old, versions = proposed.old.number, proposed.contract.versions
    deployed = versions[deployed_version(declared, old) - 1]
    told = versions[declared.version - 1 : declared.version] if declared else ()
    looked = looked_at((*told, deployed)[0].schema, declared.fields if declared else None)
    found = Consequences(proposed, deployed, looked.fields, ahead=declared is not None and declared.version > old)
    reasons = [*found.reasons()]
    if looked.why:
        reasons.append((Effect.UNTRIED, f"not every field was followed: {looked.why}"))
    order = list(Effect)
    reasons = sorted(dict.fromkeys(reasons), key=lambda reason: order.index(reason[0]))
    return Touched(
        consumer=name,
        declared=declared.version if declared else None,
        effect=reasons[0][0] if reasons else Effect.NONE,
        reasons=tuple(reasons),
        ends=found.ends,
    )
