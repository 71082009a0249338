"""A process that publishes, for tests that kill it: says on standard output which numbers were accepted.

Run as ``python -m tests.embedded.producers.publisher HOME BOOTSTRAP_SERVERS FIRST``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from hangarstack.telemetry import logs
from tests.unit.producers.fakes import CODECS, FakeIds, View


def main() -> None:
    """Publish numbers until killed."""
    home, servers, first = sys.argv[1:]
    settings = Settings(home=Path(home), bootstrap_servers=servers)
    logs.configure(settings, "web")  # standard output belongs to the numbers
    producer = EventProducer(settings, "web", codecs=CODECS, ids=FakeIds())
    number = int(first)
    while True:
        producer.publish(View(f"key-{number % 10}", number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main()
