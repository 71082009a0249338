"""What a registry's answer other than 2xx means to us."""

from __future__ import annotations

from typing import Final

from hangarstack.errors import RegistryError, RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError

_BUSY: Final = frozenset({408, 429})
_NOT_ALLOWED: Final = frozenset({401, 403})


def error_of(status: int, message: str, *, where: str) -> RegistryError:
    """Return the error for an answer.

    Args:
        status: of HTTP.
        message: the registry's own.
        where: URL and path, without credentials.
    """
    if status in _NOT_ALLOWED:
        remedy = "Check HANGARSTACK_REGISTRY_USERNAME and HANGARSTACK_REGISTRY_PASSWORD"
        return RegistryError(f"the registry refuses the credentials ({status} {message})", where=where, remedy=remedy)
    if status == 404:
        remedy = "`hangarstack migrate apply` registers what the contracts say"
        return SchemaNotFoundError(message, where=where, remedy=remedy)
    if status in {409, 422}:
        return SchemaRefusedError(message, where=where)
    if status >= 500 or status in _BUSY:
        remedy = "Try again; if it stays so, look at the registry's own log"
        return RegistryUnavailableError(f"the registry failed ({status} {message})", where=where, remedy=remedy)
    return RegistryError(f"the registry answered {status} {message}", where=where)


def unreachable(reason: object, *, where: str) -> RegistryUnavailableError:
    """Return the error for a registry that cannot be reached or does not answer in time."""
    return RegistryUnavailableError(
        f"the registry cannot be reached: {reason}",
        where=where,
        remedy="Start it, or set HANGARSTACK_REGISTRY_URL to where it is",
    )
