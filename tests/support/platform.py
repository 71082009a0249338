"""The whole platform as a user runs it: `hangarstack up` in a process of its own, on free ports and a fresh HOME."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from hangarstack.broker.embedded.jars import fetch
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.errors import KafkaNotFetchedError
from hangarstack.settings import load
from tests.support.ports import free_port
from tests.support.requirements import missing

ROOT: Final = Path(__file__).resolve().parents[2]


class Up:
    """One `hangarstack up`, started again at will on the same HOME and ports.

    Args:
        home: its state directory.
        arguments: further arguments of `up`.
    """

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self._arguments = arguments
        self.http_port = free_port()
        broker = free_port_pair()
        self._variables = {
            "HANGARSTACK_HOME": str(home),
            "HANGARSTACK_ROOT": str(ROOT),
            "HANGARSTACK_HTTP_PORT": str(self.http_port),
            "HANGARSTACK_REGISTRY_PORT": str(free_port()),
            "HANGARSTACK_BROKER_PORT": str(broker),
        }
        self._output = home.parent / "up.out"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait for the line that says it is up; fails after 60 s or when it ends."""
        with self._output.open("ab") as output:
            seen = self.output()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hangarstack", "up", *self._arguments],
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self.wait_for_line("HangarStack is up: ", within_s=60, after=len(seen))

    def environment(self) -> dict[str, str]:
        """Return the environment in which commands meet this platform."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith("HANGARSTACK_")}
        return outer | self._variables

    def output(self) -> str:
        """Return all that it has printed."""
        return self._output.read_text() if self._output.exists() else ""

    def wait_for_line(self, words: str, *, within_s: float, after: int = 0) -> None:
        """Wait until a line with these words has been printed after that many characters."""
        deadline = time.monotonic() + within_s
        while words not in self.output()[after:]:
            assert time.monotonic() < deadline, f"no line says {words!r}: {self.output()[after:]}"
            assert self._process is None or self._process.poll() is None, f"it ended: {self.output()[after:]}"
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """Return the running parts by name."""
        entries = json.loads((self.home / "run" / "children.json").read_text())
        return {entry["name"]: entry["pid"] for entry in entries if psutil.pid_exists(entry["pid"])}

    def kill(self) -> None:
        """Kill the supervisor, as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def end(self) -> None:
        """Make sure that nothing is left of it."""
        if self._process is not None and self._process.poll() is None:
            self.interrupt()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A running platform on real Kafka, shared by the tests of a module."""
    try:
        fetch(load({}).cache_dir)
    except KafkaNotFetchedError as error:
        missing("kafka", str(error))
    up = Up(tmp_path_factory.mktemp("platform") / "home")
    up.start()
    yield up
    up.end()
