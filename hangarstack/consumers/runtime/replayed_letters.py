"""The dead letters of a replay, held against those that stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from hangarstack.broker.specs import dead_letter_topic
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.standing import Place, Standing
from hangarstack.errors import RebuildError


class ReplayedLetters:
    """Takes the dead letters of a replay, and writes none: each should stand in its topic already."""

    def __init__(self) -> None:
        self._reasons: dict[Place, str] = {}

    @property
    def count(self) -> int:
        """How many records the replay could not handle."""
        return len(self._reasons)

    def send(self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        """Note the letters."""
        for letter in letters:
            place = Place(letter.topic, letter.partition, letter.offset, letter.record.timestamp()[1])
            self._reasons[place] = letter.reason
            acknowledged(letter)

    def close(self) -> None:
        """There is nothing to let go of."""

    def refuse_new(self, standing: Standing, written: Mapping[str, int], *, service: str) -> None:
        """Raise if records were counted that cannot be handled any more.

        They are those without a letter, but for as many as there were letters that Kafka does not keep any more, and
        as old as those may have been.

        Args:
            standing: the service's letters.
            written: how many letters it had written before ``standing`` was read, by topic.
            service: its name.

        Raises:
            RebuildError: at least one event would be lost.
        """
        kept = Counter(place.topic for place in standing.places)
        new = sorted(self._reasons.keys() - standing.places)
        for topic in {place.topic for place in new}:
            gone = max(0, written.get(topic, 0) - kept[topic])
            until_ms = standing.lost_until_ms.get(dead_letter_topic(topic), 0.0)
            dead = [place for place in new if place.topic == topic]
            # Those that no lost letter can have been of come first.
            dead.sort(key=lambda place: place.timestamp_ms <= until_ms)
            young = sum(place.timestamp_ms > until_ms for place in dead)
            count = max(young, len(dead) - gone)
            if count:
                raise RebuildError(
                    f"at least {count:,} events that are counted now cannot be handled any more; the first may be "
                    f"{topic}[{dead[0].partition}]@{dead[0].offset}: {self._reasons[dead[0]]}",
                    where=service,
                    remedy="Mend the service or its contract, then run it again",
                )


__all__ = ["ReplayedLetters"]
