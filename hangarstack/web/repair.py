"""Forms of the dead letters' pages: what was asked for, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from hangarstack.deadletters.letter import letter_id, origin
from hangarstack.deadletters.moments import moment_ms
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import RepairError
from hangarstack.events import CODECS
from hangarstack.web.characters import without_control

TOPICS: Final = tuple(codec.topic for codec in CODECS)
MOST: Final = 200
"""Letters that one page lists or one form repairs; more is for the command line."""
_FIELDS: Final = ("topic", "service", "error", "since", "until", "quarantine", "all")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a visitor typed into the filters.

    Args:
        values: text of each field, empty where nothing was typed.
    """

    values: Mapping[str, str]

    @property
    def query(self) -> str:
        """The filters as the query of an address."""
        return urlencode({name: text for name, text in self.values.items() if text})

    @property
    def handled(self) -> bool:
        """Whether letters are listed that nobody waits for any more."""
        return bool(self.values["all"])

    def selection(self, now: float) -> Selection:
        """Return the letters that are meant.

        Args:
            now: seconds since 1970.

        Raises:
            RepairError: a time is none, or the topic none of ours.
        """
        topic, since, until = self.values["topic"], self.values["since"], self.values["until"]
        if topic and topic not in TOPICS:
            raise RepairError("that is no topic of this platform", where=topic)
        return Selection(
            topics=(topic,) if topic else TOPICS,
            service=self.values["service"],
            error=self.values["error"],
            since_ms=moment_ms(since, now) if since else None,
            until_ms=moment_ms(until, now) if until else None,
            quarantine=bool(self.values["quarantine"]),
        )


def filters(given: Mapping[str, str]) -> Filters:
    """Return the filters of a query or a form."""
    return Filters(values={name: without_control(given.get(name, "")).strip()[:_LONGEST] for name in _FIELDS})


def chosen(places: Sequence[str]) -> Selection:
    """Return the letters that a form names.

    Raises:
        RepairError: none, too many, or a place that is none of this platform's dead letters.
    """
    letters = tuple(dict.fromkeys(letter_id(text) for text in places[: MOST + 1]))
    if not letters:
        raise RepairError("no letter was chosen", remedy="Tick some, or take all that match")
    if len(letters) > MOST:
        raise RepairError(f"more than {MOST} letters at once are for the command line")
    for one in letters:
        if origin(one.topic) not in TOPICS:
            raise RepairError("that is no topic of this platform", where=one.topic)
    return Selection(topics=(), letters=letters)
