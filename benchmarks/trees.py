"""A large contract tree, in which fields come one by one as they do in life."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from hangarstack.contracts.fingerprint import fingerprint

_CONTRACT: Final = """event = "Event{index}"
description = "What happened."
owner = "nobody"
key = "id"
compatibility = "FULL_TRANSITIVE"
producers = ["web"]
consumers = []

[topic]
name = "topic.{index}"
partitions = 1
retention_ms = -1
cleanup_policy = "delete"
compression = "producer"
min_insync_replicas = 1
max_message_bytes = 1048576
"""
_HEADER: Final[list[dict[str, Any]]] = [
    {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Id."},
    {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "doc": "When."},
    {"name": "id", "type": "string", "doc": "Whose."},
]
_KIND: Final = {"type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "A", "B"], "default": "UNKNOWN", "doc": "Kinds."}
_BODY: Final[list[dict[str, Any]]] = [
    {"name": "kind", "type": _KIND, "doc": "Its kind."},
    {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "Tags."},
    {"name": "device", "type": ["null", {"type": "record", "name": "Device", "fields": _HEADER}], "default": None},
]
_OPTIONAL: Final = 8


def write_tree(root: Path, *, contracts: int, versions: int) -> None:
    """Write contracts of so many released versions, each of which is held against all that came before it.

    Args:
        root: an empty directory.
        contracts: 1 or more.
        versions: of each contract, 1 or more; version ``n`` has ``14 + n`` fields.
    """
    lock = []
    for index in range(contracts):
        directory = root / "contracts" / "avro" / f"event_{index}"
        directory.mkdir(parents=True)
        reasons = "".join(f'[versions.{number}]\nreason = "Because."\n' for number in range(1, versions + 1))
        (directory / "contract.toml").write_text(_CONTRACT.format(index=index) + reasons)
        lock.append(f"[{directory.name}]")
        for number in range(1, versions + 1):
            text = _schema(f"Event{index}", [f"field_{each}" for each in range(_OPTIONAL + number)])
            (directory / f"v{number}.avsc").write_text(text)
            lock.append(f'{number} = "{fingerprint(json.loads(text))}"')
    (root / "contracts" / "contracts.lock").write_text("\n".join([*lock, ""]))


def _schema(name: str, optional: Iterable[str]) -> str:
    parts = [*map(_text, (*_HEADER, *_BODY)), *map(_optional, optional)]
    head = f'{{\n  "type": "record",\n  "name": "{name}",\n  "namespace": "n",\n  "doc": "What happened.",\n'
    fields = ",\n".join(parts)
    return f'{head}  "fields": [\n{fields}\n  ]\n}}\n'


@cache
def _optional(name: str) -> str:
    doc = f"What {name} means to its readers."
    return _text({"name": name, "type": ["null", "string"], "default": None, "doc": doc})


def _text(field: dict[str, Any]) -> str:
    return textwrap.indent(json.dumps(field, indent=2), "    ")
