"""What `list` and `show` tell of a contract."""

from __future__ import annotations

from typing import Any

from hangarstack.contracts.model import Contract


def summary(contract: Contract) -> dict[str, Any]:
    """Return a contract as JSON, without its versions."""
    return {
        "event": contract.name,
        "topic": contract.topic,
        "subject": contract.subject,
        "key": contract.key,
        "versions": len(contract.versions),
        "compatibility": contract.compatibility,
        "owner": contract.owner,
        "description": contract.description,
        "producers": contract.producers,
        "consumers": contract.consumers,
        "pii": contract.pii,
        "partitions": contract.partitions,
        "retention_ms": contract.retention_ms,
    }
