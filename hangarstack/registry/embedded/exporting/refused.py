"""What is refused of exporters, with the codes of Confluent's reference.

Codes: https://docs.confluent.io/cloud/current/ccloud/exporters-v-1/ and the reference of Confluent Platform,
https://docs.confluent.io/platform/current/schema-registry/develop/api.html (Exporters). All but the first are 409.
"""

from __future__ import annotations

from hangarstack.registry.embedded.refusals import RefusalError


def not_found(name: str) -> RefusalError:
    """Return 40450."""
    return RefusalError(404, 40450, f"Exporter '{name}' not found.")


def invalid_name() -> RefusalError:
    """Return 40950."""
    rule = "1 to 256 letters, digits, '_', '-' and '.', the first a letter, a digit or '_'"
    return RefusalError(409, 40950, f"Missing or invalid exporter name: it takes {rule}")


def invalid_config(reason: str) -> RefusalError:
    """Return 40951: the configuration, the context or the format of names."""
    return RefusalError(409, 40951, f"Missing or invalid exporter config: {reason}")


def invalid_subjects(reason: str) -> RefusalError:
    """Return 40952."""
    return RefusalError(409, 40952, f"Invalid exporter subjects: {reason}")


def exists(name: str) -> RefusalError:
    """Return 40960."""
    return RefusalError(409, 40960, f"Exporter '{name}' already exists.")


def running(name: str) -> RefusalError:
    """Return 40961."""
    return RefusalError(409, 40961, f"Exporter '{name}' is already running.")


def starting(name: str) -> RefusalError:
    """Return 40962."""
    return RefusalError(409, 40962, f"Exporter '{name}' is already starting.")


def not_paused(name: str) -> RefusalError:
    """Return 40963."""
    return RefusalError(409, 40963, f"Exporter '{name}' must be paused first.")


def too_many(most: int) -> RefusalError:
    """Return 40964."""
    return RefusalError(409, 40964, f"Too many exporters: there are {most} already.")
