"""Spans: what a process did, when, and because of what; nothing, at no cost, unless a collector is named.

``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``) turns them on; every other variable of
OpenTelemetry counts too. Names and attributes follow its semantic conventions for HTTP, messaging and databases.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from typing import Final, Protocol, TypeAlias

Attributes: TypeAlias = Mapping[str, str | int]

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_OFF: Final = "OTEL_SDK_DISABLED"
_log: Final = logging.getLogger(__name__)


class Kind(Enum):
    """What a span is to the others of its trace."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Span(Protocol):
    """Something that is being done."""

    @property
    def traceparent(self) -> str:
        """Its W3C trace context, for those who go on."""

    def note(self, attributes: Attributes) -> None:
        """Add what became known meanwhile."""

    def fail(self, error: str) -> None:
        """Note that it fails; ``error`` is a kind of failure, not a sentence."""

    def end(self) -> None:
        """Note that it is done."""


class Tracer(Protocol):
    """Makes spans; safe to share between threads."""

    def start(self, name: str, kind: Kind, *, parent: str | None, links: Iterable[str], attributes: Attributes) -> Span:
        """Begin a span; ``parent`` and ``links`` are W3C trace contexts, malformed ones count for nothing.

        Without a parent it belongs to what this thread is doing.
        """

    def current(self, span: Span) -> AbstractContextManager[None]:
        """Make the span what this thread is doing."""

    def active(self) -> bool:
        """Tell whether this thread is doing something that has a span."""

    def close(self, limit_s: float) -> None:
        """Send what is left; blocks for so many seconds at most."""


_tracer: Tracer | None = None


@contextmanager
def exported(component: str, left_s: Callable[[], float]) -> Iterator[None]:
    """Send the spans of this process to the collector that the environment names, for as long as the block runs.

    Args:
        component: the part of the platform, such as ``web``; becomes ``service.name``, unless the environment has one.
        left_s: returns the seconds that the end of this process may still take; the last spans get no more.
    """
    if not any(map(os.environ.get, _ENDPOINTS)) or os.environ.get(_OFF, "").lower() == "true":
        yield
        return
    try:
        from hangarstack.telemetry.opentelemetry import OpenTelemetry
    except ModuleNotFoundError:
        _log.warning("no spans are sent: they need what requirements-tracing.lock names")
        yield
        return
    with using(OpenTelemetry(component), left_s):
        yield


@contextmanager
def using(tracer: Tracer, left_s: Callable[[], float]) -> Iterator[None]:
    """Make spans with this tracer for as long as the block runs, then close it within what ``left_s`` returns."""
    global _tracer
    _tracer = tracer
    try:
        yield
    finally:
        _tracer = None
        tracer.close(left_s())


def begin(
    name: str, kind: Kind, attributes: Attributes, *, parent: str | None = None, links: Iterable[str] = ()
) -> Span | None:
    """Begin a span that the caller ends, on whatever thread; None when nobody wants spans.

    Args:
        name: short, the same for all of its kind.
        kind: what it is to the others.
        attributes: what is known now; nothing personal.
        parent: W3C trace context of what caused it; None: what this thread is doing.
        links: W3C trace contexts of what it has to do with.
    """
    return None if _tracer is None else _tracer.start(name, kind, parent=parent, links=links, attributes=attributes)


def doing(
    name: str, kind: Kind, attributes: Attributes, *, parent: str | None = None, links: Iterable[str] = ()
) -> AbstractContextManager[Span | None]:
    """Return a context manager that is a span for as long as its block runs; arguments as for ``begin``."""
    if _tracer is None:
        return nullcontext()
    return _doing(_tracer, _tracer.start(name, kind, parent=parent, links=links, attributes=attributes))


def wanted() -> bool:
    """Tell whether anybody wants spans; ask before going to lengths for one."""
    return _tracer is not None


def caused_by(traceparent: str | None) -> str | None:
    """Return the parent of a span: None, and with it what this thread is doing, if that has a span of its own."""
    return None if _tracer is None or _tracer.active() else traceparent


@contextmanager
def _doing(tracer: Tracer, span: Span) -> Iterator[Span]:
    try:
        with tracer.current(span):
            yield span
    except BaseException as error:
        span.fail(type(error).__name__)
        raise
    finally:
        span.end()


__all__ = ["Attributes", "Kind", "Span", "Tracer", "begin", "caused_by", "doing", "exported", "using", "wanted"]
