from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.events import CODECS, AircraftView, ViewSource
from hangarstack.events.runtime import new_event_id, now
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventEncoder
from hangarstack.settings import Settings, environment
from hangarstack.store.engine import open_store
from tests.support.consumer_runs import Feed, wait_until
from tests.support.consumers import totals
from tests.support.ports import free_port
from tests.support.registry import RegistryProcess

TOPIC = "hangarstack.aircraft.views"


@pytest.fixture
def registry_process(memory_settings: Settings) -> Iterator[RegistryProcess]:
    """A registry that holds the contract of the views, and may be frozen."""
    with RegistryProcess(replace(memory_settings, registry_port=free_port())).wait_ready() as started:
        for codec in CODECS:
            if codec.topic == TOPIC:
                started.registry.register(codec.subject, json.loads(codec.schema_text))
        yield started


@pytest.fixture
def settings(memory_settings: Settings, registry_process: RegistryProcess) -> Settings:
    settings = replace(memory_settings, registry_url=registry_process.registry.url)
    for topic in (TOPIC, f"{TOPIC}.dlq"):
        Admin(settings).metadata(topic)
    return settings


@pytest.fixture
def process(settings: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``hangarstack consume popularity``."""
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "consume", "popularity"],
            env={**os.environ, **environment(settings)},
            stdout=log,
            stderr=log,
        )
        yield started
        started.kill()
        started.wait()


def only_run_file(settings: Settings) -> Path:
    """Return the run file of the one process that there is; an OSError while there is none."""
    return next(iter((settings.home / "run").glob("popularity.*.json")), settings.home / "run" / "none")


def probe(settings: Settings, path: str) -> tuple[int, str]:
    """Ask the process's health endpoint."""
    try:
        port = json.loads(only_run_file(settings).read_text())["port"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
    except OSError:
        return 0, ""
    connection.close()
    return answer


def view(aircraft_id: str) -> AircraftView:
    return AircraftView(
        event_id=new_event_id(),
        occurred_at=now(),
        aircraft_id=aircraft_id,
        session_id="session",
        source=ViewSource.DIRECT,
    )


def test_a_service_process_counts_shows_its_metrics_and_leaves_when_asked(
    settings: Settings, process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    encoder = EventEncoder(CODECS, SchemaIds(settings))
    Feed(settings).send(TOPIC, *(encoder.encode(view("mig-29"))[2] for _ in range(5)), b"no event at all")
    wait_until(lambda: probe(settings, "/readyz")[0] == 200, "ready")
    engine = open_store(settings, "popularity")
    wait_until(lambda: totals(engine) == (5, 1), "all are handled")
    engine.dispose()
    metrics = probe(settings, "/metrics")[1]
    assert 'hangarstack_consumer_events_total{event_type="AircraftView"} 5.0' in metrics
    assert f'hangarstack_consumer_dead_letters_total{{error="WireFormatError",topic="{TOPIC}"}} 1.0' in metrics
    process.send_signal(signal.SIGTERM)
    assert process.wait(settings.drain_s) == 0
    assert not list((settings.home / "run").glob("popularity.*.json"))
    log = (tmp_path / "log").read_text()
    assert "dead-lettered: WireFormatError" in log
    assert "stopping on SIGTERM" in log
    assert "Traceback" not in log


@pytest.mark.usefixtures("process")
def test_a_frozen_registry_holds_up_only_the_partition_whose_record_needs_it(
    settings: Settings, registry_process: RegistryProcess
) -> None:
    encode = EventEncoder(CODECS, SchemaIds(settings)).encode
    schema = json.loads(next(codec.schema_text for codec in CODECS if codec.topic == TOPIC))
    schema["fields"].append({"name": "remark", "type": ["null", "string"], "default": None})
    newer = registry_process.registry.register(f"{TOPIC}-value", schema)
    wait_until(lambda: probe(settings, "/readyz")[0] == 200, "ready")
    feed, engine = Feed(settings), open_store(settings, "popularity")
    for partition in range(2):
        feed.send(TOPIC, encode(view("mig-29"))[2], partition=partition)
    wait_until(lambda: totals(engine) == (2, 0), "both partitions are read")
    os.kill(registry_process.pid, signal.SIGSTOP)
    try:
        one, other = (encode(view("mig-29"))[2] for _ in range(2))
        feed.send(TOPIC, one[:1] + newer.to_bytes(4) + one[5:] + b"\0", other, partition=0)
        began = time.monotonic()
        for number in range(20):
            feed.send(TOPIC, encode(view("mig-29"))[2], partition=1)
            wait_until(lambda: totals(engine)[0] == 3 + number, "the other partition")  # noqa: B023 - asked at once
        assert time.monotonic() - began < 5
    finally:
        os.kill(registry_process.pid, signal.SIGCONT)
    wait_until(lambda: totals(engine) == (24, 0), "the record that was held")
    engine.dispose()


@pytest.mark.parametrize("command", [("consume", "popularity"), ("analytics", "rebuild", "popularity")], ids=" ".join)
def test_a_ca_file_that_cannot_be_read_ends_it_at_its_start(
    memory_settings: Settings, command: tuple[str, ...]
) -> None:
    settings = replace(memory_settings, registry_url="https://127.0.0.1:1", registry_ca="none.pem")
    done = subprocess.run(
        [sys.executable, "-m", "hangarstack", *command],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("hangarstack: none.pem: the registry's certificate authorities cannot be read")


def test_an_unknown_service_is_named_with_those_that_there_are() -> None:
    command = [sys.executable, "-m", "hangarstack", "consume", "popularitty"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    for name in ("popularity", "journeys", "search-insights", "catalogue-changes", "system-health"):
        assert f"'{name}'" in done.stderr
