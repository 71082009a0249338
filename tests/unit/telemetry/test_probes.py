from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from hangarstack.errors import PortTakenError
from hangarstack.settings import Settings
from hangarstack.telemetry.probes import ProbeServer
from hangarstack.telemetry.runfile import run_file


class _Process:
    """A process whose readiness the test sets."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ready = True
        self.server = ProbeServer(Settings(home=home), "popularity", lambda: (self.ready, {"lag": 7}))

    def get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[_Process]:
    made = _Process(tmp_path)
    yield made
    made.server.close()


def test_a_process_that_runs_is_alive(process: _Process) -> None:
    assert process.get("/healthz") == (200, b'{"status": "alive"}')


def test_readiness_follows_the_process_and_gives_details(process: _Process) -> None:
    assert process.get("/readyz") == (200, b'{"status": "ready", "lag": 7}')
    process.ready = False
    status, body = process.get("/readyz")
    assert (status, json.loads(body)) == (503, {"status": "not ready", "lag": 7})


def test_metrics_are_in_prometheus_form(process: _Process) -> None:
    status, body = process.get("/metrics")
    assert status == 200
    assert b"# TYPE" in body


def test_another_path_is_unknown(process: _Process) -> None:
    assert process.get("/")[0] == 404


def test_a_client_that_says_nothing_does_not_silence_the_probe(
    process: _Process, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", process.server.port)):
        assert process.get("/healthz")[0] == 200
    assert capfd.readouterr().err == ""


def test_the_run_file_tells_where_and_goes_with_the_server(process: _Process, tmp_path: Path) -> None:
    told = json.loads(run_file(tmp_path, "popularity", os.getpid()).read_text())
    assert told["port"] == process.server.port


def test_closing_removes_the_run_file(tmp_path: Path) -> None:
    _Process(tmp_path).server.close()
    assert not run_file(tmp_path, "popularity", os.getpid()).exists()


def test_what_killed_processes_left_is_removed_and_a_living_one_is_left_alone(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    beside = run_file(tmp_path, "popularity", os.getppid())
    for file in (run_file(tmp_path, "popularity", dead.pid), beside):
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    _Process(tmp_path).server.close()
    assert list((tmp_path / "run").iterdir()) == [beside]


def test_a_taken_port_says_which_setting_moves_it(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(home=tmp_path, probe_port=other.getsockname()[1])
        with pytest.raises(PortTakenError) as refused:
            ProbeServer(settings, "popularity", lambda: (True, {}))
    assert "HANGARSTACK_PROBE_PORT" in refused.value.remedy
