"""Ids are never given twice and nothing acknowledged is lost, whoever dies and however many write at once."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from hangarstack.settings import Settings
from tests.embedded.registry.associations import create, schema, wanted
from tests.embedded.registry.associations import held as associated
from tests.embedded.registry.schemas import optional, record
from tests.support.ports import free_port
from tests.support.registry import Registry, RegistryProcess, running


def process(home: Path) -> RegistryProcess:
    return RegistryProcess(Settings(home=home, registry_port=free_port()))


def held(registry: Registry, subject: str) -> tuple[int, object]:
    body = registry.ask("GET", f"/subjects/{subject}/versions/1").body
    return body["id"], json.loads(body["schema"])


def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with running(settings) as before:
        before.register("s", record("a"))
        before.register("s", record("a", optional("b")))
        before.ask("PUT", "/config/s", {"compatibility": "FULL"})
        create(before, "topic", wanted("s"))
        before.ask("PUT", "/mode/s", {"mode": "READONLY"})
        paths = ("/schemas", "/config/s", "/mode/s", "/associations/subjects/s")
        answers = [before.ask("GET", path).body for path in paths]
    with running(settings) as after:
        assert [after.ask("GET", path).body for path in paths] == answers
        assert after.register("t", record("new")) == 3


def test_a_kill_in_the_middle_of_writing_loses_nothing_acknowledged(tmp_path: Path) -> None:
    acknowledged: dict[str, int] = {}
    for life in range(3):
        with process(tmp_path).wait_ready() as server:
            known = dict(acknowledged)
            writers = _write_until_it_dies(server.registry, acknowledged, prefix=f"life{life}")
            while len(acknowledged) < len(known) + 40:
                time.sleep(0.005)
            server.end(signal.SIGKILL)
            for writer in writers:
                writer.join()
    with running(Settings(home=tmp_path)) as after:
        for subject, schema_id in acknowledged.items():
            assert held(after, subject) == (schema_id, record("a", name=subject))
        everything = Counter(each["id"] for each in after.ask("GET", "/schemas").body)
        assert max(everything.values()) == 1
        assert after.register("last", record("a", name="last")) > max(everything)


def _write_until_it_dies(registry: Registry, acknowledged: dict[str, int], *, prefix: str) -> list[threading.Thread]:
    def write(number: int) -> None:
        for count in range(10_000):
            name = f"{prefix}_{number}_{count}"
            try:
                acknowledged[name] = registry.register(name, record("a", name=name))
            except (OSError, HTTPException):
                return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    return threads


def test_two_servers_on_one_file_give_every_schema_one_id(tmp_path: Path) -> None:
    def schema(number: int) -> dict[str, object]:
        return record("a", name=f"R{number}")

    with process(tmp_path) as one, process(tmp_path) as other:
        servers = [one.wait_ready().registry, other.wait_ready().registry]
        # Each schema goes to both servers, at about the same time.
        calls = [(number, server) for number in range(60) for server in servers]
        for number in range(5):
            servers[0].ask("PUT", f"/config/s{number}", {"compatibility": "NONE"})
        with ThreadPoolExecutor(6) as pool:
            given = list(pool.map(lambda call: (call[0], call[1].register(f"s{call[0] % 5}", schema(call[0]))), calls))
        ids = dict(given)
        assert len(set(given)) == 60
        assert sorted(ids.values()) == list(range(1, 61))
        for server in servers:
            versions = [server.ask("GET", f"/subjects/s{number}/versions").body for number in range(5)]
            assert versions == [list(range(1, 13))] * 5


def test_two_servers_on_one_file_give_a_subject_to_one_topic_alone(tmp_path: Path) -> None:
    with process(tmp_path) as one, process(tmp_path) as other:
        servers = [one.wait_ready().registry, other.wait_ready().registry]
        for number in range(10):
            servers[0].register(f"s{number}", record("a", name=f"S{number}"))

        def claim(at: int) -> int:
            strong = wanted(f"s{at % 10}", lifecycle="STRONG")
            return create(servers[at // 10 % 2], f"topic-{at}", strong).status

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(claim, range(60)))
        assert Counter(statuses) == {200: 10, 409: 50}
        for server in servers:
            owners = [server.ask("GET", f"/associations/subjects/s{number}").body for number in range(10)]
            assert [len(each) for each in owners] == [1] * 10


def test_a_kill_leaves_an_association_with_its_schema_or_neither(tmp_path: Path) -> None:
    acknowledged: list[str] = []

    def write(registry: Registry) -> None:
        for count in range(10_000):
            topic = f"topic-{count}"
            brought = wanted(f"s-{topic}", lifecycle="STRONG", schema=schema(record("a", name=f"R{count}")))
            try:
                assert create(registry, topic, brought).status == 200
            except (OSError, HTTPException):
                return
            acknowledged.append(topic)

    with process(tmp_path).wait_ready() as server:
        writer = threading.Thread(target=write, args=(server.registry,))
        writer.start()
        while len(acknowledged) < 30:
            time.sleep(0.005)
        server.end(signal.SIGKILL)
        writer.join()
    with running(Settings(home=tmp_path)) as after:
        for topic in acknowledged:
            assert associated(after, topic, "subject") == [(f"s-{topic}",)]
        found = after.ask("GET", "/associations/resources/-/-?lifecycle=STRONG").body
        assert sorted(each["subject"] for each in found) == after.ask("GET", "/subjects").body


def test_many_clients_at_once_register_one_schema_once(own_registry: Registry) -> None:
    with ThreadPoolExecutor(12) as pool:
        ids = list(pool.map(lambda _: own_registry.register("s", record("a")), range(60)))
    assert set(ids) == {1}
    assert own_registry.ask("GET", "/subjects/s/versions").body == [1]


def test_readers_are_answered_while_another_writes(own_registry: Registry) -> None:
    own_registry.register("s", record("a"))
    stop = threading.Event()

    def write() -> None:
        for count in range(10_000):
            if stop.is_set():
                return
            own_registry.register(f"w{count}", record("a", name=f"W{count}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        slowest = 0.0
        for _ in range(50):
            began = time.monotonic()
            assert own_registry.ask("GET", "/subjects/s/versions/1").status == 200
            slowest = max(slowest, time.monotonic() - began)
    finally:
        stop.set()
        writer.join()
    assert slowest < 2.0
