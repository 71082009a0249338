"""The embedded registry for tests: in a thread for speed, or as processes that can be killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from hangarstack.registry.embedded.server import RegistryServer
from hangarstack.settings import Settings, environment

_DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a registry answered: status, content type, and the body, parsed when it is JSON."""

    status: int
    content_type: str
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A running registry.

    Args:
        url: its address.
        settings: those of its clients: ``registry_url`` leads to it.
    """

    url: str
    settings: Settings

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one raw request; ``body`` is JSON unless it is bytes."""
        address = urlsplit(self.url)
        kind_of = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind_of(address.netloc, timeout=_DEADLINE_S)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/vnd.schemaregistry.v1+json"}
        with contextlib.closing(connection):
            connection.request(method, f"{address.path}{path}", data, kind | (headers or {}))
            response = connection.getresponse()
            raw = response.read().decode()
            content_type = response.headers.get("Content-Type", "")
        try:
            return Answer(status=response.status, content_type=content_type, body=json.loads(raw))
        except ValueError:
            return Answer(status=response.status, content_type=content_type, body=raw)

    def register(self, subject: str, schema: object, **fields: object) -> int:
        """Register a schema given as JSON and return its id; the registry must accept it."""
        answer = self.ask("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema), **fields})
        assert answer.status == 200, answer
        return int(answer.body["id"])


@contextlib.contextmanager
def running(settings: Settings, *, port: int = 0) -> Iterator[Registry]:
    """Run a registry in a thread; port 0 is any free one."""
    server = RegistryServer(replace(settings, registry_port=port))
    with server:
        thread = threading.Thread(target=server.run, name="registry")
        thread.start()
        try:
            yield Registry(url=server.url, settings=replace(settings, registry_url=server.url))
        finally:
            server.stop()
            thread.join(_DEADLINE_S)
    assert not thread.is_alive()


class RegistryProcess:
    """``hangarstack registry serve`` in a process of its own.

    Args:
        settings: its ``registry_port`` must be free.
    """

    def __init__(self, settings: Settings) -> None:
        url = f"http://127.0.0.1:{settings.registry_port}"
        self.registry = Registry(url=url, settings=replace(settings, registry_url=url))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "registry", "serve"],
            env={**os.environ, **environment(settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait_ready(self) -> Self:
        """Wait until it answers."""
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            try:
                assert self.registry.ask("GET", "/").status == 200
            except OSError:
                assert self._process.poll() is None, self._process.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self._process.send_signal(number)
        self._process.communicate(timeout=_DEADLINE_S)
        return self._process.returncode

    def wait(self) -> tuple[int, str]:
        """Wait for it to end by itself; return exit code and output."""
        output, _ = self._process.communicate(timeout=_DEADLINE_S)
        return self._process.returncode, output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate(timeout=_DEADLINE_S)
        elif self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that all tests share: use subjects of your own."""
    with running(Settings(home=tmp_path_factory.mktemp("registry-home"))) as started:
        yield started


@pytest.fixture
def own_registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry of this test alone, empty."""
    with running(Settings(home=tmp_path / "home")) as started:
        yield started
