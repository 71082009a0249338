"""Whether a consumer's library takes the text of a schema at all.

The trial gives fastavro a shape of its own making, so it would not notice. fastavro is stricter than Avro Java and the
registry about a few things, and takes the names of a namespace otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import fastavro

from hangarstack.contracts.runtime_verdict.comparing import Kind
from hangarstack.contracts.runtime_verdict.running import said
from hangarstack.contracts.runtime_verdict.verdict import Misreading

REFUSES: Final = "fastavro, and so confluent_kafka's deserializer, refuses"
_KEPT: Final = 1_024
"""Schemas of which the answer is remembered; a version meets each of the others."""


def refused(reader: str, writer: str) -> Iterator[Misreading]:
    """Yield which of two schemas, by their texts, a consumer cannot parse; it needs both."""
    for side, text in (("reader", reader), ("writer", writer)):
        why = refusal(text)
        if why is not None and (side == "reader" or text != reader):
            sentence = f"{REFUSES} the {side}'s schema: {why}"
            yield Misreading(kind=Kind.REFUSED_SCHEMA, path="", sentence=sentence, witness=None)


@lru_cache(_KEPT)
def refusal(text: str) -> str | None:
    """Return why fastavro refuses a schema, or ``None`` when it takes it."""
    try:
        fastavro.parse_schema(json.loads(text))
    except Exception as error:  # noqa: BLE001 - whatever is raised, the consumer does not start
        return said(error)
    return None
