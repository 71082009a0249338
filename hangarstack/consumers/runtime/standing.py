"""The dead letters of a consumer group that Kafka keeps: of which events, and where their records were."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hangarstack.broker.specs import dead_letter_topic, quarantine_topic
from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.consumers.runtime.ports import Decoder
from hangarstack.deadletters import headers as names
from hangarstack.deadletters.letter import Letter
from hangarstack.deadletters.ports import LetterSource

_log: Final = logging.getLogger(__name__)
_DIGITS: Final = 19
"""What an offset or a time has at most; anybody who may write to the topic writes what he likes."""


class Place(NamedTuple):
    """Where a record was; its time tells it from one of an earlier topic of the same name."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the letters say that are kept, quarantined ones too, whatever became of them.

    Args:
        event_ids: of the events that can be decoded by now.
        places: where the records were.
        lost_until_ms: by topic of letters: those of records written after that are all kept, in milliseconds since
            1970; infinite where that is not known.
    """

    event_ids: list[bytes] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)
    lost_until_ms: dict[str, float] = field(default_factory=dict)


def read_standing(source: LetterSource, decoder: Decoder, topics: Collection[str], group: str) -> Standing:
    """Read all letters of a group; blocks for as long.

    Args:
        source: where the letters are.
        decoder: bytes to events.
        topics: those that the records came from.
        group: the consumer group that could not handle them.

    Raises:
        BrokerError: Kafka does not answer, or refuses.
        RegistryError: a schema must be asked for, and the registry does not answer.
    """
    found = Standing()
    for log in source.logs([named(topic) for topic in topics for named in (dead_letter_topic, quarantine_topic)]):
        oldest_ms, astray = math.inf, 0
        for letter in source.read(log, log.first):
            if letter is None:
                continue
            oldest_ms = min(oldest_ms, letter.timestamp_ms)
            if letter.text(names.GROUP) == group:
                place = _place(letter)
                if place is None:
                    astray += 1
                else:
                    found.places.add(place)
                _note_event(letter, decoder, found)
        # A letter is written after its record, and deleted before those that were written after it.
        found.lost_until_ms[log.topic] = oldest_ms if log.first else math.inf
        if astray:
            _log.warning(
                "dead letters that do not say where their records were are taken for none",
                extra={"topic": log.topic, "letters": astray},
            )
    return found


def _place(letter: Letter) -> Place | None:
    numbers = [letter.text(name) for name in (names.PARTITION, names.OFFSET, names.TIMESTAMP)]
    if all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in numbers):
        return Place(letter.origin, *map(int, numbers))
    return None


def _note_event(letter: Letter, decoder: Decoder, found: Standing) -> None:
    try:
        found.event_ids.append(decoder.decode(letter.origin, letter.value or b"").event_id.bytes)
    except Exception as error:
        if is_outage(error):
            raise


__all__ = ["Place", "Standing", "read_standing"]
