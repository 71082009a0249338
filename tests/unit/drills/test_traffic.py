from __future__ import annotations

import time
from pathlib import Path

import pytest

from drills.traffic import Traffic
from tests.unit.drills.stages import nowhere


def fail_at(number: int) -> None:
    if number == 3:
        raise RuntimeError("a mistake of the platform")


def test_traffic_that_dies_fails_whoever_waits_for_its_end(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="a mistake of the platform"),
        Traffic(nowhere(tmp_path), events=10, per_second=1_000, each=fail_at) as traffic,
    ):
        traffic.join()


def test_traffic_that_dies_fails_whoever_stops_it(tmp_path: Path) -> None:
    traffic = Traffic(nowhere(tmp_path), per_second=1_000, each=fail_at)
    with pytest.raises(RuntimeError, match="a mistake of the platform"), traffic:
        time.sleep(0.1)


def test_traffic_counts_what_was_accepted_and_how_often_it_was_refused(tmp_path: Path) -> None:
    with Traffic(nowhere(tmp_path), events=12, per_second=1_000) as traffic:
        traffic.join()
        assert (traffic.events, traffic.accepted.total(), traffic.records, traffic.refused) == (12, 12, 14, 0)
        traffic.producer.close(0)
    closed = Traffic(nowhere(tmp_path), events=12, per_second=1_000)
    closed.producer.close(0)
    with closed:
        closed.join()
    assert (closed.events, closed.accepted.total(), closed.records, closed.refused) == (12, 0, 0, 14)


def test_traffic_without_an_end_tells_its_share_of_what_was_due(tmp_path: Path) -> None:
    with Traffic(nowhere(tmp_path), per_second=100) as traffic:
        time.sleep(0.5)
        traffic.stop()
    # Hardly more than all; how much less is the machine's affair.
    assert traffic.share is not None
    assert 0 < traffic.share < 1.1


def test_traffic_that_hangs_until_it_is_stopped_has_published_next_to_nothing(tmp_path: Path) -> None:
    with Traffic(nowhere(tmp_path), per_second=1_000, each=lambda _number: time.sleep(0.3)) as traffic:
        time.sleep(0.5)
        traffic.stop()
    assert traffic.share is not None
    assert traffic.share < 0.1
