"""Which of a partition's latest records have a dead letter: written in the transaction that passes them.

When a position goes back, because a rebuild has replaced the read models, the records behind it are read again, by
whichever member has the partition by then. Their letters cannot be taken back and need not be written again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, select, tuple_

from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.offsets import Move, OffsetKey
from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS, WRITTEN_LETTERS
from hangarstack.store.upsert import Upsert, replace

_KEPT: Final = 5_000_000
"""Letters of records further behind are forgotten: far more than a service handles while its rebuild ends."""
# A log that was cut back holds another record at the offset by now.
_NOTE: Final = Upsert(WRITTEN_LETTERS, timestamp_ms=replace)
_COLUMNS: Final = WRITTEN_LETTERS.c
_KEY: Final = (_COLUMNS.cluster_id, _COLUMNS.topic_id, _COLUMNS.partition)
_FORGET: Final = delete(WRITTEN_LETTERS).where(
    _COLUMNS.cluster_id == bindparam("cluster"),
    _COLUMNS.topic_id == bindparam("topic_"),
    _COLUMNS.partition == bindparam("number"),
    _COLUMNS.record_offset < bindparam("before"),
)
_AHEAD: Final = select(*_KEY, _COLUMNS.record_offset, _COLUMNS.timestamp_ms).join(
    CONSUMER_OFFSETS,
    and_(
        *(CONSUMER_OFFSETS.c[column.name] == column for column in _KEY),
        CONSUMER_OFFSETS.c.next_offset <= _COLUMNS.record_offset,
    ),
)


def note(tx: Connection, letters: Iterable[DeadLetter], moves: Mapping[PartitionId, Move]) -> None:
    """Note where the records of letters were, and forget those far behind.

    Args:
        tx: the transaction that moves the partitions past them.
        letters: acknowledged.
        moves: of their partitions.
    """
    dead = {(moves[one.topic, one.partition].key, one.offset): one.record.timestamp()[1] for one in letters}
    if not dead:
        return
    rows = [
        {**key._asdict(), "record_offset": offset, "timestamp_ms": written_ms}
        for (key, offset), written_ms in dead.items()
    ]
    _NOTE.run(tx, rows)
    furthest = dict(sorted(dead))
    tx.execute(
        _FORGET,
        [
            {"cluster": key.cluster_id, "topic_": key.topic_id, "number": key.partition, "before": offset - _KEPT}
            for key, offset in furthest.items()
        ],
    )


def ahead(connection: Connection, keys: Collection[OffsetKey]) -> dict[OffsetKey, dict[int, int]]:
    """Return the records from the stored positions on that have a letter: offset to time of the record.

    Args:
        connection: to the service's store.
        keys: of which partitions.
    """
    found: dict[OffsetKey, dict[int, int]] = {}
    if keys:
        for cluster, topic, partition, offset, written_ms in connection.execute(_AHEAD.where(tuple_(*_KEY).in_(keys))):
            found.setdefault(OffsetKey(cluster, topic, partition), {})[offset] = written_ms
    return found


__all__ = ["ahead", "note"]
