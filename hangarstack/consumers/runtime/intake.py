"""From records to a batch: decoding, dropping what is not ours, setting apart what cannot be decoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hangarstack.consumers.runtime.batch import Batch, Outcome, Passed
from hangarstack.consumers.runtime.gaps import Doubt, Gap
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.consumers.runtime.offsets import Move
from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.consumers.runtime.partition import Partition
from hangarstack.consumers.runtime.ports import Clock, Decoder, PartitionId
from hangarstack.consumers.runtime.record import Record
from hangarstack.consumers.runtime.service import Received
from hangarstack.deadletters.headers import REPLAY_GROUP, REPLAYS
from hangarstack.errors import HandlerError, WireFormatError


@dataclass(slots=True)
class Taken:
    """What came of some records.

    Args:
        batch: what can be handled now.
        stalled: by partition, the offset of a record that cannot be decoded before an outage is over, and the outage.
        misplaced: partitions whose records go back behind what was handled.
        doubtful: by partition, what came from the first gap on that was not seen before: it may have been skipped.
        found: gaps in whose place records came when it was read again: the client had skipped them.
        gaps: by partition, the first gap that is in the log.
        full: partitions with as many dead letters in a row as are allowed, and one more to come.
        dropped: how many records were left for their next reading.
    """

    batch: Batch = field(default_factory=Batch)
    stalled: dict[PartitionId, tuple[int, Exception]] = field(default_factory=dict)
    misplaced: set[PartitionId] = field(default_factory=set)
    doubtful: dict[PartitionId, Doubt] = field(default_factory=dict)
    found: list[tuple[PartitionId, Gap]] = field(default_factory=list)
    gaps: dict[PartitionId, Gap] = field(default_factory=dict)
    full: set[PartitionId] = field(default_factory=set)
    dropped: int = 0


class Intake:
    """Decodes records, in order, as far as each partition can go now.

    Args:
        owned: the partitions of this member, as they are at each call.
        decoder: bytes to events.
        group: the consumer group; what was replayed for another one is passed over.
        limit: so many dead letters in a row are allowed in a partition.
        clock: the time now.
    """

    def __init__(
        self, owned: Mapping[PartitionId, Partition], decoder: Decoder, group: str, limit: int, clock: Clock
    ) -> None:
        self._owned = owned
        self._group = group.encode()
        self._decode = decoder.decode
        self._limit = limit
        self._clock = clock

    def take(self, records: Iterable[Record]) -> Taken:
        """Return what can be handled; blocks only while the decoder asks the registry for a schema it has not met.

        Args:
            records: as the source gave them; some may belong to partitions that are not owned any more.
        """
        taken = Taken()
        batch = taken.batch
        steps: dict[PartitionId, Move | None] = {}
        lettered = {(*one, offset): ms for one, p in self._owned.items() for offset, ms in p.lettered.items()}
        skipped = {(*one, gap.expected): gap for one, p in self._owned.items() for gap in p.gaps | p.missed}
        for record in records:
            topic, number, offset = record.topic(), record.partition(), record.offset()
            one = topic, number
            move = steps[one] if one in steps else steps.setdefault(one, self._first_move(one))
            if move is None or offset < move.next_offset:
                self._drop(one, offset, move, steps, taken)
                continue
            if offset > move.next_offset:
                gap = Gap(move.next_offset, offset)
                if gap not in self._owned[one].gaps:
                    # Passed over now it would be lost: clients skip, see docs/guarantees.md.
                    taken.doubtful[one] = Doubt(move.next_offset, [offset])
                    taken.dropped += 1
                    steps[one] = None
                    continue
                taken.gaps.setdefault(one, gap)
            elif skipped and (topic, number, offset) in skipped:
                taken.found.append((one, skipped[topic, number, offset]))
            # A letter that is written already stands, whatever the record would decode to by now.
            # Not that of another record, which a log that was cut back holds there by now.
            if lettered and lettered.get((topic, number, offset)) == record.timestamp()[1]:
                result: Outcome | Exception = self._letter(record, HandlerError("its dead letter is written already"))
            else:
                result = self._outcome(record, topic, number, offset)
            if isinstance(result, Received):
                move.dead_in_row = 0
            elif isinstance(result, DeadLetter):
                if move.dead_in_row >= self._limit:
                    # The records of other partitions would be lost to them if it ended here and the service went on.
                    taken.full.add(one)
                    steps[one] = None
                    continue
                move.dead_in_row += 1
            elif isinstance(result, Exception):
                taken.stalled[one] = offset, result
                steps[one] = None
                continue
            batch.moves[one] = move
            batch.outcomes.append(result)
            batch.records.append(record)
            move.next_offset = offset + 1
        return taken

    def _first_move(self, one: PartitionId) -> Move | None:
        partition = self._owned.get(one)
        if partition is None or partition.held or partition.key is None:
            return None
        position = partition.position
        return Move(key=partition.key, expected=position, next_offset=position, dead_in_row=partition.dead_in_row)

    @staticmethod
    def _drop(
        one: PartitionId, offset: int, move: Move | None, steps: dict[PartitionId, Move | None], taken: Taken
    ) -> None:
        if move is not None:
            taken.misplaced.add(one)
            steps[one] = None
        elif one in taken.doubtful:
            taken.doubtful[one].offsets.append(offset)
        taken.dropped += 1

    def _outcome(self, record: Record, topic: str, number: int, offset: int) -> Outcome | Exception:
        replayed = False
        for name, content in record.headers() or ():
            # A service that applied the event when it first came would count it again once its dedupe window is over.
            if name == REPLAY_GROUP and content != self._group:
                return Passed(topic, number, offset)
            replayed = replayed or name == REPLAYS
        value = record.value()
        try:
            if value is None:
                raise WireFormatError("the record has no value", where=f"{topic}[{number}]@{offset}")
            event = self._decode(topic, value)
        except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the record is set apart or waited for
            if is_outage(error):
                return error
            return self._letter(record, error)
        return Received(event, topic, number, offset, record.timestamp()[1], replayed)

    def _letter(self, record: Record, error: Exception) -> DeadLetter:
        return dead_letter(record, error, attempts=1, first_seen=self._clock.wall())


__all__ = ["Intake", "Taken"]
