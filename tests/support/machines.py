"""Parts of the platform as they run on machines of their own: each a process with its own state directory.

What they share is what machines share: Kafka, a registry and PostgreSQL, all by address.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Final

import urllib3

from hangarstack.settings import Secret, Settings, environment
from hangarstack.simulate.client import Outcome
from hangarstack.simulate.plan import Kind
from hangarstack.simulate.platform import TOTAL_OF_EVENT, PlatformApi
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load, Traffic
from hangarstack.supervisor.checks import http_ok
from tests.support.ports import free_port

_DEADLINE_S: Final = 40.0


@dataclass(slots=True, kw_only=True)
class Machine:
    """One part; started again at will on the same state directory.

    Args:
        settings: its own, with its own home.
        arguments: of the command.
    """

    settings: Settings
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.settings.home / "out").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hangarstack", *self.arguments],
                env={**_outer(), **environment(self.settings)},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def readiness(self) -> dict[str, object]:
        """Return what a relay or service says of its readiness; empty before it can say anything."""
        for file in (self.settings.home / "run").glob(f"{self.arguments[-1]}.*.json"):
            port = json.loads(file.read_text())["port"]
            return _asked(f"http://127.0.0.1:{port}/readyz")
        return {}

    def output(self) -> str:
        """Return all that it has printed."""
        return (self.settings.home / "out").read_text()


@dataclass(slots=True, kw_only=True)
class Machines:
    """All machines of one platform.

    Args:
        shared: settings that all have in common.
        directory: where their state directories are made.
    """

    shared: Settings
    directory: Path
    every: list[Machine] = field(default_factory=list)

    def run(self, *arguments: str) -> None:
        """Run a command to its end, on a machine of its own."""
        one = self._made(arguments)
        one.start()
        assert one.process is not None
        assert one.process.wait(_DEADLINE_S) == 0, one.output()

    def start(self, *arguments: str) -> Machine:
        """Start a part on a machine of its own; does not wait."""
        one = self._made(arguments)
        self.every.append(one)
        one.start()
        return one

    def kill(self) -> None:
        """Kill what runs."""
        for one in self.every:
            one.kill()

    def _made(self, arguments: tuple[str, ...]) -> Machine:
        home = self.directory / f"{'-'.join(arguments)}-{len(self.every)}"
        home.mkdir()
        return Machine(settings=replace(self.shared, home=home, http_port=free_port()), arguments=arguments)


class Visits(threading.Thread):
    """Visitors of one web app."""

    def __init__(self, address: str, *, seconds: float, rate: float, seed: int) -> None:
        super().__init__(name=f"visits of {address}")
        self.tally = Tally()
        load = Load(visitors=6, rate=rate, duration_s=seconds, seed=seed)
        self._traffic = Traffic(address, PlatformApi(address).subjects(), load, self._hear)

    def run(self) -> None:
        self._traffic.run()

    def _hear(self, outcome: Outcome) -> None:
        self.tally.hear(outcome)
        if outcome.kind is Kind.EDIT and outcome.retries and outcome.status == HTTPStatus.CONFLICT:
            # The answer was lost with the web app that was killed: what it had saved is in the way of a second try.
            self.tally.accepted.update(["DataUpdate", "UserActivity"])


def counted(address: str) -> Counter[str]:
    """Return how many events of each class a web app says were counted."""
    totals = PlatformApi(address).totals()
    return Counter({event: totals[key] for event, key in TOTAL_OF_EVENT.items()})


def until(condition: Callable[[], bool], what: Callable[[], object], *, within_s: float = _DEADLINE_S) -> None:
    """Wait for a condition; on failure say ``what``."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def web_is_ready(web: Machine) -> bool:
    """Tell whether a web app answers and has a catalogue."""
    return http_ok("127.0.0.1", web.settings.http_port, "/readyz")


def shared_settings(*, root: Path, bootstrap_servers: str, registry_url: str, database_url: str) -> Settings:
    """Return what every machine is told."""
    return Settings(
        root=root,
        bootstrap_servers=bootstrap_servers,
        registry_url=registry_url,
        database_url=Secret(database_url),
        secret_key=Secret("the same for every web process"),
        session_timeout_ms=2_000,
    )


def _outer() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("HANGARSTACK_")}


def _asked(url: str) -> dict[str, object]:
    answer = urllib3.request("GET", url, retries=False, timeout=2)
    told: dict[str, object] = answer.json()
    return told
