"""``hangarstack registry serve`` as a process."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import psutil
import pytest

from hangarstack.settings import Settings
from tests.embedded.registry.schemas import record
from tests.support.ports import free_port
from tests.support.registry import RegistryProcess


def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    with RegistryProcess(Settings(home=tmp_path, registry_port=free_port())).wait_ready() as server:
        server.registry.register("s", record("a"))
        assert server.end(signal.SIGTERM) == 0


def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    with RegistryProcess(Settings(home=tmp_path, registry_port=free_port())).wait_ready() as server:
        assert server.end(signal.SIGINT) == 0


def test_an_open_connection_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, registry_port=free_port(), drain_s=1.0)
    with (
        RegistryProcess(settings).wait_ready() as server,
        socket.create_connection(("127.0.0.1", settings.registry_port)) as idle,
    ):
        idle.sendall(b"POST /subjects/s/versions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.1)
        began = time.monotonic()
        assert server.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5


def test_a_taken_port_is_one_line_with_a_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with RegistryProcess(Settings(home=tmp_path, registry_port=port)) as server:
            code, output = server.wait()
    assert code == 2
    assert output == (
        f"hangarstack: 127.0.0.1:{port}: another process listens there. "
        "Stop it, or set HANGARSTACK_REGISTRY_PORT to a free port\n"
    )


@pytest.mark.parametrize(
    ("content", "why"), [(b"this is no database" * 100, "file is not a database"), (b"", "it is empty")]
)
def test_a_damaged_file_is_one_line_with_a_remedy(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "registry" / "registry.sqlite3"
    file.parent.mkdir()
    file.write_bytes(content)
    with RegistryProcess(Settings(home=tmp_path, registry_port=free_port())) as server:
        code, output = server.wait()
    assert code == 1
    assert output.startswith(f"hangarstack: {file}: the registry's file is damaged: {why}. Put a backup of it back")
    assert len(output.splitlines()) == 1


def test_idle_it_is_small_and_quiet(tmp_path: Path) -> None:
    with RegistryProcess(Settings(home=tmp_path, registry_port=free_port())).wait_ready() as server:
        for number in range(20):
            server.registry.register(f"s{number}", record("a", name=f"R{number}"))
        running = psutil.Process(server.pid)
        before = running.cpu_times()
        time.sleep(1.5)
        after = running.cpu_times()
        assert running.memory_info().rss < 60 * 2**20
        assert (after.user + after.system) - (before.user + before.system) <= 0.05
