"""What the app is made of; ``wiring`` makes the real ones, tests bring fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hangarstack.catalogue.repository import Catalogue
from hangarstack.web.ports import ContractPages, Editor, EventSink, LetterDesk, Now, ReadModels, utc_now

Schema = Callable[[], Mapping[str, Any]]
"""Returns the JSON Schema of aircraft records; may read its file on the first call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The other rooms, as the web app uses them.

    Args:
        sink: accepts events.
        catalogue: every aircraft, in memory.
        read_models: what the services have counted.
        editor: writes edits.
        dead_letters: repairs what services could not handle.
        contracts: makes the pages about the contracts; called once, when the first of them is asked for.
        schema: the JSON Schema of aircraft records.
        now: the time.
    """

    sink: EventSink
    catalogue: Catalogue
    read_models: ReadModels
    editor: Editor
    dead_letters: LetterDesk
    contracts: ContractPages
    schema: Schema
    now: Now = field(default=utc_now)
