"""``hangarstack web`` as a process, with neither Kafka nor a registry in reach."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import urllib3
from psycopg import sql

from drills.disk import full, small_disk
from hangarstack.catalogue.importing import import_records
from hangarstack.settings import Settings, environment
from hangarstack.store.engine import open_store
from tests.support.aircraft import record
from tests.support.ports import free_port
from tests.support.stores import Opened

PATIENCE_S = 20.0
TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('catalogue', 'popularity')"
SAVING = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'catalogue.aircraft'::regclass"


class WebProcess:
    """A running web app."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "web"],
            env=os.environ | environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.http = urllib3.PoolManager(timeout=10, retries=False)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/readyz").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
        raise AssertionError(f"not ready: {self.finish()}")

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        return self.http.request("GET", self.settings.address + path, headers=headers)

    def post(self, path: str, fields: dict[str, str], headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        return self.http.request(
            "POST", self.settings.address + path, fields=fields, headers=headers, encode_multipart=False
        )

    def finish(self) -> tuple[int, str, str]:
        """Return the exit code and what was said; ends the process if it still runs after a while."""
        try:
            out, err = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        self.http.clear()
        return self.process.returncode, out, err


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    engine = open_store(sqlite_settings, "catalogue")
    import_records(engine, [record(), record("other-falcon", name="T-17 Other Falcon")])
    engine.dispose()
    away = free_port()
    return Settings(
        home=sqlite_settings.home,
        http_port=free_port(),
        bootstrap_servers=f"127.0.0.1:{away}",
        registry_url=f"http://127.0.0.1:{away}",
        registry_timeout_s=0.5,
        drain_s=2.0,
    )


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[[], WebProcess]]:
    started: list[WebProcess] = []

    def begin() -> WebProcess:
        started.append(WebProcess(settings))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.finish()


def test_pages_are_served_and_events_kept_while_kafka_and_the_registry_are_away(
    start: Callable[[], WebProcess], settings: Settings
) -> None:
    web = start()
    web.wait_ready()
    slowest = 0.0
    for _ in range(20):
        began = time.perf_counter()
        answer = web.get("/aircraft/test-falcon")
        slowest = max(slowest, time.perf_counter() - began)
        assert answer.headers["HangarStack-Accepted"] == "AircraftView, UserActivity"
    assert slowest < 1.0
    (told,) = (settings.home / "run").glob("web.*.json")
    announced = json.loads(told.read_text())
    assert announced == {"pid": web.process.pid, "port": settings.http_port}
    web.process.send_signal(signal.SIGKILL)
    web.finish()
    again = start()
    again.wait_ready()
    # 20 views, 20 steps and the report of the first start survived the kill.
    assert again.get("/readyz").json()["spooled"] >= 41


def test_a_web_process_that_starts_on_a_full_disk_serves_pages_and_takes_events_once_there_is_room(
    start: Callable[[], WebProcess], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    web = start()
    web.wait_ready()
    web.process.send_signal(signal.SIGTERM)
    web.finish()
    disk = tmp_path_factory.mktemp("disk") / "small"
    with small_disk(disk) as mounted:
        if not mounted:
            pytest.skip("this user may not mount a disk")
        home = disk / "home"
        shutil.copytree(settings.home, home)
        shutil.rmtree(home / "spool")
        with ExitStack() as stack:
            with full(disk, mounted, ()):
                web = WebProcess(replace(settings, home=home, spool_bytes=1 << 20))
                stack.callback(web.finish)
                stack.callback(web.process.terminate)
                web.wait_ready()
                answer = web.get("/aircraft/test-falcon")
                assert (answer.status, "HangarStack-Accepted" in answer.headers) == (200, False)
                assert "No space left on device" in web.get("/readyz").json()["problems"][0]
            assert web.get("/aircraft/test-falcon").headers["HangarStack-Accepted"] == "AircraftView, UserActivity"


def test_sigterm_ends_open_streams_and_leaves_within_the_time_to_drain(
    start: Callable[[], WebProcess], settings: Settings
) -> None:
    web = start()
    web.wait_ready()
    streams = []
    for _ in range(5):
        stream = web.http.request("GET", settings.address + "/stream", preload_content=False)
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        chunks = stream.read_chunked()
        assert next(chunks).startswith(b"retry: ")
        assert b"event: snapshot" in next(chunks)
        streams.append(stream)
    began = time.monotonic()
    web.process.send_signal(signal.SIGTERM)
    code, out, _ = web.finish()
    assert time.monotonic() - began < settings.drain_s + 2
    assert code == 0
    assert "events stay spooled" in out
    assert not list((settings.home / "run").glob("web.*.json"))
    for stream in streams:
        stream.close()


def test_a_database_that_keeps_edits_waiting_keeps_neither_pages_nor_the_process_and_nothing_accepted_is_lost(
    settings: Settings, postgres_settings: Settings, opened: Opened
) -> None:
    settings = replace(settings, database_url=postgres_settings.database_url, drain_s=3.0)
    engine = opened(settings, "catalogue")
    import_records(engine, [record()])
    web = WebProcess(settings)
    web.wait_ready()
    for _ in range(20):
        assert web.get("/aircraft/test-falcon").headers["HangarStack-Accepted"] == "AircraftView, UserActivity"
    form = web.get("/aircraft/test-falcon/edit")
    headers = {"Cookie": form.headers["Set-Cookie"].partition(";")[0], "Origin": settings.address}
    (token,) = re.findall(rb'name="token" value="([^"]+)"', form.data)
    edit = {"token": token.decode(), "version": "1", "name": "T-18 Test Falcon"}
    # By a session that is none of ours: it may hold its locks for as long as it likes.
    with psycopg.connect(settings.database_url.reveal()) as other, ThreadPoolExecutor(1) as pool:
        for name in other.execute(TABLES).fetchall():
            other.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(*name)))
        assert web.get("/analytics").status == 200
        pool.submit(web.post, "/aircraft/test-falcon/edit", edit, headers)
        until = time.monotonic() + PATIENCE_S
        while not other.execute(SAVING).fetchone():
            assert time.monotonic() < until
        began = time.monotonic()
        web.process.send_signal(signal.SIGTERM)
        code, _, err = web.finish()
        assert time.monotonic() - began < settings.drain_s
        assert "not drained" in err
        assert code == 0
    again = WebProcess(settings)
    again.wait_ready()
    # 20 views, 20 steps and the report of the first start were spooled.
    assert again.get("/readyz").json()["spooled"] >= 41
    again.process.kill()
    again.finish()


def test_a_request_under_way_is_answered_before_the_end(start: Callable[[], WebProcess], settings: Settings) -> None:
    web = start()
    web.wait_ready()
    with closing(socket.create_connection((settings.http_host, settings.http_port), timeout=10)) as half:
        half.sendall(b"POST /api/v1/activity HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.2)
        web.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        half.sendall(b"}")
        assert half.recv(100).startswith(b"HTTP/1.1 403")
    assert web.finish()[0] == 0


def test_a_taken_port_is_one_line_and_exit_code_2(start: Callable[[], WebProcess], settings: Settings) -> None:
    with socket.create_server((settings.http_host, settings.http_port)):
        code, _, err = start().finish()
    assert code == 2
    line = err.strip().splitlines()[-1]
    assert line == (
        f"hangarstack: 127.0.0.1:{settings.http_port}: another process listens there. "
        "Stop it, or set HANGARSTACK_HTTP_PORT to a free port"
    )
    assert "Traceback" not in err


def test_an_address_of_another_machine_is_one_line(tmp_path: Path) -> None:
    code, _, err = WebProcess(Settings(home=tmp_path, http_host="203.0.113.1", http_port=free_port())).finish()
    assert code == 2
    assert "the web app cannot listen" in err
    assert "Traceback" not in err


def test_a_catalogue_that_was_never_migrated_is_one_line(tmp_path: Path) -> None:
    code, _, err = WebProcess(Settings(home=tmp_path / "fresh", http_port=0)).finish()
    assert code == 2
    assert "hangarstack: " in err
    assert "Traceback" not in err


def test_streams_and_pages_share_one_port_and_do_not_wait_for_each_other(
    start: Callable[[], WebProcess], settings: Settings
) -> None:
    web = start()
    web.wait_ready()
    streams = []
    for _ in range(3 * settings.web_threads):
        stream = web.http.request("GET", settings.address + "/stream", preload_content=False)
        assert stream.status == 200
        streams.append(stream)
    assert web.get("/").status == 200
    assert web.http.request("POST", settings.address + "/stream").status == 405
    for stream in streams:
        stream.close()


def test_a_page_of_another_site_that_is_led_to_our_address_cannot_edit(
    start: Callable[[], WebProcess], settings: Settings
) -> None:
    web = start()
    web.wait_ready()
    evil = f"evil.example:{settings.http_port}"
    for path in ("/", "/stream", "/aircraft/test-falcon/edit"):
        assert web.get(path, Host=evil).status == 421
    answer = web.http.request(
        "POST",
        settings.address + "/aircraft/test-falcon/edit",
        headers={"Host": evil, "Origin": f"http://{evil}"},
        fields={"name": "Evil"},
    )
    assert answer.status == 421
    assert web.get("/healthz", Host="localhost").status == 200
