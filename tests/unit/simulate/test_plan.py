from __future__ import annotations

import itertools
from collections import Counter

from hangarstack.simulate.plan import Kind, Popularity, Subject, visitor

_FLEET = [Subject(f"aircraft-{n}", (f"Aircraft {n}", f"A-{n}")) for n in range(50)]


def _actions(seed: int, number: int, count: int = 2000) -> list[object]:
    return list(itertools.islice(visitor(seed, number, Popularity(_FLEET, seed)), count))


def test_the_same_seed_does_the_same_steps() -> None:
    assert _actions(7, 3) == _actions(7, 3)
    assert _actions(7, 3) != _actions(8, 3)
    assert _actions(7, 3) != _actions(7, 4)


def test_popularity_falls_with_rank() -> None:
    import random

    popularity = Popularity(_FLEET, 1)
    rng = random.Random(1)
    counts = [count for _, count in Counter(popularity.pick(rng).id for _ in range(20_000)).most_common()]
    assert 1.7 < counts[0] / counts[1] < 2.7
    assert counts[0] > 20 * counts[-1]


def test_visitors_do_everything_that_the_site_offers() -> None:
    kinds = Counter(action.kind for action in itertools.islice(visitor(1, 0, Popularity(_FLEET, 1)), 5000))
    assert set(kinds) == set(Kind)
    assert kinds[Kind.VIEW] > 0.5 * 5000
    assert 0 < kinds[Kind.EDIT] < 0.03 * 5000


def test_a_visitor_comes_back_as_somebody_else() -> None:
    actions = list(itertools.islice(visitor(1, 0, Popularity(_FLEET, 1)), 500))
    starts = [number for number, action in enumerate(actions) if action.new_session]
    assert starts[0] == 0
    assert all(1 <= later - earlier <= 30 for earlier, later in itertools.pairwise(starts))
