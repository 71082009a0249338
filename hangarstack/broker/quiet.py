"""librdkafka's log, without its repetitions: a broker that is gone is one line a minute, not three a second."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Final

_AGAIN_S: Final = 60.0
_MOST: Final = 200
_VARYING: Final = re.compile(r"\d+")


class Seldom(logging.Filter):
    """Lets a line pass once a minute; lines that differ only in numbers count as the same.

    Args:
        monotonic: seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line is news."""
        line = _VARYING.sub("0", record.getMessage())
        now = self._monotonic()
        if now - self._told.get(line, float("-inf")) < _AGAIN_S:
            return False
        if len(self._told) >= _MOST:
            self._told.clear()
        self._told[line] = now
        return True


def librdkafka_log() -> logging.Logger:
    """Return the logger to give to librdkafka."""
    log = logging.getLogger("hangarstack.librdkafka")
    if not log.filters:
        log.addFilter(Seldom())
    return log
