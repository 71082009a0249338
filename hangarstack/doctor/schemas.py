"""Fourth check: does the registry know the schemas that this code writes?"""

from __future__ import annotations

from hangarstack.errors import SchemaNotFoundError
from hangarstack.events import CODECS
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Settings


def check_registry(settings: Settings) -> str:
    """Return how many schemas are registered; blocks at most ``registry_timeout_s`` for each event.

    Raises:
        HangarStackError: unreachable, refused, or a schema is not registered.
    """
    where = without_credentials(registry_url(settings))
    registry = RegistryAdmin(settings)
    missing = [codec.subject for codec in CODECS if registry.lookup(codec.subject, codec.schema_text) is None]
    if missing:
        raise SchemaNotFoundError(
            f"the current schema is not registered for {', '.join(missing)}",
            where=where,
            remedy="Run `hangarstack migrate plan`, then `hangarstack migrate apply`",
        )
    return f"{len(CODECS)} of {len(CODECS)} current schemas are registered at {where}"
