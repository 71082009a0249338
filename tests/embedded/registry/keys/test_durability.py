"""Keys that were acknowledged are there whoever dies, and two servers on one file agree on each."""

from __future__ import annotations

import base64
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from hangarstack.settings import Settings
from tests.embedded.registry.keys.asking import KEKS, MATERIAL, dek, kek, make_dek
from tests.support.ports import free_port
from tests.support.registry import Registry, RegistryProcess, running


def process(home: Path) -> RegistryProcess:
    return RegistryProcess(Settings(home=home, registry_port=free_port()))


def test_all_keys_are_there_after_a_restart(tmp_path: Path) -> None:
    paths = ("", "?deleted=true", "/a", "/b?deleted=true", "/a/deks/s-value", "/a/deks/s-value/versions?deleted=true")
    with running(Settings(home=tmp_path)) as before:
        for name in ("a", "b"):
            before.ask("POST", KEKS, kek(name, doc="kept", kmsProps={"region": "eu"}))
        for version in (1, 2):
            make_dek(before, "a", "s-value", version=version)
        before.ask("DELETE", f"{KEKS}/a/deks/s-value/versions/2")
        before.ask("DELETE", f"{KEKS}/b")
        answers = [before.ask("GET", f"{KEKS}{path}").body for path in paths]
    with running(Settings(home=tmp_path)) as after:
        assert [after.ask("GET", f"{KEKS}{path}").body for path in paths] == answers


def test_a_kill_in_the_middle_of_writing_loses_no_acknowledged_key(tmp_path: Path) -> None:
    acknowledged: dict[str, str] = {}

    def write(registry: Registry, life: int, number: int) -> None:
        for count in range(10_000):
            name = f"k{life}_{number}_{count}"
            material = base64.b64encode(name.encode()).decode()
            try:
                assert registry.ask("POST", KEKS, kek(name)).status == 200
                path = f"{KEKS}/{name}/deks/s-value"
                assert registry.ask("POST", path, dek(encryptedKeyMaterial=material)).status == 200
            except (OSError, HTTPException):
                return
            acknowledged[name] = material

    for life in range(3):
        with process(tmp_path).wait_ready() as server:
            known = len(acknowledged)
            writers = [threading.Thread(target=write, args=(server.registry, life, number)) for number in range(3)]
            for writer in writers:
                writer.start()
            while len(acknowledged) < known + 30:
                time.sleep(0.005)
            server.end(signal.SIGKILL)
            for writer in writers:
                writer.join()
    with running(Settings(home=tmp_path)) as after:
        for name, material in acknowledged.items():
            assert after.ask("GET", f"{KEKS}/{name}/deks/s-value").body["encryptedKeyMaterial"] == material
        assert set(acknowledged) <= set(after.ask("GET", KEKS).body)


def test_two_servers_on_one_file_keep_the_key_of_one_client_alone(tmp_path: Path) -> None:
    with process(tmp_path) as one, process(tmp_path) as other:
        servers = [one.wait_ready().registry, other.wait_ready().registry]
        servers[0].ask("POST", KEKS, kek("k"))

        def claim(at: int) -> tuple[str, str | None]:
            subject, material = f"s{at % 10}-value", base64.b64encode(str(at).encode()).decode()
            answer = servers[at // 10 % 2].ask("POST", f"{KEKS}/k/deks/{subject}", dek(encryptedKeyMaterial=material))
            assert answer.status in {200, 409}
            return subject, material if answer.status == 200 else None

        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(claim, range(60)))
        won = {subject: material for subject, material in claims if material is not None}
        assert Counter(material is not None for _, material in claims) == {True: 10, False: 50}
        for server in servers:
            assert server.ask("GET", f"{KEKS}/k/deks").body == sorted(won)
            for subject, material in won.items():
                kept = server.ask("GET", f"{KEKS}/k/deks/{subject}").body["encryptedKeyMaterial"]
                assert kept == material


def test_a_kek_is_not_deleted_while_others_make_its_deks(own_registry: Registry) -> None:
    for attempt in range(10):
        name = f"k{attempt}"
        own_registry.ask("POST", KEKS, kek(name))
        calls = [("POST", f"{KEKS}/{name}/deks/s{number}-value") for number in range(6)]
        calls.insert(attempt % 7, ("DELETE", f"{KEKS}/{name}"))

        def send(call: tuple[str, str]) -> int:
            return own_registry.ask(*call, dek() if call[0] == "POST" else None).status

        with ThreadPoolExecutor(7) as pool:
            list(pool.map(send, calls))
        is_deleted = own_registry.ask("GET", f"{KEKS}/{name}").status == 404
        deks = own_registry.ask("GET", f"{KEKS}/{name}/deks?deleted=true")
        active = own_registry.ask("GET", f"{KEKS}/{name}/deks").body
        assert not (is_deleted and deks.body), (attempt, active)


def test_a_key_is_never_in_the_log(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, registry_port=free_port(), log_level="debug")
    with RegistryProcess(settings).wait_ready() as server:
        hush = kek("k", kmsType="local-kms", kmsProps={"secret": "hushhush"}, shared=True)
        server.registry.ask("POST", KEKS, hush)
        made = server.registry.ask("POST", f"{KEKS}/k/deks/s-value", {}).body
        server.registry.ask("POST", f"{KEKS}/k/deks/t-value", dek())
        server.registry.ask("POST", f"{KEKS}/k/deks/t-value", b'{"encryptedKeyMaterial": "hushhush"')
        server._process.send_signal(signal.SIGTERM)
        _, output = server.wait()
    for secret in ("hushhush", made["keyMaterial"], made["encryptedKeyMaterial"], MATERIAL):
        assert secret not in output
