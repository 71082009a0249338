"""What a registry's answer other than 2xx means to us."""

from __future__ import annotations

import json
from typing import Final

from hangarstack.errors import RegistryError, RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError
from hangarstack.registry.answer import strange

_BUSY: Final = frozenset({408, 429})
_NOT_ALLOWED: Final = frozenset({401, 403})


def error_of(status: int, body: bytes, *, where: str) -> RegistryError:
    """Return the error for an answer.

    Args:
        status: of HTTP.
        body: the registry's own words as JSON, or what a server that is none has to say.
        where: method, URL and path of the call, without credentials.
    """
    from http.client import responses

    said = _message(body)
    message = said if said is not None else responses.get(status, "no reason given")
    if status in _NOT_ALLOWED:
        remedy = "Check HANGARSTACK_REGISTRY_USERNAME and HANGARSTACK_REGISTRY_PASSWORD"
        return RegistryError(f"the registry refuses the credentials ({status} {message})", where=where, remedy=remedy)
    if status >= 500 or status in _BUSY:
        remedy = "Try again; if it stays so, check HANGARSTACK_REGISTRY_URL and the registry's own log"
        return RegistryUnavailableError(f"the registry failed ({status} {message})", where=where, remedy=remedy)
    if said is None:
        # A page that is not found on some other server must not pass for a schema that is not registered.
        return strange(body.decode(errors="replace"), f"it is {status} and not an error of one", where=where)
    if status == 404:
        remedy = "`hangarstack migrate apply` registers what the contracts say"
        return SchemaNotFoundError(message, where=where, remedy=remedy)
    if status in {409, 422}:
        return SchemaRefusedError(message, where=where)
    return RegistryError(f"the registry answered {status} {message}", where=where)


def _message(body: bytes) -> str | None:
    """Return what a registry says in an error; ``None`` when no registry says it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or type(found.get("error_code")) is not int:
        return None
    message = found.get("message")
    return message if isinstance(message, str) else None


def unreachable(reason: object, *, where: str) -> RegistryUnavailableError:
    """Return the error for a registry that cannot be reached or does not answer in time."""
    return RegistryUnavailableError(
        f"the registry cannot be reached: {reason}",
        where=where,
        remedy="Start one with `hangarstack registry serve`, or set HANGARSTACK_REGISTRY_URL to where yours is",
    )
