"""A member of the group as a process: ``python -m drills.member NAME TOPIC VERSION``."""

from __future__ import annotations

import os
import sys

from drills.service import Views, release
from drills.stage import on_topic
from hangarstack.consumers.runtime.process import consume
from hangarstack.settings import load
from hangarstack.supervisor.stopping import stop_on_signals


def main(name: str, topic: str, version: str) -> None:
    """Consume until SIGTERM."""
    settings = load(os.environ)
    stop = stop_on_signals(settings.drain_s)
    with release(settings, int(version)) as codec:
        consume(settings, Views(name, on_topic(codec, topic)), stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
