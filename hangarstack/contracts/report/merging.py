"""What is found of several earlier versions alike, said once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hangarstack.contracts.problem import Problem

_HERE: Final = "\0"
_NUMBERED: Final = re.compile("v([0-9]+)")
_FEW: Final = 3


def merged(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in their order, those that differ in nothing but the earlier version as one that names them all.

    Args:
        problems: as found; of each version the newest earlier ones come first.
    """
    alike: dict[Problem, list[str]] = {}
    for problem in problems:
        alike.setdefault(_without_earlier(problem), []).append(problem.earlier)
    return [_with(problem, _listed(earlier)) for problem, earlier in alike.items()]


def _without_earlier(problem: Problem) -> Problem:
    if not problem.earlier:
        return problem
    # The label stands before a blank or a colon, and in a sentence where it is said first.
    label = re.compile(rf"(?<!\S){re.escape(problem.earlier)}(?=[ :])")
    side = _HERE if problem.side == problem.earlier else problem.side
    sentence = label.sub(_HERE, problem.sentence, count=1)
    return replace(problem, sentence=sentence, side=side, earlier="", reader=0, old_reader=0)


def _with(problem: Problem, earlier: str) -> Problem:
    sentence = problem.sentence.replace(_HERE, earlier, 1)
    return replace(problem, sentence=sentence, side=problem.side.replace(_HERE, earlier))


def _listed(newest_first: list[str]) -> str:
    labels = newest_first[::-1]
    first = _NUMBERED.fullmatch(labels[0])
    if first and len(labels) > _FEW and labels == [f"v{int(first[1]) + n}" for n in range(len(labels))]:
        return f"{labels[0]} to {labels[-1]}"
    return f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else labels[0]
