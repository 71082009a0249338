"""A pre-fork server whose parent is killed: a child that lives on delivers what the parent had accepted.

Run as ``python -m tests.embedded.producers.orphaning HOME BOOTSTRAP_SERVERS``. The parent publishes 0 to 9, which
cannot be sent yet, forks and kills itself; the child publishes 10 and ends once all eleven are delivered.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from hangarstack.errors import RegistryUnavailableError
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from hangarstack.telemetry import logs
from tests.unit.producers.fakes import CODECS, FakeIds, View

_PATIENCE_S = 20.0


def main() -> None:
    """Run both."""
    home, servers = sys.argv[1:]
    settings = Settings(home=Path(home), bootstrap_servers=servers)
    logs.configure(settings, "web")
    ids = FakeIds()
    ids.error = RegistryUnavailableError("no answer")
    producer = EventProducer(settings, "web", codecs=CODECS, ids=ids)
    for number in range(10):
        producer.publish(View("f-16", number))
    if os.fork():
        os.kill(os.getpid(), signal.SIGKILL)
    ids.error = None
    producer.publish(View("f-16", 10))
    until = time.monotonic() + _PATIENCE_S
    while _delivered(producer) < 11 and time.monotonic() < until:
        time.sleep(0.05)
    producer.close(1)


def _delivered(producer: EventProducer) -> float:
    return sum(sample.value for sample in producer.samples() if sample.name == "events_delivered")


if __name__ == "__main__":
    main()
