"""The members of a group, each a process that a drill may stop, freeze or kill."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from drills.shifted import Clock
from drills.stage import Stage
from drills.waiting import wait_for_process
from hangarstack.broker.embedded.node import dying_with_parent
from hangarstack.events import AIRCRAFT_VIEW
from hangarstack.settings import Settings, environment
from hangarstack.telemetry.runfile import run_file

_READY_S = 30.0
_ENDED_S = 30.0


class Member:
    """One process of a group; runs from the start.

    Args:
        stage: its settings and topic.
        name: of the service; members of one name share the partitions.
        version: of the schema that its code knows best.
        clock: its clock; None: the machine's.
        settings: its settings, when they are not the stage's.
    """

    def __init__(
        self,
        stage: Stage,
        name: str,
        version: int = AIRCRAFT_VIEW.version,
        clock: Clock | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._home = (settings or stage.settings).home
        self._name = name
        self.log = stage.settings.home / "logs" / f"{name}.log"
        self.log.parent.mkdir(exist_ok=True)
        prefix, variables = (clock.prefix, clock.variables) if clock else (("-m",), {})
        command = [sys.executable, *prefix, "drills.member", name, stage.topic, str(version)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                dying_with_parent(command),
                env={**os.environ, **environment(settings or stage.settings), **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).parents[1],
            )

    def wait_ready(self) -> None:
        """Wait until it has an assignment."""
        until = time.monotonic() + _READY_S
        while self._ask("/readyz")[0] != 200:
            self.check()
            assert time.monotonic() < until, f"a member is not ready: {self.log.read_text()[-2000:]}"
            time.sleep(0.05)

    def check(self) -> None:
        """Fail when it has ended."""
        assert self.process.poll() is None, f"a member ended: {self.log.read_text()[-2000:]}"

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels; 0 when there are none."""
        families = text_string_to_metric_families(self._ask("/metrics")[1])
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == f"hangarstack_consumer_{name}" and labels.items() <= sample.labels.items()
        )

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as SIGKILL does; fails when it has ended before."""
        self.check()
        self.end()

    def end(self) -> None:
        """End it as SIGKILL does, if it has not ended."""
        self.process.kill()
        wait_for_process(self.process, "a member that was killed is gone", _ENDED_S)

    def stop(self) -> float:
        """Ask it to stop, and return the seconds that it took."""
        began = time.monotonic()
        self.process.terminate()
        code = wait_for_process(self.process, "a member that was asked to stop has ended", _ENDED_S)
        assert code == 0, f"a member ended with {code}: {self.log.read_text()[-2000:]}"
        return time.monotonic() - began

    def _ask(self, path: str) -> tuple[int, str]:
        try:
            entry: dict[str, Any] = json.loads(run_file(self._home, self._name, self.process.pid).read_text())
            connection = http.client.HTTPConnection("127.0.0.1", entry["port"], timeout=5)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return 0, ""


@contextmanager
def running(*members: Member) -> Iterator[list[Member]]:
    """Wait until the members are ready; at the end, kill whatever is in the list by then.

    Fails when one of those has ended by itself: a drill takes out of the list whom it ends.
    """
    group = list(members)
    try:
        for member in group:
            member.wait_ready()
        yield group
        for member in group:
            member.check()
    finally:
        for member in group:
            member.end()


def new_name() -> str:
    """Return the name of a service whose group nobody else is in."""
    return f"drill-{uuid.uuid4().hex[:8]}"


__all__ = ["Member", "new_name", "running"]
