"""Forgiving search over names, designators and reporting names: ``f16``, ``su27``, ``Fulcrum``, ``B738``, typos."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from hangarstack.catalogue.model import Aircraft

_EXACT: Final = 100.0
_PREFIX: Final = 90.0
_WORDS: Final = 80.0
_INSIDE: Final = 72.0
_FUZZY_CEILING: Final = 70.0
_FUZZY_LEAST: Final = 74.0
LONGEST_QUERY: Final = 120
"""Characters of a query that count; the rest is ignored, so that a query costs a bounded time."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One aircraft that matched, with a score of 0 to 100."""

    aircraft: Aircraft
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """What a text matched: best first; ``corrected`` is what was searched instead when only a near spelling matched."""

    hits: tuple[Hit, ...]
    corrected: str | None = None


def fold(text: str) -> str:
    """Return the text in lower case without accents; letters and digits only, words parted by one space."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


@dataclass(frozen=True, slots=True)
class _Entry:
    aircraft: Aircraft
    names: tuple[str, ...]
    squeezed: tuple[str, ...]
    words: frozenset[str]


class SearchIndex:
    """An immutable index of some aircraft; build a new one when the catalogue changes."""

    def __init__(self, aircraft: Iterable[Aircraft]) -> None:
        self._entries = tuple(_entry(a) for a in aircraft)
        self._vocabulary: dict[str, str] = {}
        for entry in self._entries:
            for name in entry.names:
                self._vocabulary.setdefault(name.replace(" ", ""), name)
            for word in entry.words:
                # Short words are codes; correcting to them turns any typo into some designator.
                if len(word) >= 4:
                    self._vocabulary.setdefault(word, word)

    def match(self, text: str) -> Match:
        """Return what the text matches; an empty text matches nothing."""
        query = fold(text[:LONGEST_QUERY])
        if not query:
            return Match(())
        hits = self._score(query)
        if hits:
            return Match(hits)
        corrected = self._correct(query)
        return Match(self._score(corrected), corrected) if corrected else Match(())

    def _score(self, query: str) -> tuple[Hit, ...]:
        squeezed = query.replace(" ", "")
        words = query.split()
        scored = [Hit(e.aircraft, s) for e in self._entries if (s := _direct(e, squeezed, words)) > 0]
        return tuple(sorted(scored, key=lambda h: (-h.score, h.aircraft.name)))

    def _correct(self, query: str) -> str | None:
        """Return the nearest known name; else the query with each unknown word replaced by its nearest."""
        squeezed = query.replace(" ", "")
        if len(squeezed) < 3:
            return None
        near = process.extractOne(squeezed, self._vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_LEAST)
        if near is not None:
            return self._vocabulary[near[0]]
        words = [self._nearest_word(word) for word in query.split()]
        return " ".join(w for w in words if w) or None

    def _nearest_word(self, word: str) -> str | None:
        if len(word) < 4:
            return None
        near = process.extractOne(word, self._vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_LEAST)
        return self._vocabulary[near[0]] if near is not None else None

    def similar_names(self, text: str, limit: int) -> tuple[Aircraft, ...]:
        """Return the aircraft whose names are nearest to a text that need not match, best first."""
        query = fold(text[:LONGEST_QUERY]).replace(" ", "")
        # A name of one or two characters, such as the end of "737 MAX 8", is part of nearly any text.
        scored = [
            (
                max((fuzz.partial_ratio(query, name) for name in entry.squeezed if len(name) >= 3), default=0),
                entry.aircraft,
            )
            for entry in self._entries
        ]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1].name))[:limit]
        return tuple(aircraft for score, aircraft in best if score > 0)


def _direct(entry: _Entry, squeezed: str, words: Sequence[str]) -> float:
    if squeezed in entry.squeezed:
        return _EXACT
    if any(name.startswith(squeezed) for name in entry.squeezed):
        return _PREFIX
    if all(any(known.startswith(word) for known in entry.words) for word in words):
        return _WORDS
    if len(squeezed) >= 3 and any(squeezed in name for name in entry.squeezed):
        return _INSIDE
    return 0.0


def _entry(aircraft: Aircraft) -> _Entry:
    record = aircraft.record
    texts = [record["name"], record["variant"], aircraft.id, *record.get("aliases", ())]
    texts += [record[key] for key in ("icao", "nato_name") if key in record]
    folded = [fold(text) for text in texts]
    # "F-16 Fighting Falcon" is also found as "f16" and as "Fighting Falcon".
    tails = [" ".join(name.split()[cut:]) for name in folded[:1] for cut in range(1, len(name.split()))]
    heads = [" ".join(name.split()[:cut]) for name in folded[:1] for cut in range(2, len(name.split()))]
    names = tuple(dict.fromkeys(filter(None, [*folded, *heads, *tails])))
    words = frozenset(word for name in (*names, fold(aircraft.manufacturer)) for word in name.split())
    return _Entry(aircraft, names, tuple(name.replace(" ", "") for name in names), words)
