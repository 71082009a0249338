from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hangarstack.settings import Settings
from tests.unit.deadletters.fakes import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(Settings(home=tmp_path))
    yield one
    one.engine.dispose()
