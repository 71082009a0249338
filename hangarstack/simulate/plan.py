"""What visitors do: an endless, seeded sequence of actions for each of them."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

_ZIPF_EXPONENT: Final = 1.1
_EDIT_SHARE: Final = 0.01
_USER_AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile/15E148",
    "Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Safari/604.1",
)


class Kind(Enum):
    """What a visitor can do in one step."""

    VIEW = "view"
    SEARCH = "search"
    BROWSE = "browse"
    FILTER = "filter"
    COMPARE = "compare"
    ANALYTICS = "analytics"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step of a visitor.

    Args:
        kind: what it is.
        aircraft: ids that it concerns: one for VIEW and EDIT, two or three for COMPARE, none otherwise.
        text: what is searched (SEARCH), the category (FILTER).
        new_session: the visitor is somebody else from here on.
        from_search: a VIEW that follows the visitor's last search.
        user_agent: the visitor's browser.
        private: the visitor asks not to be tracked.
    """

    kind: Kind
    aircraft: tuple[str, ...] = ()
    text: str = ""
    new_session: bool = False
    from_search: bool = False
    user_agent: str
    private: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What the plan must know of an aircraft: its id, and the names by which people search for it."""

    id: str
    names: tuple[str, ...]


class Popularity:
    """Zipf-distributed choice among the aircraft, whose ranks are shuffled by the seed.

    Args:
        subjects: the aircraft; at least one.
        seed: the same seed ranks the same aircraft first.
    """

    def __init__(self, subjects: Sequence[Subject], seed: int) -> None:
        self._ranked = sorted(subjects, key=lambda s: s.id)
        random.Random(f"{seed}/ranks").shuffle(self._ranked)  # noqa: S311 - a simulation, not a secret
        weights = [1 / rank**_ZIPF_EXPONENT for rank in range(1, len(self._ranked) + 1)]
        self._cumulative = list(itertools.accumulate(weights))

    def pick(self, rng: random.Random) -> Subject:
        """Return one aircraft, popular ones more often."""
        return self._ranked[bisect.bisect(self._cumulative, rng.random() * self._cumulative[-1])]


def visitor(seed: int, number: int, popularity: Popularity) -> Iterator[Action]:
    """Yield the actions of visitor ``number`` without end: session after session, each of 1 to about 30 steps."""
    for session in itertools.count():
        rng = random.Random(f"{seed}/{number}/{session}")  # noqa: S311 - a simulation, not a secret
        yield from _session(rng, popularity)


def _session(rng: random.Random, popularity: Popularity) -> Iterator[Action]:
    user_agent = rng.choice(_USER_AGENTS)
    private = rng.random() < 0.1
    steps = min(30, 1 + int(rng.expovariate(1 / 6)))
    pending: list[Action] = []
    for step in range(steps):
        if not pending:
            pending = _intent(rng, popularity, user_agent, private)
        action = pending.pop(0)
        if step == 0:
            action = Action(
                kind=action.kind,
                aircraft=action.aircraft,
                text=action.text,
                new_session=True,
                user_agent=user_agent,
                private=private,
            )
        yield action


def _intent(rng: random.Random, popularity: Popularity, user_agent: str, private: bool) -> list[Action]:
    """Return what the visitor wants next, as one to three steps that belong together."""

    def do(kind: Kind, *aircraft: Subject, text: str = "", from_search: bool = False) -> Action:
        ids = tuple(subject.id for subject in aircraft)
        return Action(
            kind=kind, aircraft=ids, text=text, from_search=from_search, user_agent=user_agent, private=private
        )

    subject = popularity.pick(rng)
    chance = rng.random()
    if chance < _EDIT_SHARE:
        return [do(Kind.VIEW, subject), do(Kind.EDIT, subject)]
    if chance < 0.25:
        text = _as_typed(rng, rng.choice(subject.names))
        return [do(Kind.SEARCH, text=text), do(Kind.VIEW, subject, from_search=True)]
    if chance < 0.33:
        return [do(Kind.BROWSE)]
    if chance < 0.42:
        return [do(Kind.FILTER, text=rng.choice(("civil", "military", "rotary", "general-aviation")))]
    if chance < 0.47:
        others = {popularity.pick(rng).id: None for _ in range(2)}
        ids = dict.fromkeys([subject.id, *others])
        return [do(Kind.VIEW, subject), do(Kind.COMPARE, *(Subject(i, ()) for i in ids))]
    if chance < 0.50:
        return [do(Kind.ANALYTICS)]
    return [do(Kind.VIEW, subject)]


def _as_typed(rng: random.Random, name: str) -> str:
    """Return the name as somebody types it: often in lower case, without hyphens, now and then with a slip."""
    text = name.lower() if rng.random() < 0.7 else name
    if rng.random() < 0.3:
        text = text.replace("-", "")
    if len(text) > 4 and rng.random() < 0.25:
        at = rng.randrange(1, len(text) - 1)
        slips = (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
        text = rng.choice(slips)
    return text
