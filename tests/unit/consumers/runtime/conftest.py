from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hangarstack.settings import Settings
from tests.support.consumer_fakes import Bench, Log

Member = Callable[..., Bench]


@pytest.fixture
def member(tmp_path: Path) -> Iterator[Member]:
    """Makes benches: members of one group, on one store and one log."""
    with ExitStack() as stack:
        log = Log()

        def make(*, dead_letter_limit: int = 100) -> Bench:
            bench = Bench(Settings(home=tmp_path, dead_letter_limit=dead_letter_limit), log)
            stack.callback(bench.close)
            return bench

        yield make


@pytest.fixture
def bench(member: Member) -> Bench:
    """A member that is about to be assigned partition 0."""
    one = member()
    one.source.assign(0)
    return one
