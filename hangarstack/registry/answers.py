"""What a registry's answer other than 2xx means to us."""

from __future__ import annotations

from typing import Final

from hangarstack.errors import RegistryError, RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError

_BUSY: Final = frozenset({408, 429})
_NOT_ALLOWED: Final = frozenset({401, 403})
_NO_ANSWER: Final = "Unknown Schema Registry Error"
"""So the client begins what it makes of an answer that is not JSON; the rest is the whole answer."""


def error_of(status: int, message: str, *, where: str) -> RegistryError:
    """Return the error for an answer.

    Args:
        status: of HTTP.
        message: the registry's own.
        where: URL and path, without credentials.
    """
    if message.startswith(_NO_ANSWER):
        message = "with something that is no schema registry's answer"
        if status < 500:
            remedy = "Set HANGARSTACK_REGISTRY_URL to the address of a schema registry"
            return RegistryError(f"the registry answered {status} {message}", where=where, remedy=remedy)
    if status in _NOT_ALLOWED:
        remedy = "Check HANGARSTACK_REGISTRY_USERNAME and HANGARSTACK_REGISTRY_PASSWORD"
        return RegistryError(f"the registry refuses the credentials ({status} {message})", where=where, remedy=remedy)
    if status == 404:
        remedy = "`hangarstack migrate apply` registers what the contracts say"
        return SchemaNotFoundError(message, where=where, remedy=remedy)
    if status in {409, 422}:
        return SchemaRefusedError(message, where=where)
    if status >= 500 or status in _BUSY:
        remedy = "Try again; if it stays so, check HANGARSTACK_REGISTRY_URL and the registry's own log"
        return RegistryUnavailableError(f"the registry failed ({status} {message})", where=where, remedy=remedy)
    return RegistryError(f"the registry answered {status} {message}", where=where)


def unreachable(reason: object, *, where: str) -> RegistryUnavailableError:
    """Return the error for a registry that cannot be reached or does not answer in time."""
    return RegistryUnavailableError(
        f"the registry cannot be reached: {reason}",
        where=where,
        remedy="Start one with `hangarstack registry serve`, or set HANGARSTACK_REGISTRY_URL to where yours is",
    )
