"""A log of dead letters and an outlet in memory, and a bench that puts a repairer on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from sqlalchemy import Engine

from hangarstack.deadletters.browsing import Listing, browse
from hangarstack.deadletters.lease import Lease
from hangarstack.deadletters.ledger import Actor, Ledger
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog, LogKey, Outgoing
from hangarstack.deadletters.repairing import Order, Repairer
from hangarstack.deadletters.selection import Selection
from hangarstack.deadletters.tables import metadata
from hangarstack.errors import BrokerError, SchemaNotFoundError
from hangarstack.registry.ids import LatestSchema
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store

TOPIC = "things"
DLQ = "things.dlq"
QUARANTINE = "things.dlq.quarantine"
ME = Actor(name="ada", via="cli")
AT = 1_800_000_000.0


def letter(
    offset: int, /, *, topic: str = DLQ, value: bytes | None = b"value", at_ms: int | None = None, **headers: bytes
) -> Letter:
    """Return a dead letter; ``replay_count=b"2"`` is its header ``dlq_replay_count``."""
    reasons = {"group": b"hangarstack.counting", "error_class": b"ValueError", "error_message": b"indigestible"}
    given = [(f"dlq_{name}", text) for name, text in (reasons | headers).items()]
    return Letter(
        id=LetterId(topic, 0, offset),
        timestamp_ms=1000 + offset if at_ms is None else at_ms,
        key=b"key",
        value=value,
        headers=(("ce_id", b"1"), ("traceparent", b"00-a"), *given),
    )


class FakeSource:
    """Partition 0 of each topic."""

    def __init__(self) -> None:
        self.letters: dict[str, list[Letter]] = {DLQ: [], QUARANTINE: []}
        self.first = dict.fromkeys(self.letters, 0)
        self.positions: dict[tuple[str, int], int] = {}
        self.trouble: BrokerError | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        """Happens when letters have been read and nothing was done about them yet."""

    def add(self, *letters: Letter) -> None:
        for one in letters:
            self.letters[one.id.topic].append(one)

    def logs(self, topics: Collection[str]) -> Sequence[LetterLog]:
        if self.trouble is not None:
            raise self.trouble
        return [self._log(topic) for topic in topics if topic in self.letters]

    def read(self, log: LetterLog, start: int) -> Iterator[Letter | None]:
        for one in self.letters[log.topic]:
            if start <= one.id.offset < log.end:
                yield None
                yield one
        self.meanwhile()

    def offset_since(self, log: LetterLog, timestamp_ms: int) -> int:
        later = [one.id.offset for one in self.letters[log.topic] if one.timestamp_ms >= timestamp_ms]
        return min(later, default=log.end)

    def commit(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.positions.update(positions)

    def _log(self, topic: str) -> LetterLog:
        letters, first = self.letters[topic], self.first[topic]
        end = letters[-1].id.offset + 1 if letters else first
        position = max(first, self.positions.get((topic, 0), 0))
        return LetterLog(topic=topic, key=LogKey("cluster", topic, 0), first=first, position=position, end=end)


class FakeOutlet:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []
        self.refuses: dict[bytes, BrokerError] = {}
        """What a value is refused for."""
        self.meanwhile: Callable[[], None] = lambda: None
        """Happens while records are under way."""
        self.dies = False
        """The process is killed after the records were acknowledged."""

    def send(self, records: Sequence[Outgoing]) -> Sequence[BrokerError | None]:
        answers = [self.refuses.get(record.value or b"") for record in records]
        self.published += [record for record, answer in zip(records, answers, strict=True) if answer is None]
        self.meanwhile()
        if self.dies:
            raise KeyboardInterrupt
        return answers


class FakeSchemas:
    """A registry of a few schemas."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.newest: LatestSchema | None = None

    def schema_of(self, schema_id: int) -> str:
        if schema_id not in self.texts:
            raise SchemaNotFoundError(f"there is no schema {schema_id}")
        return self.texts[schema_id]

    def latest(self, subject: str) -> LatestSchema:
        if self.newest is None:
            raise SchemaNotFoundError("there is no such subject", where=subject)
        return self.newest


class Bench:
    """Everything of the room on fakes and a SQLite file."""

    def __init__(self, settings: Settings) -> None:
        self.source = FakeSource()
        self.outlet = FakeOutlet()
        self.engine: Engine = open_store(settings, "dead_letters")
        metadata.create_all(self.engine)
        self.now = AT
        self.ledger = Ledger(self.engine, self._clock)
        self.lease = self.lease_of("ada")
        self.lease.__enter__()
        self.repairer = Repairer(self.source, self.outlet, self.ledger, self.lease, replays=3, clock=self._clock)

    def lease_of(self, who: str) -> Lease:
        return Lease(self.engine, who, self._clock)

    def _clock(self) -> float:
        return self.now

    def order(self, *, most: int = 1000, dry_run: bool = False, quarantine: bool = False, **filters: object) -> Order:
        selection = Selection(topics=(TOPIC,), quarantine=quarantine, **filters)  # type: ignore[arg-type]  # any of them
        return Order(selection=selection, actor=ME, most=most, dry_run=dry_run)

    def browse(self, *, limit: int = 100, handled: bool = False, within_s: float = 10, **filters: object) -> Listing:
        selection = self.order(**filters).selection  # type: ignore[arg-type]  # any of them
        return browse(self.source, self.ledger, selection, limit=limit, handled=handled, within_s=within_s)

    @property
    def waiting(self) -> list[int]:
        return [listed.letter.id.offset for listed in self.browse().letters]

    @property
    def last_repair(self) -> dict[str, object]:
        repair = self.ledger.repairs(1)[0]
        fates = {fate.value: count for fate, count in repair.fates.items() if count}
        return {"kind": repair.kind, "matched": repair.matched, "failed": repair.failed, **fates} | (
            {"error": repair.error} if repair.error else {}
        )

    def selection_kept(self) -> dict[str, object]:
        kept: dict[str, object] = json.loads(self.ledger.repairs(1)[0].selection)
        return kept
