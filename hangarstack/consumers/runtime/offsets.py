"""Positions in the database: read on assignment, moved in the transaction of each batch, fenced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS
from hangarstack.errors import FencedError

_COLUMNS = CONSUMER_OFFSETS.c
_KEY = (_COLUMNS.cluster_id, _COLUMNS.topic_id, _COLUMNS.partition)


class OffsetKey(NamedTuple):
    """Which log a position belongs to, whatever the topic's name has stood for at other times."""

    cluster_id: str
    topic_id: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What is stored for a partition.

    Args:
        next_offset: the first offset that was not handled.
        dead_in_row: dead letters since the partition's last good record.
    """

    next_offset: int
    dead_in_row: int


@dataclass(slots=True, kw_only=True)
class Move:
    """A partition's step forward.

    Args:
        key: whose.
        expected: the stored offset that must still be there.
        next_offset: the offset to store.
        dead_in_row: dead letters since the partition's last good record, this step included.
    """

    key: OffsetKey
    expected: int
    next_offset: int
    dead_in_row: int


_STEP = (
    update(CONSUMER_OFFSETS)
    .where(
        _COLUMNS.cluster_id == bindparam("cluster"),
        _COLUMNS.topic_id == bindparam("topic_"),
        _COLUMNS.partition == bindparam("number"),
        _COLUMNS.next_offset == bindparam("expected"),
    )
    .values(next_offset=bindparam("target"), dead_in_row=bindparam("dead"))
)


def advance(tx: Connection, moves: Collection[Move]) -> None:
    """Store the new positions, if each stored one is still the expected one.

    Args:
        tx: the transaction that also holds the effect of the records; the caller rolls it back on an error.
        moves: one per partition.

    Raises:
        FencedError: another process has moved one of them; ``stale`` tells which.
    """
    # Sorted, so that two members that hold the same partitions by mistake do not deadlock.
    rows = [
        {
            "cluster": move.key.cluster_id,
            "topic_": move.key.topic_id,
            "number": move.key.partition,
            "expected": move.expected,
            "target": move.next_offset,
            "dead": move.dead_in_row,
        }
        for move in sorted(moves, key=_key_of)
    ]
    if rows and tx.execute(_STEP, rows).rowcount != len(rows):
        raise FencedError(
            "a stored offset is not where this process left it: another one owns the partition now",
            where=", ".join(f"{key.topic_id}[{key.partition}]" for key in map(_key_of, moves)),
        )


def read(connection: Connection, keys: Collection[OffsetKey]) -> dict[OffsetKey, Position]:
    """Return the stored positions of these partitions, those that there are."""
    if not keys:
        return {}
    query = select(*_KEY, _COLUMNS.next_offset, _COLUMNS.dead_in_row).where(tuple_(*_KEY).in_(keys))
    return {
        OffsetKey(cluster, topic, partition): Position(next_offset=offset, dead_in_row=dead)
        for cluster, topic, partition, offset, dead in connection.execute(query)
    }


def stale(connection: Connection, moves: Mapping[tuple[str, int], Move]) -> set[tuple[str, int]]:
    """Return the partitions whose stored offset is not the expected one."""
    stored = read(connection, [move.key for move in moves.values()])
    return {
        partition
        for partition, move in moves.items()
        if move.key not in stored or stored[move.key].next_offset != move.expected
    }


def begin(tx: Connection, starts: Iterable[tuple[OffsetKey, str, int]]) -> None:
    """Store first positions where there is none yet: key, topic name, offset."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "cluster_id": key.cluster_id,
            "topic_id": key.topic_id,
            "partition": key.partition,
            "topic": topic,
            "next_offset": offset,
            "dead_in_row": 0,
        }
        for key, topic, offset in starts
    ]
    tx.execute(make(CONSUMER_OFFSETS).on_conflict_do_nothing(), rows)


def _key_of(move: Move) -> OffsetKey:
    return move.key


__all__ = ["Move", "OffsetKey", "Position", "advance", "begin", "read", "stale"]
