"""A desk with a few dead letters, as hostile as they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from hangarstack.deadletters.browsing import Listed, Listing
from hangarstack.deadletters.desk import Shown
from hangarstack.deadletters.ledger import Fate, Repair
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog, LogKey
from hangarstack.deadletters.repairing import Order, Report
from hangarstack.deadletters.schemas import Explanation
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import HangarStackError, LetterNotFoundError

LETTERS: Final = "hangarstack.aircraft.views.dlq"
_AT: Final = datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp()


class FakeDesk:
    """Keeps a few dead letters; ``trouble`` is raised by whatever asks for letters."""

    def __init__(self) -> None:
        self.letters = [dead_letter(offset) for offset in range(3)]
        self.trouble: HangarStackError | None = None
        self.orders: list[tuple[str, Order]] = []
        self.asked: list[Selection] = []
        self.audit: list[Repair] = []
        self.fate: str | None = None
        self.failures: dict[LetterId, str] = {}

    def browse(self, selection: Selection, *, limit: int, handled: bool, within_s: float) -> Listing:  # noqa: ARG002 - the port's
        self._ask(selection)
        found = [self._listed(one) for one in self.letters if selection.matches(one)]
        waiting = dict.fromkeys(selection.log_topics, 0) | {LETTERS: len(self.letters)}
        return Listing(letters=tuple(found[:limit]), more=len(found) > limit, complete=True, waiting=waiting)

    def show(self, wanted: LetterId) -> Shown:
        self._ask(Selection(topics=(), letters=(wanted,)))
        found = [one for one in self.letters if one.id == wanted]
        if not found:
            raise LetterNotFoundError("there is no dead letter at that place", where=str(wanted))
        said = Explanation(
            decoded=json.dumps({"aircraft_id": "boeing-737-800", "note": "<b>&" + "w" * 200}, indent=2),
            undecodable="",
            hexdump="",
            writer=json.dumps({"type": "record", "name": "AircraftView", "fields": []}, indent=2),
            current=json.dumps({"type": "record", "name": "AircraftView", "fields": [{"name": "x" * 90}]}, indent=2),
            current_id=9,
            current_version=3,
            registry="",
        )
        return Shown(listed=self._listed(found[0]), explanation=said, repair=self.audit[0] if self.fate else None)

    def carry_out(self, kind: str, order: Order) -> Report:
        self._ask(order.selection)
        self.orders.append((kind, order))
        fate = Fate.REPLAYED if kind == "replay" else Fate.DROPPED
        met = {one.id: fate for one in self.letters if order.selection.matches(one)}
        fates = {each: len(met) if each is fate else 0 for each in Fate}
        repair = Repair(
            id=len(self.audit) + 1,
            kind=kind,
            actor=order.actor,
            dry_run=order.dry_run,
            selection="{}",
            begun=_AT,
            ended=_AT,
            matched=len(met),
            fates=fates,
            failed=0,
            error="",
        )
        self.audit.insert(0, repair)
        return Report(repair_id=repair.id, fates=met, failures=self.failures, more=False)

    def repairs(self, limit: int) -> Sequence[Repair]:
        return self.audit[:limit]

    def _listed(self, letter: Letter) -> Listed:
        key = LogKey("cluster", "topic", letter.id.partition)
        return Listed(letter=letter, log=LetterLog(topic=LETTERS, key=key, first=0, position=0, end=3), fate=self.fate)

    def _ask(self, selection: Selection) -> None:
        self.asked.append(selection)
        if self.trouble is not None:
            raise self.trouble


def dead_letter(offset: int) -> Letter:
    """Return a dead letter, as long and as hostile as they come."""
    return Letter(
        id=LetterId(LETTERS, 0, offset),
        timestamp_ms=int(1000 * _AT) + offset,
        key=b"boeing-737-800",
        value=b"\x00\x00\x00\x00\x07rest",
        headers=(
            ("ce_id", b"0190"),
            ("dlq_partition", b"3"),
            ("dlq_offset", b"70%d" % offset),
            ("dlq_group", b"hangarstack.popularity" if offset else b"hangarstack.search-insights"),
            ("dlq_error_class", b"DecodeError"),
            ("dlq_error_message", b"AircraftView.device: <script>alert(1)</script> " + b"w" * 300),
            ("dlq_error_stack", b"Traceback (most recent call last):\n  " + b"s" * 300 + b"\nDecodeError: x"),
            ("dlq_replay_count", b"1"),
        ),
    )
