from __future__ import annotations

from typing import Any

from hangarstack.producers.client import _withdraw


class SlowProducer:
    """A producer that reports, of many records that were withdrawn, a few in each call."""

    def __init__(self) -> None:
        self.unreported = 0

    def purge(self) -> None:
        self.unreported = 3

    def flush(self, _timeout_s: float) -> int:
        self.unreported -= 1
        return self.unreported


def test_every_record_that_is_withdrawn_is_reported_however_long_that_takes() -> None:
    producer: Any = SlowProducer()
    _withdraw(producer)
    assert producer.unreported == 0
