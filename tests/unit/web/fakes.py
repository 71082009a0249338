"""Fakes of the web app's ports, and a catalogue of a few aircraft on SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, insert

from hangarstack.analytics.buckets import Window
from hangarstack.analytics.catalogue_changes import FieldRevision, Invalidations, Revision
from hangarstack.analytics.journeys import FlowEdge, SessionStatistics
from hangarstack.analytics.latency import ServiceLatency
from hangarstack.analytics.popularity import AircraftViews, Companion, Trend
from hangarstack.analytics.search_insights import Choice, RisingText, SearchedText
from hangarstack.analytics.system_health import Component, Instance, State
from hangarstack.catalogue.records import RecordValidator
from hangarstack.catalogue.repository import Catalogue
from hangarstack.catalogue.tables import aircraft, metadata
from hangarstack.cli.contracts.pages import contract_pages
from hangarstack.errors import HangarStackError, StoreUnavailableError
from hangarstack.settings import Secret, Settings
from hangarstack.store.engine import open_store
from hangarstack.web.deps import Deps
from hangarstack.web.editor import OutboxEditor
from hangarstack.web.ports import utc_now
from tests.unit.web.fake_desk import FakeDesk

E = TypeVar("E")
DATA: Final = Path(__file__).resolve().parents[3] / "data"
_FROZEN: Final = Path(__file__).with_name("aircraft.json")
_contracts: Final = cache(partial(contract_pages, DATA.parent))
SECRET: Final = "a secret that only tests know"
AT: Final = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class FakeSink:
    """Keeps what is published; refuses when ``trouble`` is set."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.traces: list[str | None] = []
        self.trouble: HangarStackError | RuntimeError | None = None
        self.problems: list[str] = []
        self.closed_after: float | None = None

    def publish(self, event: Any, *, traceparent: str | None = None) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.events.append(event)
        self.traces.append(traceparent)

    @property
    def spooled(self) -> int:
        return len(self.events)

    def status(self) -> Mapping[str, object]:
        return {"spooled": self.spooled, "oldest_s": 0.0, "problems": self.problems}

    def close(self, timeout_s: float) -> int:
        self.closed_after = timeout_s
        return 0

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class FakeReadModels:
    """Answers from attributes; every method fails while ``trouble`` is set, and counts its calls."""

    def __init__(self) -> None:
        self.trouble = False
        self.calls: dict[str, int] = {}
        self.counted = dict.fromkeys(
            ("aircraft_views", "user_activities", "search_queries", "data_updates", "system_events", "dead_letters"), 0
        )
        self.minutes: list[int] = [0] * 60
        self.popular: list[AircraftViews] = []
        self.companions: list[Companion] = []
        self.revisions: list[Revision] = []
        self.parts: list[Component] = []
        self.texts: list[SearchedText] = []
        self.seq = 0
        self.changed = Invalidations(seq=0, aircraft_ids=frozenset(), everything=False)

    def _answer(self, name: str, value: E) -> E:
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.trouble:
            raise StoreUnavailableError("the database did not answer")
        return value

    def totals(self) -> Mapping[str, int]:
        return self._answer("totals", dict(self.counted))

    def top_aircraft(self, window: Window, limit: int) -> Sequence[AircraftViews]:  # noqa: ARG002 - the port's
        return self._answer("top_aircraft", self.popular[:limit])

    def trending(self, limit: int) -> Sequence[Trend]:
        rows = [Trend(aircraft_id=row.aircraft_id, score=row.views / 2) for row in self.popular]
        return self._answer("trending", rows[:limit])

    def views_per_minute(self, minutes: int, aircraft_id: str | None = None) -> Sequence[int]:  # noqa: ARG002 - the port's
        return self._answer("views_per_minute", self.minutes[-minutes:])

    def viewed_together(self, aircraft_id: str, limit: int) -> Sequence[Companion]:  # noqa: ARG002 - the port's
        return self._answer("viewed_together", self.companions[:limit])

    def active_sessions(self) -> int:
        return self._answer("active_sessions", 7)

    def page_flow(self, limit: int) -> Sequence[FlowEdge]:
        edges = [
            FlowEdge(from_page=None, to_page="/", transitions=41),
            FlowEdge(from_page="/", to_page="/aircraft/<id>", transitions=33),
            FlowEdge(from_page="/aircraft/<id>", to_page="/compare", transitions=9),
        ]
        return self._answer("page_flow", edges[:limit])

    def session_statistics(self) -> SessionStatistics:
        statistics = SessionStatistics(
            sessions=52, mean_steps=6.2, mean_pages=5.1, median_duration_s=84, p90_duration_s=400, bounces=0.21
        )
        return self._answer("session_statistics", statistics)

    def top_searches(self, window: Window, limit: int) -> Sequence[SearchedText]:  # noqa: ARG002 - the port's
        return self._answer("top_searches", self.texts[:limit])

    def rising_searches(self, window: Window, limit: int) -> Sequence[RisingText]:  # noqa: ARG002 - the port's
        rows = [RisingText(text=row.text, searches=row.searches, before=1) for row in self.texts]
        return self._answer("rising_searches", rows[:limit])

    def zero_result_searches(self, window: Window, limit: int) -> Sequence[SearchedText]:  # noqa: ARG002 - the port's
        return self._answer("zero_result_searches", [row for row in self.texts if row.empty][:limit])

    def chosen_after(self, limit: int) -> Sequence[Choice]:
        rows = [Choice(text=row.text, aircraft_id="boeing-737-800", times=2) for row in self.texts]
        return self._answer("chosen_after", rows[:limit])

    def components(self) -> Sequence[Component]:
        return self._answer("components", self.parts)

    def errors_per_minute(self) -> Mapping[str, float]:
        return self._answer("errors_per_minute", {})

    def latencies(self) -> Sequence[ServiceLatency]:
        row = ServiceLatency(
            service="popularity", bounds_ms=(10.0, 50.0, float("inf")), counts=(80, 19, 1), p50_ms=6.0, p99_ms=49.5
        )
        return self._answer("latencies", [row])

    def history(self, aircraft_id: str, limit: int) -> Sequence[Revision]:
        rows = [row for row in self.revisions if row.aircraft_id == aircraft_id]
        return self._answer("history", rows[:limit])

    def latest_changes(self, limit: int) -> Sequence[Revision]:
        return self._answer("latest_changes", self.revisions[:limit])

    def last_invalidation(self) -> int:
        return self._answer("last_invalidation", self.seq)

    def invalidations_since(self, seq: int) -> Invalidations:  # noqa: ARG002 - the port's
        return self._answer("invalidations_since", self.changed)


@dataclass
class Outbox:
    """Keeps what is appended; fails after the change is written when ``trouble`` is set, and calls ``hold`` before."""

    events: list[Any] = field(default_factory=list)
    trouble: HangarStackError | None = None
    hold: Callable[[], object] = lambda: None

    def append(self, tx: Connection, event: Any, *, traceparent: str | None = None) -> None:  # noqa: ARG002 - the port's
        self.hold()
        if self.trouble is not None:
            raise self.trouble
        self.events.append(event)


@dataclass
class World:
    """The web app's surroundings, as a test sees and moves them."""

    settings: Settings
    sink: FakeSink
    models: FakeReadModels
    outbox: Outbox
    desk: FakeDesk
    catalogue: Catalogue
    deps: Deps


def revision(aircraft_id: str, version: int = 2) -> Revision:
    change = FieldRevision(path="performance.range_km", before="5436", after="5446")
    return Revision(
        aircraft_id=aircraft_id,
        version=version,
        operation="UPDATED",
        at=AT,
        actor="visitor-1",
        reason="A newer source",
        changes=(change,),
    )


def component(name: str, state: State = State.RUNNING) -> Component:
    one = Instance(instance="here:1", state=state, seen=AT, started=AT, message="lives", metrics={}, error=None)
    return Component(component=name, state=state, instances=(one,))


def records(ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return the named ones of a few records that do not change; or these and all others of the repository."""
    frozen = {one["id"]: one for one in json.loads(_FROZEN.read_text(encoding="utf-8"))}
    if ids is not None:
        return [frozen[aircraft_id] for aircraft_id in ids]
    files = sorted((DATA / "aircraft").glob("*.json"))
    present = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return list((present | frozen).values())


def build_world(home: Path, ids: Iterable[str] | None = None, **more: Any) -> World:
    """Return surroundings whose catalogue holds the named aircraft, or all."""
    settings = Settings(home=home, secret_key=Secret(SECRET), **more)
    engine = open_store(settings, "catalogue")
    metadata.create_all(engine)
    with engine.begin() as tx:
        for record in records(ids):
            values = {"record": json.dumps(record), "imported": "", "updated_at": AT}
            tx.execute(insert(aircraft).values(id=record["id"], version=1, **values))
    validator = RecordValidator(DATA)
    catalogue = Catalogue(engine, validator)
    sink, models, outbox, desk = FakeSink(), FakeReadModels(), Outbox(), FakeDesk()
    deps = Deps(
        sink=sink,
        catalogue=catalogue,
        read_models=models,
        editor=OutboxEditor(engine, catalogue, outbox.append, utc_now, window_s=60),
        dead_letters=desk,
        contracts=_contracts,
        schema=lambda: validator.schema,
    )
    return World(settings, sink, models, outbox, desk, catalogue, deps)
