from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.errors import DeadLetterLimitError
from hangarstack.events import SYSTEM_EVENT, Kind, SystemEvent
from hangarstack.events.runtime.wire import unframe
from hangarstack.producers.health import reporting
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from tests.embedded.producers.reading import read
from tests.unit.producers.fakes import FakeIds, until

NOWHERE = "127.0.0.1:1"


def _reported(settings: Settings, broker: MemoryBroker, count: int) -> list[SystemEvent]:
    """Let the next process of the component deliver what was spooled, and return it."""
    producer = EventProducer(settings, "journeys", codecs=[SYSTEM_EVENT], ids=FakeIds())
    try:
        until(lambda: producer.spooled == 0)
        messages = read(broker.bootstrap_servers, SYSTEM_EVENT.topic, lambda found: len(found) >= count)
    finally:
        producer.close(5)
    return [SYSTEM_EVENT.decode(1, unframe(message.value() or b"")[1]) for message in messages]


def test_reports_that_kafka_has_not_taken_reach_it_through_the_next_process(
    memory_settings: Settings, memory_broker: MemoryBroker
) -> None:
    without = replace(memory_settings, bootstrap_servers=NOWHERE, registry_url=f"http://{NOWHERE}")
    with reporting(without, "journeys", gauges=lambda: {"applied_events": 3.0}):
        pass
    started, stopped = _reported(memory_settings, memory_broker, 2)
    assert (started.kind, stopped.kind) == (Kind.STARTED, Kind.STOPPED)
    assert stopped.metrics["applied_events"] == 3.0


def test_an_exception_is_reported_and_goes_on(memory_settings: Settings, memory_broker: MemoryBroker) -> None:
    without = replace(memory_settings, bootstrap_servers=NOWHERE, registry_url=f"http://{NOWHERE}")
    with suppress(DeadLetterLimitError), reporting(without, "journeys"):
        raise DeadLetterLimitError("too many", remedy="Look at them")
    _, failed, stopped = _reported(memory_settings, memory_broker, 3)
    assert failed.error is not None
    assert (failed.kind, failed.error.error_class) == (Kind.ERROR, "DeadLetterLimitError")
    assert (stopped.kind, stopped.message) == (Kind.STOPPED, "The process stops because of an error.")
