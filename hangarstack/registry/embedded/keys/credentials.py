"""Credentials for a KMS among the properties of a KEK: kept, used, and never told again.

They are left out rather than starred: a client's driver then takes its own credentials, as it does without any.
Source: ``KmsPropsRedactor`` of Confluent's registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OF_LOCAL_KMS: Final = "secret"
"""The property of a ``local-kms`` that its key is made of."""

_NAMES: Final = frozenset(
    {
        OF_LOCAL_KMS,
        "old.secrets",
        "token.id",
        "approle.secret.id",
        "ssl.keystore.password",
        "secret.access.key",
        "client.secret",
        "private.key",
    }
)
_HIDDEN: Final = "[hidden]"


def without_credentials(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the properties that may be told."""
    return {name: properties[name] for name in properties if name not in _NAMES}


def with_those_of(held: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return given properties with the credentials that are held already.

    Who reads a KEK and sends its properties back does not know them, and does not mean to lose them.
    """
    unsaid = {name for name in held if name in _NAMES and given.get(name, _HIDDEN) == _HIDDEN}
    return {**given, **{name: held[name] for name in unsaid}}
