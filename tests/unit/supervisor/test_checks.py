from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.errors import PortTakenError
from hangarstack.settings import load
from hangarstack.supervisor.checks import http_ok, probe, require_free, tcp_open
from hangarstack.telemetry.probes import ProbeServer
from hangarstack.telemetry.runfile import run_file


def test_a_taken_port_is_refused_with_the_setting_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert tcp_open("127.0.0.1", port)
        with pytest.raises(PortTakenError, match="HANGARSTACK_HTTP_PORT"):
            require_free("127.0.0.1", port, what="the web app", variable="HANGARSTACK_HTTP_PORT")
    require_free("127.0.0.1", port, what="the web app", variable="HANGARSTACK_HTTP_PORT")


def test_a_probe_answers_for_its_own_process_alone(tmp_path: Path) -> None:
    ready = [False]
    server = ProbeServer(replace(load({}), home=tmp_path), "journeys", lambda: (ready[0], {"lag": 3}))
    check = probe(tmp_path, "journeys", "/readyz")
    assert not check(os.getpid())
    ready[0] = True
    assert check(os.getpid())
    assert not check(os.getpid() + 1)
    assert http_ok("127.0.0.1", server.port, "/healthz")
    assert http_ok("127.0.0.1", server.port, "/metrics")
    assert not http_ok("127.0.0.1", server.port, "/other")
    server.close()
    assert not run_file(tmp_path, "journeys", os.getpid()).exists()
    assert not check(os.getpid())
