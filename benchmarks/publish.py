"""What a publish costs, and how fast a spool drains: ``python -m benchmarks.publish``.

The broker is librdkafka's mock cluster in a process of its own, so that its CPU is not counted here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hangarstack.errors import RegistryUnavailableError
from hangarstack.events import AIRCRAFT_VIEW, AircraftView, ViewSource
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings

EVENTS = 30_000
RUNS = 3
_BROKER = """
import sys
from hangarstack.broker.embedded.memory import MemoryBroker
with MemoryBroker() as broker:
    print(broker.bootstrap_servers, flush=True)
    sys.stdin.read()
"""


class Ids:
    """A registry that a benchmark may take away."""

    def __init__(self) -> None:
        self.gone = False

    def id_of(self, _subject: str, _schema_text: str) -> int:
        """Return an id, or fail as a registry that is gone does."""
        if self.gone:
            raise RegistryUnavailableError("gone")
        return 1


def main() -> None:
    """Print the best of a few runs of each measurement."""
    events = [view(number) for number in range(EVENTS)]
    with broker() as servers, tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), bootstrap_servers=servers)
        show("encode alone", "µs", min(thread_us(AIRCRAFT_VIEW.encode, events) for _ in range(RUNS)))
        producer = EventProducer(settings, "bench", codecs=[AIRCRAFT_VIEW], ids=Ids())
        figures = [burst(producer, events) for _ in range(RUNS)]
        show("publish: CPU of the calling thread", "µs", min(cost for cost, _ in figures))
        show("publish to acknowledgement", "events/s", max(rate for _, rate in figures))
        start = time.process_time()
        time.sleep(3)
        show("idle producer", "% of a core", (time.process_time() - start) / 3 * 100)
        assert producer.close(10) == 0
        outages = [outage(settings, events) for _ in range(RUNS)]
        show("publish without registry: CPU of the calling thread", "µs", min(cost for cost, _ in outages))
        show("draining the spool", "events/s", max(rate for _, rate in outages))


def burst(producer: EventProducer, events: list[AircraftView]) -> tuple[float, float]:
    """Return the cost of a publish and the rate of delivery."""
    started = time.perf_counter()
    cost = thread_us(producer.publish, events)
    wait(producer)
    return cost, len(events) / (time.perf_counter() - started)


def outage(settings: Settings, events: list[AircraftView]) -> tuple[float, float]:
    """Return the cost of a publish while nothing can be sent, and the rate at which the spool drains afterwards."""
    ids = Ids()
    ids.gone = True
    producer = EventProducer(settings, "bench", codecs=[AIRCRAFT_VIEW], ids=ids)
    cost = thread_us(producer.publish, events)
    ids.gone = False
    while producer.spooled == len(events):
        time.sleep(0.0005)
    started, waiting = time.perf_counter(), producer.spooled
    wait(producer)
    rate = waiting / (time.perf_counter() - started)
    producer.close(10)
    return cost, rate


def wait(producer: EventProducer) -> None:
    """Wait until everything is delivered."""
    while producer.spooled:
        time.sleep(0.001)


def thread_us(act: Callable[[AircraftView], object], events: list[AircraftView]) -> float:
    """Return the CPU microseconds of the calling thread for each event."""
    started = time.thread_time()
    for event in events:
        act(event)
    return (time.thread_time() - started) / len(events) * 1e6


def view(number: int) -> AircraftView:
    """Return an event of ordinary size."""
    return AircraftView(
        event_id=new_event_id(),
        occurred_at=now(),
        aircraft_id=f"aircraft-{number % 100}",
        session_id=f"session-{number % 1000}",
        source=ViewSource.SEARCH,
        client_ip="192.0.2.0",
        user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        duration_ms=number,
    )


@contextmanager
def broker() -> Iterator[str]:
    """Run a broker in another process and yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _BROKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def show(what: str, unit: str, value: float) -> None:
    """Print one line of the table."""
    print(f"{what:<52} {value:>12,.1f} {unit}")


if __name__ == "__main__":
    main()
