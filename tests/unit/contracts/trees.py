"""Small contract trees on disk, good until a test spoils them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

CONTRACT = """
event = "Ping"
description = "A ping."
owner = "nobody"
key = "id"
compatibility = "BACKWARD"
producers = ["a"]
consumers = []

[topic]
name = "pings"
partitions = 1
retention_ms = -1
cleanup_policy = "delete"
compression = "producer"
min_insync_replicas = 1
max_message_bytes = 1048576

[versions.1]
reason = "It begins."
"""

HEADER: list[Json] = [
    {"name": "event_id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Id."},
    {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "doc": "When."},
    {"name": "id", "type": "string", "doc": "Whose."},
]
EXAMPLE: Json = {"event_id": "0", "occurred_at": 1, "id": "x"}
WAIVER = """
[[waiver]]
contract = "Ping"
versions = [2]
type = "READER_FIELD_MISSING_DEFAULT_VALUE"
path = "/fields/3"
owner = "nobody"
reason = "No event of version 1 was ever written."
expires = 2026-06-01
"""
"""For a second version of ``ping`` with a new field that has no default."""


def ping(*fields: Json, **more: object) -> Json:
    """A good schema, with more fields."""
    return {"type": "record", "name": "Ping", "namespace": "n", "doc": "A ping.", "fields": [*HEADER, *fields], **more}


def make_tree(root: Path, *versions: Json, contract: str = CONTRACT) -> Path:
    """Write a tree with one contract, ``ping``, of one good version unless told otherwise, and return the contract."""
    directory = root / "contracts" / "avro" / "ping"
    (directory / "examples" / "v1").mkdir(parents=True)
    (directory / "examples" / "v1" / "one.json").write_text(json.dumps(EXAMPLE))
    (directory / "contract.toml").write_text(contract)
    add_versions(directory, *(versions or (ping(),)))
    return directory


def add_versions(directory: Path, *versions: Json) -> None:
    """Write more versions after those that are there."""
    first = len(list(directory.glob("v*.avsc"))) + 1
    table = directory / "contract.toml"
    for number, schema in enumerate(versions, start=first):
        (directory / f"v{number}.avsc").write_text(json.dumps(schema))
        if number > 1:
            table.write_text(f'{table.read_text()}\n[versions.{number}]\nreason = "Because."\n')
