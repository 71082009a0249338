"""What the DEK registry refuses, with the status, code and sentence that Confluent's API documents.

Source: ``DekRegistryErrors``, ``RestInvalidKeyException`` and ``RestReferenceExistsException`` of Confluent's registry.
"""

from __future__ import annotations

from hangarstack.registry.embedded.refusals import RefusalError


def not_found(name: str) -> RefusalError:
    """Return 40470, of a KEK or of a subject's DEK."""
    return RefusalError(404, 40470, f"Key '{name}' not found")


def not_soft_deleted(name: str) -> RefusalError:
    """Return 40471."""
    return RefusalError(404, 40471, f"Key '{name}' was not deleted first before being permanently deleted")


def soft_deleted(name: str) -> RefusalError:
    """Return 40472: the KEK comes back before its DEKs do."""
    return RefusalError(404, 40472, f"Key '{name}' must be undeleted first")


def exists(name: str) -> RefusalError:
    """Return 40971, of a KEK or of a subject's DEK."""
    return RefusalError(409, 40971, f"Key '{name}' already exists; use a different value")


def too_many(most: int) -> RefusalError:
    """Return 40972."""
    return RefusalError(409, 40972, f"A maximum of {most} keys already exist")


def invalid(field: str) -> RefusalError:
    """Return 42271, naming the field and never its value, which may be a secret."""
    return RefusalError(422, 42271, f"Invalid or missing value for field '{field}' of key")


def referenced(name: str) -> RefusalError:
    """Return 42272: the KEK has DEKs."""
    return RefusalError(422, 42272, f"One or more references exist to the key {name}")


def not_generated(what: str) -> RefusalError:
    """Return 50070: the KMS did not encrypt or decrypt a DEK."""
    return RefusalError(500, 50070, what)
