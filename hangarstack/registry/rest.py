"""Two kinds of REST call in plain Python.

Confluent's client costs an idle process 22 MB and 180 ms of start-up; asking for an id needs none of what it does.
"""

from __future__ import annotations

import base64
import json
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from hangarstack.errors import RegistryError, RegistryUnavailableError, SettingsError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.answers import error_of, unreachable
from hangarstack.settings import Settings

if TYPE_CHECKING:
    import ssl
    from urllib.request import OpenerDirector, Request

_MOST_BYTES: Final = 32 * 1024 * 1024
_READ_AT_ONCE: Final = 65_536
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"


class RestClient:
    """Asks the registry that the settings name, each of its URLs in turn.

    Args:
        settings: URL, credentials, CA file and time-out of the registry.

    Raises:
        SettingsError: a URL is not http or https.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bases = [each.strip().rstrip("/") for each in registry_url(settings).split(",")]
        for base in self._bases:
            if urlsplit(base).scheme not in {"http", "https"}:
                raise SettingsError(
                    "a registry's URL begins with http:// or https://",
                    where=without_credentials(base),
                    remedy="Mend HANGARSTACK_REGISTRY_URL",
                )

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Send one request and return the JSON that is answered.

        Blocks for at most ``registry_timeout_s``, all URLs together; tries each URL once.

        Args:
            method: of HTTP.
            path: begins with a slash; quoted.
            body: sent as JSON unless None.

        Raises:
            RegistryUnavailableError: no URL answers in time, or the registry fails.
            SchemaNotFoundError: 404.
            SchemaRefusedError: 409 or 422.
            RegistryError: credentials refused, or an answer that no registry gives.
        """
        deadline = time.monotonic() + self._settings.registry_timeout_s
        for base in self._bases[:-1]:
            try:
                return self._ask(base, method, path, body, deadline)
            except RegistryUnavailableError:
                continue
        return self._ask(self._bases[-1], method, path, body, deadline)

    def _ask(self, base: str, method: str, path: str, body: object, deadline: float) -> Any:
        from http.client import HTTPException
        from urllib.error import HTTPError

        where = f"{without_credentials(base)}{path}"
        request = _request(base, method, path, body, self._credentials(base))
        try:
            try:
                # The scheme was looked at when the client was made.
                with self._opener.open(request, timeout=_left(deadline)) as response:
                    return _json(_read(response, deadline), where)
            except HTTPError as error:
                with error:
                    message = _message(_read(error, deadline), error.code)
                raise error_of(error.code, message, where=where) from None
        except (OSError, HTTPException) as error:
            raise unreachable(getattr(error, "reason", None) or error or type(error).__name__, where=where) from error

    @cached_property
    def _opener(self) -> OpenerDirector:
        from urllib.request import BaseHandler, HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener

        class NoRedirect(HTTPRedirectHandler):
            """A registry does not redirect; following would send the credentials elsewhere."""

            def redirect_request(self, *_args: Any) -> None:
                return None

        handlers: list[BaseHandler] = [NoRedirect()]
        if all(urlsplit(base).hostname in _LOOPBACK for base in self._bases):
            # The proxy of the environment has another loopback.
            handlers.append(ProxyHandler({}))
        if any(base.startswith("https:") for base in self._bases):
            handlers.append(HTTPSHandler(context=self._trust()))
        return build_opener(*handlers)

    def _trust(self) -> ssl.SSLContext:
        import ssl

        try:
            return ssl.create_default_context(cafile=self._settings.registry_ca or None)
        except OSError as error:
            raise SettingsError(
                f"the registry's certificate authorities cannot be read: {error}",
                where=self._settings.registry_ca,
                remedy="Set HANGARSTACK_REGISTRY_CA to a PEM file",
            ) from error

    def _credentials(self, base: str) -> str:
        if self._settings.registry_username:
            return f"{self._settings.registry_username}:{self._settings.registry_password.reveal()}"
        parts = urlsplit(base)
        return f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""


def _request(base: str, method: str, path: str, body: object, credentials: str) -> Request:
    from urllib.request import Request

    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": _CONTENT_TYPE, "Content-Type": _CONTENT_TYPE, "Connection": "close"}
    if credentials:
        headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    return Request(f"{without_credentials(base)}{path}", data, headers, method=method)  # noqa: S310 - http or https


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _read(response: Any, deadline: float) -> bytes:
    """Read a body piece by piece, so that one that comes slowly does not outlast the deadline."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_READ_AT_ONCE):
        _left(deadline)
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise OSError(f"the answer is larger than {_MOST_BYTES} bytes")
    return b"".join(parts)


def _json(data: bytes, where: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        remedy = "Check that HANGARSTACK_REGISTRY_URL leads to a schema registry"
        raise RegistryError("the answer is not JSON", where=where, remedy=remedy) from error


def _message(data: bytes, status: int) -> str:
    from http.client import responses

    try:
        return str(json.loads(data)["message"])
    except (ValueError, TypeError, KeyError):
        return responses.get(status, "no reason given")
