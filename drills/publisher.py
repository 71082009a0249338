"""Traffic from a process of its own: ``python -m drills.publisher TOPIC SEED EVENTS PER_SECOND``.

Its last line on standard output is what it has accepted, by aircraft, how often ``publish`` took none, how
many records it leaves spooled, and how often the broker refused one, by reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

from drills.shifted import Clock
from drills.stage import OWNER, Stage
from drills.traffic import Traffic, longest_s
from hangarstack.broker.embedded.node import dying_with_parent
from hangarstack.settings import environment, load
from hangarstack.store.engine import open_store
from hangarstack.telemetry import logs

_PATIENCE_S: Final = 30.0


class Publisher:
    """Starts that process.

    Args:
        stage: where it publishes.
        events: how many different ones.
        per_second: how many a second.
        clock: its clock; None: the machine's.
    """

    def __init__(self, stage: Stage, *, events: int, per_second: float, clock: Clock | None = None) -> None:
        self.events = events
        self.share = None
        self.accepted: Counter[str] = Counter()
        self.refused = 0
        self.spooled = 0
        # Its own waits have bounds, too: it has ended by then unless it hangs.
        self._within_s = longest_s(events, per_second) + 2 * _PATIENCE_S
        self.refusals: Counter[str] = Counter()
        """How often the broker refused a record, by reason; known after ``join``."""
        prefix, variables = (clock.prefix, clock.variables) if clock else (("-m",), {})
        self._log = stage.settings.home / "publisher.log"
        arguments = [stage.topic, str(stage.seed), str(events), str(per_second)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                dying_with_parent([sys.executable, *prefix, "drills.publisher", *arguments]),
                env={**os.environ, **environment(stage.settings), **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).parents[1],
                text=True,
            )

    def join(self) -> None:
        """Wait for its end and read what it says; fails when it does not end in time."""
        try:
            said, _ = self._process.communicate(timeout=self._within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"not in {self._within_s:g} s: the process that publishes ends") from None
        # A traceback ends with the error.
        last = self._log.read_text().splitlines()[-1:]
        assert self._process.returncode == 0, f"the process that publishes failed: {''.join(last)}; see {self._log}"
        answer = json.loads(said.splitlines()[-1])
        self.accepted.update(answer["accepted"])
        self.refused = answer["refused"]
        self.spooled = answer["spooled"]
        self.refusals.update(answer["refusals"])


def main(topic: str, seed: str, events: str, per_second: str) -> None:
    """Publish, and say what was accepted."""
    settings = load(os.environ)
    logs.configure(settings, "drill")  # standard output belongs to the answer
    engine = open_store(settings, OWNER)
    stage = Stage(settings=settings, topic=topic, seed=int(seed), engine=engine, tell=lambda _what, _share: None)
    with Traffic(stage, events=int(events), per_second=float(per_second)) as traffic:
        traffic.join()
        until = time.monotonic() + _PATIENCE_S
        while traffic.spooled and time.monotonic() < until:
            time.sleep(0.05)
        refusals: Counter[str] = Counter()
        for sample in traffic.producer.samples():
            if sample.name == "events_refused":
                refusals[sample.labels[1]] += int(sample.value)
        left = traffic.producer.close(1)
    answer = {"accepted": traffic.accepted, "refused": traffic.refused, "spooled": left, "refusals": refusals}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
