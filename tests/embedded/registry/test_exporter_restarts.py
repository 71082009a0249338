"""Exporters when servers die, start anew, or run beside each other: the destination gets all, once."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from hangarstack.settings import Settings
from tests.embedded.registry.exporters import (
    caught_up,
    definition,
    eventually,
    everything,
    export,
    readable,
    status,
    told,
)
from tests.embedded.registry.schemas import optional, record
from tests.support.answering import answering, dripping
from tests.support.ports import free_port
from tests.support.registry import Registry, RegistryProcess, running

_SUBJECTS = ("s0", "s1", "w1", "w2", ":.site:s0", ":.site:w1")


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Registry]:
    """A registry to copy to, empty."""
    with running(Settings(home=tmp_path / "destination")) as started:
        yield started


def process(home: Path) -> RegistryProcess:
    return RegistryProcess(Settings(home=home / "source", registry_port=free_port()))


def change(registry: Registry, dice: random.Random) -> None:
    """Change one of a few subjects in any way; a registry may refuse."""
    name = dice.choice(_SUBJECTS)
    number = dice.randrange(1, 4)
    field = optional(f"f{dice.randrange(6)}")
    target = {"name": "test.R", "subject": name, "version": number}
    wrapper = record({"name": "r", "type": "test.R"}, name=f"W{dice.randrange(3)}")
    whole = {"schema": json.dumps(wrapper), "references": [target]}
    wrapped = f"{name.rpartition('s')[0]}w{number}" if name[-2] == "s" else name
    method, path, body = dice.choices(
        [
            ("POST", f"/subjects/{name}/versions", {"schema": json.dumps(record("a", field))}),
            ("POST", f"/subjects/{wrapped}/versions", whole),
            ("DELETE", f"/subjects/{name}/versions/{number}", None),
            ("DELETE", f"/subjects/{name}/versions/{number}?permanent=true", None),
            ("DELETE", f"/subjects/{name}", None),
            ("DELETE", f"/subjects/{name}?permanent=true", None),
            ("PUT", f"/config/{name}", {"compatibility": dice.choice(["FULL", "NONE"])}),
            ("DELETE", f"/config/{name}", None),
        ],
        weights=[8, 4, 2, 2, 1, 1, 2, 1],
    )[0]
    assert registry.ask(method, path, body).status < 500


@pytest.mark.parametrize("_again", range(3))
def test_whenever_a_source_is_killed_the_destination_holds_in_the_end_what_the_source_holds(
    tmp_path: Path, destination: Registry, _again: int
) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    for life in range(4):
        with process(tmp_path).wait_ready() as server:
            if life == 0:
                export(server.registry, destination)
            for _ in range(dice.randrange(10, 60)):
                change(server.registry, dice)
            time.sleep(dice.random())
            server.end(signal.SIGKILL)
    with process(tmp_path).wait_ready() as server:
        caught_up(server.registry)
        assert readable(destination) == readable(server.registry), f"seed {seed}"
        for subject in _SUBJECTS:
            config = server.registry.ask("GET", f"/config/{subject}")
            assert destination.ask("GET", f"/config/{subject}").body == config.body, f"seed {seed}"


def test_an_exporter_killed_in_the_middle_goes_on_and_copies_what_is_left(
    tmp_path: Path, destination: Registry
) -> None:
    with process(tmp_path).wait_ready() as server:
        for number in range(200):
            server.registry.register(f"s{number}", record("a", name=f"R{number}"))
        export(server.registry, destination)
        eventually(lambda: len(everything(destination)) > 20)
        server.end(signal.SIGKILL)
    copied = len(everything(destination))
    assert copied < 200
    with process(tmp_path).wait_ready() as server:
        caught_up(server.registry)
        assert everything(destination) == everything(server.registry)


def test_a_restart_goes_on_after_what_was_copied(tmp_path: Path, destination: Registry) -> None:
    settings = Settings(home=tmp_path / "source")
    with running(settings) as source:
        source.register("s", record("a"))
        export(source, destination)
        caught_up(source)
        offset = status(source)["offset"]
    with answering(500, {}) as (url, asked), running(settings) as source:
        assert (status(source)["offset"], status(source)["state"]) == (offset, "RUNNING")
        time.sleep(1)
        assert asked == []
        source.register("t", record("b"))
        eventually(lambda: destination.ask("GET", "/subjects/t/versions").status == 200)
        del url


def test_of_two_servers_on_one_file_one_exports(tmp_path: Path) -> None:
    with answering(503, {}) as (url, asked), process(tmp_path) as one, process(tmp_path) as other:
        servers = [one.wait_ready().registry, other.wait_ready().registry]
        servers[0].register("s", record("a"))
        servers[0].ask("POST", "/exporters", definition(url))
        eventually(lambda: len(asked) >= 3)
        # After 0.5 s, 1 s, 2 s …; two that did the same would ask twice as often.
        time.sleep(3)
        assert 3 <= len(asked) <= 5


@pytest.mark.parametrize(("end", "seconds"), [(signal.SIGKILL, 8), (signal.SIGTERM, 2)])
def test_a_second_server_takes_over_from_one_that_ends(
    tmp_path: Path, destination: Registry, end: signal.Signals, seconds: float
) -> None:
    with contextlib.ExitStack() as stack, process(tmp_path).wait_ready() as one:
        export(one.registry, destination)
        one.registry.register("before", record("a"))
        caught_up(one.registry)
        # It has the exporter, which the next one can take after its end alone.
        other = stack.enter_context(process(tmp_path).wait_ready())
        one.end(end)
        began = time.monotonic()
        other.registry.register("after", record("b"))
        eventually(lambda: destination.ask("GET", "/subjects/after/versions").status == 200)
        assert time.monotonic() - began < seconds


def test_an_exporter_that_another_server_had_for_a_moment_goes_on(tmp_path: Path, destination: Registry) -> None:
    with process(tmp_path).wait_ready() as server:
        export(server.registry, destination)
        caught_up(server.registry)
        file = server.registry.settings.home / "registry" / "registry.sqlite3"
        # Each time its thread or its server sees it first; the thread ends then.
        for _ in range(12):
            with contextlib.closing(sqlite3.connect(file)) as db, db:
                db.execute("UPDATE exporters SET owner = 'another', leased_until = 0")
            time.sleep(0.35)
        server.registry.register("after", record("b"))
        eventually(lambda: destination.ask("GET", "/subjects/after/versions").status == 200)


def test_a_server_ends_at_once_while_an_exporter_waits_for_its_destination(tmp_path: Path) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url, process(tmp_path).wait_ready() as server:
        server.registry.register("s", record("a"))
        server.registry.ask("POST", "/exporters", definition(url))
        time.sleep(1)
        began = time.monotonic()
        assert server.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 3


def test_registrations_go_on_while_an_exporter_copies(tmp_path: Path, destination: Registry) -> None:
    with process(tmp_path).wait_ready() as server:
        for number in range(100):
            server.registry.register(f"s{number}", record("a", name=f"R{number}"))
        export(server.registry, destination)
        stop = threading.Event()
        slowest = 0.0

        def write() -> None:
            nonlocal slowest
            for number in range(10_000):
                if stop.is_set():
                    return
                began = time.monotonic()
                try:
                    server.registry.register(f"t{number}", record("a", name=f"T{number}"))
                except (OSError, HTTPException):
                    return
                slowest = max(slowest, time.monotonic() - began)

        writer = threading.Thread(target=write)
        writer.start()
        eventually(lambda: status(server.registry)["offset"] > 100)
        told(server.registry, "pause")
        told(server.registry, "resume")
        stop.set()
        writer.join()
        assert slowest < 2
        caught_up(server.registry)
        assert everything(destination) == everything(server.registry)
