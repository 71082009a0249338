"""A pre-fork server in small: publishes before the fork, in the child, and in the parent afterwards.

Run as ``python -m tests.embedded.producers.forking HOME BOOTSTRAP_SERVERS``; ends with 0 when all went well.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from tests.unit.producers.fakes import CODECS, FakeIds, View


def main() -> None:
    """Publish 0 to 99 before the fork, 100 to 199 in each of two children, 200 to 299 in the parent."""
    home, servers = sys.argv[1:]
    settings = Settings(home=Path(home), bootstrap_servers=servers)
    producer = EventProducer(settings, "web", codecs=CODECS, ids=FakeIds())
    publish(producer, range(100))
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            publish(producer, range(100, 200))
            # The ordinary way out, with everything that the interpreter tears down.
            sys.exit(producer.close(10))
        children.append(child)
    publish(producer, range(200, 300))
    started = time.monotonic()
    statuses = [os.waitpid(child, 0)[1] for child in children]
    left = producer.close(10)
    slots = list((settings.home / "spool" / "web" / "slots").iterdir())
    assert (statuses, left, slots) == ([0, 0], 0, []), (statuses, left, slots)
    assert time.monotonic() - started < 10


def publish(producer: EventProducer, numbers: range) -> None:
    """Publish events of these numbers."""
    for number in numbers:
        producer.publish(View(f"key-{number % 10}", number))


if __name__ == "__main__":
    main()
