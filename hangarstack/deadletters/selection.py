"""Which dead letters are meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from hangarstack.broker.specs import QUARANTINE_SUFFIX, dead_letter_topic, quarantine_topic
from hangarstack.deadletters.letter import Letter, LetterId, origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters; a letter must pass all that are given.

    Args:
        topics: whose dead letters, by the topic that the records came from; empty, with letters named: anybody's.
        letters: only these, wherever they are; empty: any.
        service: which service could not handle them; empty: any.
        error: part of the error's class or message, whatever the case; empty: any.
        since_ms: written at this time or later, in milliseconds since 1970.
        until_ms: written before this time.
        quarantine: look into the quarantine only; without it, only letters that are named are looked for there.
    """

    topics: tuple[str, ...]
    letters: tuple[LetterId, ...] = ()
    service: str = ""
    error: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    quarantine: bool = False

    @property
    def log_topics(self) -> list[str]:
        """The topics to read, each once."""
        if self.letters:
            return sorted({one.topic for one in self.letters if self._looks_into(one.topic)})
        named = quarantine_topic if self.quarantine else dead_letter_topic
        return [named(topic) for topic in dict.fromkeys(self.topics)]

    def matches(self, letter: Letter) -> bool:
        """Tell whether a letter is meant."""
        return (
            (not self.letters or letter.id in self.letters)
            and self._looks_into(letter.id.topic)
            and (not self.service or letter.service == self.service)
            and self._blames(letter)
            and (self.since_ms is None or letter.timestamp_ms >= self.since_ms)
            and (self.until_ms is None or letter.timestamp_ms < self.until_ms)
        )

    def as_json(self) -> str:
        """Return the filters that were given, for the audit."""
        given = {
            "topics": self.log_topics,
            "letters": [str(one) for one in self.letters],
            "service": self.service,
            "error": self.error,
            "since_ms": self.since_ms,
            "until_ms": self.until_ms,
        }
        return json.dumps({name: value for name, value in given.items() if value not in ("", None, [])})

    def _looks_into(self, topic: str) -> bool:
        if self.topics and origin(topic) not in self.topics:
            return False
        return not self.quarantine or topic.endswith(QUARANTINE_SUFFIX)

    def _blames(self, letter: Letter) -> bool:
        wanted = self.error.casefold()
        return wanted in letter.error_class.casefold() or wanted in letter.message.casefold()


_MOST_TOPICS: Final = 3
"""That are named; nobody who gives none means each of them in particular."""


def in_words(given: str) -> str:
    """Return in words the filters that ``Selection.as_json`` has written."""
    found = json.loads(given)
    said = [_places(found)]
    said += [f"that {found['service']} could not handle"] if "service" in found else []
    said += [f"whose error holds “{found['error']}”"] if "error" in found else []
    said += [f"written since {_moment(found['since_ms'])}"] if "since_ms" in found else []
    said += [f"written before {_moment(found['until_ms'])}"] if "until_ms" in found else []
    return ", ".join(said)


def _places(found: Mapping[str, Any]) -> str:
    if "letters" in found:
        letters = found["letters"]
        return f"letter{'s' * (len(letters) > 1)} {', '.join(letters)}"
    topics = found.get("topics", [])
    if len(topics) > _MOST_TOPICS:
        return f"all that wait in {len(topics)} topics"
    return f"all that wait in {' and '.join(topics)}"


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
