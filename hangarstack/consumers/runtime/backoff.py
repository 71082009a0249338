"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Delays that grow by a factor, with jitter so that members do not come back at the same instant.

    Args:
        first_s: seconds before the second attempt.
        factor: by which each delay grows, at least 1.
        longest_s: no delay is longer.
    """

    first_s: float
    factor: float
    longest_s: float

    def delay(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row, from half the full delay to all of it."""
        # The exponent is bounded: a float overflows after a night of failures.
        full = min(self.longest_s, self.first_s * self.factor ** min(failures - 1, 30))
        return full * random.uniform(0.5, 1.0)  # noqa: S311 - jitter is no secret


__all__ = ["Backoff"]
