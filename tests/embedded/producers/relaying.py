"""A relay in a process that a test kills. Run as ``python -m tests.embedded.producers.relaying``."""

from __future__ import annotations

import os
import threading

from hangarstack import settings
from hangarstack.producers.relay import Relay
from tests.unit.producers.fakes import FakeIds


def main() -> None:
    """Relay until killed."""
    Relay(settings.load(os.environ), ids=FakeIds()).run(threading.Event())


if __name__ == "__main__":
    main()
