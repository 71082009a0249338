"""The dead letters of one consumer group that can still be replayed, or were."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hangarstack.broker.specs import dead_letter_topic, quarantine_topic
from hangarstack.deadletters import headers as names
from hangarstack.deadletters.letter import Letter
from hangarstack.deadletters.ports import LetterSource


def standing(source: LetterSource, topics: Collection[str], group: str) -> Iterator[Letter]:
    """Yield all letters that Kafka still keeps of a group, quarantined ones too, whatever became of them.

    Args:
        source: where the letters are; each step may block for some seconds.
        topics: those that the records came from.
        group: the consumer group that could not handle them.

    Raises:
        BrokerError: Kafka does not answer, or refuses.
    """
    logs = [named(topic) for topic in topics for named in (dead_letter_topic, quarantine_topic)]
    for log in source.logs(logs):
        for letter in source.read(log, log.first):
            if letter is not None and letter.text(names.GROUP) == group:
                yield letter
