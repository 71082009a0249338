"""Calls of a registry's REST API for processes that ask it for schemas and ids alone.

Confluent's client costs an idle process 22 MB and 180 ms of start-up, and waits without end for an answer that comes
slowly.
"""

from __future__ import annotations

import base64
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from hangarstack.errors import RegistryUnavailableError, SettingsError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.answer import Answer, parse_answer, strange
from hangarstack.registry.answers import error_of, unreachable
from hangarstack.registry.deadline import Deadline
from hangarstack.settings import Secret, Settings

if TYPE_CHECKING:
    import ssl
    from urllib.request import OpenerDirector, Request

_MOST_BYTES: Final = 32 * 1024 * 1024
_READ_AT_ONCE: Final = 65_536
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_NO_TOKEN: Final = Secret("")


class RestClient:
    """Asks the registry that the settings name, each of its URLs in turn.

    Args:
        settings: URL, credentials, CA file and time-out of the registry.
        token: of bearer authentication, in place of user and password.

    Raises:
        SettingsError: a URL is not http or https.
    """

    def __init__(self, settings: Settings, *, token: Secret = _NO_TOKEN) -> None:
        self._settings = settings
        self._token = token
        self._bases = [each.strip().rstrip("/") for each in registry_url(settings).split(",")]
        for base in self._bases:
            if urlsplit(base).scheme not in {"http", "https"}:
                raise SettingsError(
                    "a registry's URL begins with http:// or https://",
                    where=without_credentials(base),
                    remedy="Mend HANGARSTACK_REGISTRY_URL",
                )

    def check(self) -> None:
        """Load what a call would fail without; for processes that had better not begin then.

        Raises:
            SettingsError: the CA file cannot be read.
        """
        if self._encrypted:
            _ = self._trust

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request and return what is answered.

        Blocks for at most ``registry_timeout_s``, all URLs together, however slowly an answer comes; only the look-up
        of a host's name is not counted. Tries each URL once.

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
        deadline = Deadline(self._settings.registry_timeout_s)
        for base in self._bases[:-1]:
            try:
                return self._ask(base, method, path, body, deadline)
            except RegistryUnavailableError:
                continue
        return self._ask(self._bases[-1], method, path, body, deadline)

    def _ask(self, base: str, method: str, path: str, body: object, deadline: Deadline) -> Answer:
        from http.client import HTTPException
        from urllib.error import HTTPError

        where = f"{method} {without_credentials(base)}{path}"
        request = _request(base, method, path, body, self._authorization(base))
        try:
            try:
                # The scheme was looked at when the client was made.
                with self._opener.open(request, timeout=deadline.left()) as response:
                    return parse_answer(_read(response, where), where)
            except HTTPError as error:
                with error:
                    body = _read(error, where)
                raise error_of(error.code, body, where=where) from None
        except (OSError, HTTPException) as error:
            raise unreachable(getattr(error, "reason", None) or error or type(error).__name__, where=where) from error

    @cached_property
    def _opener(self) -> OpenerDirector:
        from urllib.request import BaseHandler, HTTPRedirectHandler, ProxyHandler, build_opener

        from hangarstack.registry.connections import http_handler, https_handler

        class NoRedirect(HTTPRedirectHandler):
            """A registry does not redirect; following would send the credentials elsewhere."""

            def redirect_request(self, *_args: Any) -> None:
                return None

        handlers: list[BaseHandler] = [NoRedirect(), http_handler()]
        if all(urlsplit(base).hostname in _LOOPBACK for base in self._bases):
            # The proxy of the environment has another loopback.
            handlers.append(ProxyHandler({}))
        if self._encrypted:
            handlers.append(https_handler(self._trust))
        return build_opener(*handlers)

    @property
    def _encrypted(self) -> bool:
        return any(base.startswith("https:") for base in self._bases)

    @cached_property
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

    def _authorization(self, base: str) -> str:
        if self._token:
            return f"Bearer {self._token.reveal()}"
        if self._settings.registry_username:
            return _basic(self._settings.registry_username, self._settings.registry_password.reveal())
        parts = urlsplit(base)
        return _basic(unquote(parts.username), unquote(parts.password or "")) if parts.username else ""


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _request(base: str, method: str, path: str, body: object, authorization: str) -> Request:
    from urllib.request import Request

    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": _CONTENT_TYPE, "Content-Type": _CONTENT_TYPE, "Connection": "close"}
    if authorization:
        headers["Authorization"] = authorization
    return Request(f"{without_credentials(base)}{path}", data, headers, method=method)  # noqa: S310 - http or https


def _read(response: Any, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_READ_AT_ONCE):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise strange(parts[0].decode(errors="replace"), f"it is larger than {_MOST_BYTES} bytes", where=where)
    return b"".join(parts)
