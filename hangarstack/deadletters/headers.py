"""What the headers of a dead letter are called: the consumers write them, this room reads them."""

from __future__ import annotations

from typing import Final

TOPIC: Final = "dlq_topic"
PARTITION: Final = "dlq_partition"
OFFSET: Final = "dlq_offset"
TIMESTAMP: Final = "dlq_timestamp_ms"
GROUP: Final = "dlq_group"
ERROR_CLASS: Final = "dlq_error_class"
ERROR_MESSAGE: Final = "dlq_error_message"
ERROR_STACK: Final = "dlq_error_stack"
ATTEMPTS: Final = "dlq_attempts"
SCHEMA_ID: Final = "dlq_schema_id"
FIRST_SEEN: Final = "dlq_first_seen"
LEFT_OUT: Final = "dlq_left_out_bytes"
"""The record was too large for its letter: key, value, of so many bytes, and its own headers are not in it."""

REASONS: Final = frozenset(
    {
        TOPIC,
        PARTITION,
        OFFSET,
        TIMESTAMP,
        GROUP,
        ERROR_CLASS,
        ERROR_MESSAGE,
        ERROR_STACK,
        ATTEMPTS,
        SCHEMA_ID,
        FIRST_SEEN,
        LEFT_OUT,
    }
)
"""Tell why a record became a dead letter; written anew each time that it does."""

REPLAYS: Final = "dlq_replay_count"
"""How often the record was replayed, this time included."""
REPLAY_GROUP: Final = "dlq_replay_group"
"""The consumer group that the record was replayed for; every other one passes it over."""
REPLAYED_BY: Final = "dlq_replayed_by"
REPLAYED_AT: Final = "dlq_replayed_at"

REPLAY: Final = frozenset({REPLAYS, REPLAY_GROUP, REPLAYED_BY, REPLAYED_AT})
"""Tell of the last replay; a record that fails again carries them into its next dead letter."""


def number(value: bytes | None) -> int:
    """Return the whole number, at least 0, that a header holds; 0 when it holds none."""
    return int(value) if value and value.isdigit() and len(value) < 10 else 0
