from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from tests.embedded.producers.reading import read
from tests.unit.producers.fakes import CODECS, FakeIds, View, number_in, until

TOPIC = "test.views"
NOWHERE = "127.0.0.1:1"


def open_producer(settings: Settings) -> EventProducer:
    return EventProducer(settings, "web", codecs=CODECS, ids=FakeIds())


@pytest.fixture
def producer(memory_settings: Settings) -> Iterator[EventProducer]:
    producer = open_producer(memory_settings)
    yield producer
    producer.close(0)


def numbers_in_topic(broker: MemoryBroker, wanted: set[int]) -> list[int]:
    messages = read(
        broker.bootstrap_servers, TOPIC, lambda found: wanted <= {number_in(m.value() or b"") for m in found}
    )
    return [number_in(message.value() or b"") for message in messages]


def killed_publisher(home: Path, servers: str, first: int, count: int) -> set[int]:
    """Run a publisher, kill it after it has said ``count`` numbers; return all that it said."""
    command = [sys.executable, "-m", "tests.embedded.producers.publisher", str(home), servers, str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = b"".join(process.stdout.readline() for _ in range(count))
    os.kill(process.pid, signal.SIGKILL)
    said += process.stdout.read()
    process.stdout.close()
    process.wait()
    numbers = {int(line) for line in said.split(b"\n")[:-1]}
    assert len(numbers) >= count
    return numbers


def test_events_arrive_with_key_headers_and_in_order_for_each_key(
    producer: EventProducer, memory_broker: MemoryBroker
) -> None:
    for number in range(2_000):
        producer.publish(View(f"key-{number % 10}", number))
    assert producer.close(10) == 0
    messages = read(memory_broker.bootstrap_servers, TOPIC, lambda found: len(found) >= 2_000)
    by_key: dict[bytes, list[int]] = {}
    for message in messages:
        by_key.setdefault(message.key() or b"", []).append(number_in(message.value() or b""))
    assert by_key == {b"key-%d" % key: list(range(key, 2_000, 10)) for key in range(10)}
    headers = dict(messages[0].headers() or [])
    assert (headers["ce_type"], headers["ce_specversion"]) == (b"test.View", b"1.0")
    assert set(headers) == {"ce_specversion", "ce_type", "ce_source", "content-type", "ce_id", "ce_time"}


def test_an_event_is_on_its_way_within_milliseconds(producer: EventProducer) -> None:
    producer.publish(View("warm-up"))
    until(lambda: producer.spooled == 0)
    waits = []
    for number in range(20):
        started = time.perf_counter()
        producer.publish(View("f-16", number))
        until(lambda: producer.spooled == 0)
        waits.append(time.perf_counter() - started)
    assert sorted(waits)[10] < 0.1


def test_an_idle_producer_costs_next_to_nothing(producer: EventProducer) -> None:
    producer.publish(View("f-16"))
    until(lambda: producer.spooled == 0)
    started = time.process_time()
    time.sleep(2)
    assert time.process_time() - started < 0.05


def test_what_a_killed_process_had_accepted_without_a_broker_is_delivered_by_the_next(
    memory_settings: Settings, memory_broker: MemoryBroker
) -> None:
    accepted = killed_publisher(memory_settings.home, NOWHERE, 0, 3_000)
    heir = open_producer(memory_settings)
    until(lambda: heir.spooled == 0)
    numbers = numbers_in_topic(memory_broker, accepted)
    assert set(numbers) - accepted <= {max(accepted) + 1}
    assert len(numbers) == len(set(numbers))
    heir.close(0)


def test_a_process_killed_again_and_again_while_it_delivers_loses_nothing(
    memory_settings: Settings, memory_broker: MemoryBroker
) -> None:
    accepted: set[int] = set()
    for life in range(3):
        accepted |= killed_publisher(memory_settings.home, memory_broker.bootstrap_servers, life * 100_000, 1_500)
    heir = open_producer(memory_settings)
    until(lambda: heir.spooled == 0)
    delivered = Counter(numbers_in_topic(memory_broker, accepted))
    assert accepted <= set(delivered)
    heir.close(0)


def test_a_fork_gives_each_process_a_spool_and_a_client_of_its_own(
    memory_settings: Settings, memory_broker: MemoryBroker
) -> None:
    command = [sys.executable, "-m", "tests.embedded.producers.forking"]
    arguments = [str(memory_settings.home), memory_broker.bootstrap_servers]
    subprocess.run([*command, *arguments], check=True, timeout=60)
    delivered = Counter(numbers_in_topic(memory_broker, set(range(300))))
    assert delivered == Counter({number: 2 if 100 <= number < 200 else 1 for number in range(300)})


def test_a_child_delivers_what_its_parent_had_accepted_when_the_parent_is_killed(
    memory_settings: Settings, memory_broker: MemoryBroker
) -> None:
    command = [sys.executable, "-m", "tests.embedded.producers.orphaning"]
    arguments = [str(memory_settings.home), memory_broker.bootstrap_servers]
    # The child has the other end of the pipe, so that this waits for both.
    process = subprocess.run([*command, *arguments], check=False, timeout=60, stdout=subprocess.PIPE)
    assert process.returncode == -signal.SIGKILL
    assert sorted(numbers_in_topic(memory_broker, set(range(11)))) == list(range(11))
