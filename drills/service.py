"""The consumer under fire: the shipped service ``popularity`` on a drill's topic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hangarstack.consumers.services.popularity import Popularity
from hangarstack.events import AIRCRAFT_VIEW
from hangarstack.events.runtime.codec import Codec
from hangarstack.settings import Settings


class Views(Popularity):
    """Counts the views of one topic, in a group of its own.

    Args:
        name: of the service, and so of its group.
        codec: of the topic.
    """

    def __init__(self, name: str, codec: Codec[Any]) -> None:
        super().__init__()
        self.name = name
        self.codecs = (codec,)


@contextmanager
def release(settings: Settings, version: int) -> Iterator[Codec[Any]]:
    """Yield the codec of the release whose newest schema was that version: its code knows nothing of later ones."""
    if version == AIRCRAFT_VIEW.version:
        yield AIRCRAFT_VIEW
        return
    # Imported only here: members are started all the time, and the generator would cost each a third of a second.
    from drills.releases import generated

    with generated(settings.root, version) as codec:
        yield codec


__all__ = ["Views", "release"]
