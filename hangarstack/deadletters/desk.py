"""All that can be done with dead letters, on the real Kafka, registry and store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from hangarstack.broker.specs import dead_letter_topic
from hangarstack.deadletters.browsing import Listed, Listing, browse, find
from hangarstack.deadletters.kafka_outlet import KafkaOutlet
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.deadletters.lease import Lease
from hangarstack.deadletters.ledger import Ledger, Repair
from hangarstack.deadletters.letter import LetterId
from hangarstack.deadletters.repairing import Order, Repairer, Report
from hangarstack.deadletters.schemas import Explanation, explain
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import RepairError
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Settings

REPLAY: Final = "replay"
DROP: Final = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One letter with all that is known of it."""

    listed: Listed
    explanation: Explanation
    repair: Repair | None


def require_topics(settings: Settings, topics: Sequence[str], *, others: Sequence[str]) -> None:
    """Refuse topics without dead letters of their own: a misspelt name must not look as if nothing waited there.

    Args:
        settings: of Kafka.
        topics: names of topics that no contract has; none: Kafka is not asked.
        others: those that contracts have, for the advice.

    Raises:
        RepairError: one of them has no topic of dead letters.
        BrokerError: Kafka does not answer, or refuses.
    """
    if not topics:
        return
    with KafkaLetterSource(settings) as source:
        found = {log.topic for log in source.logs([dead_letter_topic(topic) for topic in topics])}
    for topic in topics:
        if dead_letter_topic(topic) not in found:
            remedy = f"The contracts have {', '.join(others)}" if others else "Check its spelling"
            raise RepairError("there is no topic of dead letters for it", where=topic, remedy=remedy)


class Desk:
    """Lists, shows, replays and drops; connects for each call, so that nothing is kept open between them.

    Every method blocks, and may raise ``BrokerError`` or ``StoreError``.

    Args:
        settings: of Kafka and the registry; ``dead_letter_replays``.
        engine: the ``dead_letters`` store, migrated.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._ledger = Ledger(engine)

    def browse(self, selection: Selection, *, limit: int, handled: bool, within_s: float) -> Listing:
        """Return the letters that match, oldest first; ``within_s`` bounds the time to look for them."""
        with KafkaLetterSource(self._settings) as source:
            return browse(source, self._ledger, selection, limit=limit, handled=handled, within_s=within_s)

    def show(self, wanted: LetterId) -> Shown:
        """Return one letter, decoded as far as it can be.

        Raises:
            LetterNotFoundError: there is none at that place.
        """
        with KafkaLetterSource(self._settings) as source:
            listed = find(source, self._ledger, wanted)
        known = self._ledger.fates(listed.log.key, wanted.offset).get(wanted.offset)
        return Shown(
            listed=listed,
            explanation=explain(listed.letter, SchemaIds(self._settings)),
            repair=None if known is None else self._ledger.repair(known[1]),
        )

    def carry_out(self, kind: str, order: Order) -> Report:
        """Replay or drop.

        Args:
            kind: ``REPLAY`` or ``DROP``.
            order: what is to be done.

        Raises:
            RepairBusyError: somebody else is replaying or dropping just now.
        """
        with KafkaLetterSource(self._settings) as source, Lease(self._engine, order.actor.name) as lease:
            repairer = Repairer(
                source,
                KafkaOutlet(self._settings),
                self._ledger,
                lease,
                replays=self._settings.dead_letter_replays,
            )
            return repairer.replay(order) if kind == REPLAY else repairer.drop(order)

    def repairs(self, limit: int) -> Sequence[Repair]:
        """Return who did what, latest first."""
        return self._ledger.repairs(limit)
