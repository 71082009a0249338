"""Spans through OpenTelemetry's SDK to a collector (OTLP over HTTP); imported only when there is one."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from hangarstack import __version__
from hangarstack.telemetry.tracing import Attributes, Kind, Span

_LAST_S: Final = 2.0
_HEADER: Final = "traceparent"
_W3C: Final = TraceContextTextMapPropagator()
_KINDS: Final[Mapping[Kind, trace.SpanKind]] = {kind: trace.SpanKind[kind.name] for kind in Kind}


class OpenTelemetry:
    """The tracer of one process.

    Args:
        component: the part of the platform.
    """

    def __init__(self, component: str) -> None:
        # A collector that is gone is worth a line when a batch is given up, not one for each try.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        # What the environment says comes last, so it wins.
        resource = Resource(
            {
                "service.name": f"hangarstack-{component}",
                "service.namespace": "hangarstack",
                "service.version": __version__,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        ).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("hangarstack", __version__)

    def start(self, name: str, kind: Kind, *, parent: str | None, links: Iterable[str], attributes: Attributes) -> Span:
        """Begin a span."""
        linked = [trace.Link(one) for one in map(_context_of, links) if one.is_valid]
        # None stands for the thread's context, an empty one for none: a trace of its own.
        cause = None if parent is None else _W3C.extract({_HEADER: parent}, context.Context())
        return _Span(self._tracer.start_span(name, cause, _KINDS[kind], attributes, linked))

    @contextmanager
    def current(self, span: Span) -> Iterator[None]:
        """Make the span what this thread is doing."""
        assert isinstance(span, _Span)  # noqa: S101 - it came from start()
        token = context.attach(trace.set_span_in_context(span.inner))
        try:
            yield
        finally:
            context.detach(token)

    def active(self) -> bool:
        """Tell whether this thread is doing something that has a span."""
        return trace.get_current_span().get_span_context().is_valid

    def close(self, limit_s: float) -> None:
        """Send what is left, for two seconds at most: a collector that is gone would be waited for."""
        sending = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        sending.start()
        sending.join(min(_LAST_S, limit_s))


class _Span:
    def __init__(self, inner: trace.Span) -> None:
        self.inner = inner

    @property
    def traceparent(self) -> str:
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, trace.set_span_in_context(self.inner, context.Context()))
        return carrier[_HEADER]

    def note(self, attributes: Attributes) -> None:
        self.inner.set_attributes(attributes)

    def fail(self, error: str) -> None:
        self.inner.set_attribute("error.type", error)
        self.inner.set_status(trace.StatusCode.ERROR)

    def end(self) -> None:
        self.inner.end()


def _context_of(traceparent: str) -> trace.SpanContext:
    return trace.get_current_span(_W3C.extract({_HEADER: traceparent}, context.Context())).get_span_context()
