from __future__ import annotations

import logging
import socket
import sys
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.spans import processing
from hangarstack.producers.record import Stream
from hangarstack.producers.spans import created, sent
from hangarstack.telemetry.tracing import Attributes, Kind, Span, begin, doing, exported, using, wanted
from tests.support.collector import collecting

ONE = f"00-{'a' * 32}-{'1' * 16}-01"
SAME_TRACE = f"00-{'a' * 32}-{'2' * 16}-01"
OTHER = f"00-{'b' * 32}-{'3' * 16}-01"
STREAM = Stream(topic="things", subject="things-value", event="Thing", type="Thing", source="/test", schema='"string"')


def _plenty() -> float:
    return 60.0


class Noted:
    """A span of the fake tracer."""

    def __init__(self, name: str, parent: str | None, links: tuple[str, ...]) -> None:
        self.name, self.parent, self.links = name, parent, links
        self.failed = ""
        self.ended = False
        self.traceparent = ONE

    def note(self, attributes: Attributes) -> None:
        pass

    def fail(self, error: str) -> None:
        self.failed = error

    def end(self) -> None:
        self.ended = True


class Notes:
    """A tracer that keeps its spans."""

    def __init__(self) -> None:
        self.spans: list[Noted] = []
        self.here = threading.local()

    def start(self, name: str, kind: Kind, *, parent: str | None, links: Iterable[str], attributes: Attributes) -> Span:  # noqa: ARG002 - the port's
        self.spans.append(Noted(name, parent, tuple(links)))
        return self.spans[-1]

    @contextmanager
    def current(self, span: Span) -> Iterator[None]:
        self.here.span = span
        yield
        self.here.span = None

    def active(self) -> bool:
        return getattr(self.here, "span", None) is not None

    def close(self, limit_s: float) -> None:
        pass


@pytest.fixture
def notes() -> Iterator[Notes]:
    notes = Notes()
    with using(notes, _plenty):
        yield notes


def record(traceparent: str | None) -> Any:
    headers = [] if traceparent is None else [("traceparent", traceparent.encode())]
    return SimpleNamespace(topic=lambda: "things", headers=lambda: headers)


def event() -> Any:
    return SimpleNamespace(event_id=uuid.uuid4())


def test_without_a_collector_nothing_is_traced_and_a_requests_trace_goes_on() -> None:
    with exported("web", _plenty):
        assert not wanted()
        assert begin("a", Kind.INTERNAL, {}) is None
        with doing("a", Kind.INTERNAL, {}) as span, created(STREAM, event(), ONE) as context:
            assert span is None
            assert context == ONE


def test_the_sdk_is_not_imported_without_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hangarstack.telemetry.opentelemetry", raising=False)
    with exported("web", _plenty):
        assert "hangarstack.telemetry.opentelemetry" not in sys.modules


def test_a_collector_without_the_sdk_is_said_and_the_process_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "hangarstack.telemetry.opentelemetry", None)
    with caplog.at_level(logging.WARNING), exported("web", _plenty):
        assert not wanted()
    assert "requirements-tracing.lock" in caplog.text


def test_a_collector_that_is_gone_delays_the_end_of_a_process_by_two_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    with exported("web", _plenty), doing("a", Kind.INTERNAL, {}):
        began = time.monotonic()
    assert time.monotonic() - began < 2.5


def test_the_last_spans_get_no_more_time_than_the_end_of_the_process_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with exported("web", lambda: 0.2), doing("a", Kind.INTERNAL, {}):
            began = time.monotonic()
    assert time.monotonic() - began < 1.0


def test_what_fails_is_noted_and_raised(notes: Notes) -> None:
    with pytest.raises(ValueError, match="no"), doing("a", Kind.INTERNAL, {}):
        raise ValueError("no")
    assert (notes.spans[0].failed, notes.spans[0].ended) == ("ValueError", True)


def test_an_event_belongs_to_what_the_thread_does_or_else_to_the_trace_that_came(notes: Notes) -> None:
    with created(STREAM, event(), OTHER):
        pass
    with doing("GET /", Kind.SERVER, {}, parent=""), created(STREAM, event(), OTHER):
        pass
    assert [(span.name, span.parent) for span in notes.spans] == [
        ("create things", OTHER),
        ("GET /", ""),
        ("create things", None),
    ]


def test_a_record_is_sent_as_part_of_the_trace_of_its_event(notes: Notes) -> None:
    sent(STREAM, [("ce_id", "1"), ("traceparent", OTHER)])
    sent(STREAM, [("ce_id", b"2")])
    assert [span.parent for span in notes.spans] == [OTHER, ""]


@pytest.mark.parametrize(
    ("contexts", "parent", "links"),
    [
        ([ONE], ONE, (ONE,)),
        ([ONE, SAME_TRACE, ONE, None], ONE, (ONE, SAME_TRACE)),
        ([ONE, OTHER], None, (ONE, OTHER)),
        ([None], None, ()),
        ([f"00-{n:032x}-{n:016x}-01" for n in range(1, 301)], None, None),
    ],
)
def test_a_batch_is_linked_to_its_events_and_a_part_of_their_trace_if_it_is_one(
    notes: Notes, contexts: list[str | None], parent: str | None, links: tuple[str, ...] | None
) -> None:
    with processing("group", Batch(records=[record(one) for one in contexts])):
        pass
    (span,) = notes.spans
    assert span.parent == parent
    assert len(span.links) == 128 if links is None else span.links == links


def test_malformed_contexts_neither_break_nor_continue_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with exported("test", _plenty):
            span = begin("a", Kind.CONSUMER, {}, parent="00-zz", links=["", "nonsense", OTHER])
            assert span is not None
            span.end()
    (arrived,) = collector.spans
    assert arrived.trace != "a" * 32
    assert arrived.parent == ""
    assert arrived.links == ("3" * 16,)
