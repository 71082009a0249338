"""The registry as an ASGI application."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hangarstack.registry.embedded import refusals
from hangarstack.registry.embedded.calls import Call, Raw
from hangarstack.registry.embedded.exporting.service import ExporterService
from hangarstack.registry.embedded.keys.kms import Kms
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.registry.embedded.routing import match
from hangarstack.registry.embedded.store import Store
from hangarstack.settings import Settings

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of a request; a schema of 5 MB fits, quoted as JSON within JSON."""

_THREADS: Final = 8
_CONTENT_TYPES: Final = (
    "application/vnd.schemaregistry.v1+json",
    "application/vnd.schemaregistry+json",
    "application/json",
)
_READ_TYPES: Final = frozenset({*_CONTENT_TYPES, "application/octet-stream", ""})

_log = logging.getLogger(__name__)


def create_registry_app(settings: Settings) -> Starlette:
    """Return the registry over ``HOME/registry/registry.sqlite3``, with its exporters for as long as it is served.

    Args:
        settings: ``home``; ``registry_username`` and ``registry_password`` when clients must state them;
            ``registry_kms_secret`` for shared keys; ``registry_timeout_s`` for the calls of exporters.

    Raises:
        RegistryUnavailableError: the file cannot be opened.
        RegistryDamagedError: the file is damaged.
    """
    path = settings.home / "registry" / "registry.sqlite3"
    store = Store(path)
    server = _Server(store, Kms(settings.registry_kms_secret), _expected_authorization(settings))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        exporters = ExporterService(Store(path), settings)
        exporters.start()
        yield
        exporters.stop()
        store.close()

    app = Starlette(lifespan=lifespan)
    # Starlette's routes match paths that are unquoted already; ours tell a slash within a name from one between names.
    app.router.default = server
    return app


class _Server:
    def __init__(self, store: Store, kms: Kms, authorization: bytes | None) -> None:
        self._store = store
        self._kms = kms
        self._authorization = authorization
        self._limiter: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """Answer one request; whatever goes wrong is a JSON body with ``error_code`` and ``message``."""
        content_type = _CONTENT_TYPES[0]
        try:
            content_type = _wanted_type(request.headers.get("accept", ""))
            _refuse_strange_pages(request)
            self._authenticate(request)
            answer = await self._handle(request)
            return Response(status_code=204) if answer is None else _response(200, answer, content_type)
        except RefusalError as refusal:
            headers = {"WWW-Authenticate": 'Basic realm="hangarstack"'} if refusal.status == 401 else {}
            body = {"error_code": refusal.code, "message": refusal.what}
            return _response(refusal.status, body, content_type, headers)
        except Exception:  # noqa: BLE001 - a client must get an answer, and a person the traceback
            _log.exception("the registry failed on %s %s", request.method, request.url.path)
            body = {"error_code": 500, "message": "Internal Server Error"}
            return _response(500, body, content_type)

    async def _handle(self, request: Request) -> Any:
        scope = request.scope
        found = match(request.method, scope.get("raw_path") or b"/", scope["query_string"])
        call = Call(store=self._store, kms=self._kms, path=found.path, query=found.query, body=await _body(request))
        if self._limiter is None:
            self._limiter = CapacityLimiter(_THREADS)
        return await to_thread.run_sync(partial(found.handler, call), limiter=self._limiter)

    def _authenticate(self, request: Request) -> None:
        # The root says nothing but that the server is there, which a health check asks without credentials.
        if self._authorization is None or request.url.path == "/":
            return
        given = request.headers.get("authorization", "").encode("latin-1", "replace")
        scheme, _, credentials = given.partition(b" ")
        right = hmac.compare_digest(credentials.strip(), self._authorization)
        if scheme.lower() != b"basic" or not right:
            raise refusals.plain(401, "Unauthorized")


def _refuse_strange_pages(request: Request) -> None:
    """Refuse what a page of another site makes a browser on this machine send."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise refusals.plain(403, "Requests from pages of other sites are not answered")


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise refusals.plain(413, f"The request is larger than {MAX_BODY} bytes")
        parts.append(part)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if size and media_type not in _READ_TYPES:
        raise refusals.plain(415, "HTTP 415 Unsupported Media Type")
    return b"".join(parts)


def _wanted_type(accept: str) -> str:
    """Return the content type to answer with: the first of ours that the client takes."""
    named = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if named & {"", "*/*", "application/*"}:
        return _CONTENT_TYPES[0]
    found = next((each for each in _CONTENT_TYPES if each in named), None)
    if found is None:
        raise refusals.plain(406, "HTTP 406 Not Acceptable")
    return found


def _response(status: int, body: Any, content_type: str, headers: dict[str, str] | None = None) -> Response:
    text = body.text if isinstance(body, Raw) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, content_type)


def _expected_authorization(settings: Settings) -> bytes | None:
    if not settings.registry_username:
        return None
    pair = f"{settings.registry_username}:{settings.registry_password.reveal()}"
    return base64.b64encode(pair.encode())
