"""Spans of requests: each continues the trace of whoever asks, and what is done for it belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Flask
from werkzeug.exceptions import HTTPException

from hangarstack.telemetry.tracing import Kind, doing, wanted
from hangarstack.web.bridge import WsgiApp

_UNTRACED: Final = ("ops.", "assets.")
"""Probes and files: many, quick and nobody's business."""


def traced(app: Flask) -> WsgiApp:
    """Return the app with a span around each request for a page or for the API; the app itself when none are wanted.

    Spans hold neither addresses, nor queries, nor what the browser says of itself: those are personal.
    """
    return (lambda environ, start: _answer(app, environ, start)) if wanted() else app


def _answer(app: Flask, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    endpoint, route = _match(app, environ)
    if endpoint.startswith(_UNTRACED):
        return app(environ, start_response)
    method = environ["REQUEST_METHOD"]
    attributes = {
        "http.request.method": method,
        "url.path": environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        "url.scheme": environ["wsgi.url_scheme"],
        **({"http.route": route} if route else {}),
    }
    # An empty one begins a trace, and does not ask what this thread did for the request before.
    parent = environ.get("HTTP_TRACEPARENT", "")
    with doing(f"{method} {route}".rstrip(), Kind.SERVER, attributes, parent=parent) as span:

        def begun(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            if span is not None:
                span.note({"http.response.status_code": int(status[:3])})
                if status.startswith("5"):
                    span.fail(status[:3])
            return start_response(status, headers, error)

        return app(environ, begun)


def _match(app: Flask, environ: dict[str, Any]) -> tuple[str, str]:
    """Return the endpoint and the route of a request; both empty when there is none."""
    try:
        rule, _ = app.url_map.bind_to_environ(environ).match(return_rule=True)
    except HTTPException:
        return "", ""
    return str(rule.endpoint), rule.rule
