"""Traffic from a process of its own: ``python -m drills.publisher TOPIC SEED EVENTS PER_SECOND``.

Its last line on standard output is what it has accepted, by aircraft, and how many records it leaves spooled.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from drills.stage import OWNER, Stage
from drills.traffic import Traffic
from hangarstack.broker.embedded.node import dying_with_parent
from hangarstack.settings import environment, load
from hangarstack.store.engine import open_store
from hangarstack.telemetry import logs


class Publisher:
    """Starts that process.

    Args:
        stage: where it publishes.
        events: how many different ones.
        per_second: how many a second.
        prefix: what of Python runs it, such as a script that gives it another clock.
    """

    def __init__(self, stage: Stage, *, events: int, per_second: float, prefix: Sequence[str] = ("-m",)) -> None:
        self.accepted: Counter[str] = Counter()
        self.spooled = 0
        arguments = [stage.topic, str(stage.seed), str(events), str(per_second)]
        self._process = subprocess.Popen(
            dying_with_parent([sys.executable, *prefix, "drills.publisher", *arguments]),
            env={**os.environ, **environment(stage.settings)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            text=True,
        )

    def join(self) -> None:
        """Wait for its end and read what it says."""
        said, _ = self._process.communicate()
        assert self._process.returncode == 0, said
        answer = json.loads(said.splitlines()[-1])
        self.accepted.update(answer["accepted"])
        self.spooled = answer["spooled"]


def main(topic: str, seed: str, events: str, per_second: str) -> None:
    """Publish, and say what was accepted."""
    settings = load(os.environ)
    logs.configure(settings, "drill")  # standard output belongs to the answer
    engine = open_store(settings, OWNER)
    stage = Stage(settings=settings, topic=topic, seed=int(seed), engine=engine, tell=lambda _what, _share: None)
    with Traffic(stage, events=int(events), per_second=float(per_second)) as traffic:
        traffic.join()
        left = traffic.producer.close(30)
    sys.stdout.write(json.dumps({"accepted": traffic.accepted, "spooled": left}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
