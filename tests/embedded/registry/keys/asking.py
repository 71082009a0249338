"""Requests for keys, for the tests of the DEK registry."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from tests.support.registry import Answer, Registry

KEKS = "/dek-registry/v1/keks"
MATERIAL = base64.b64encode(b"encrypted by somebody").decode()
OTHER = base64.b64encode(b"encrypted by somebody anew").decode()


def unused() -> str:
    """Return the name of a KEK that no other test uses."""
    return f"kek-{uuid.uuid4().hex}"


def kek(name: str, **fields: Any) -> dict[str, Any]:
    """Return a KEK as a request asks for it."""
    return {"name": name, "kmsType": "aws-kms", "kmsKeyId": "arn:aws:kms:1", **fields}


def dek(subject: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a DEK as a request asks for it; what is None is left out."""
    given = {"subject": subject, "encryptedKeyMaterial": MATERIAL, **fields}
    return {name: value for name, value in given.items() if value is not None}


def make_kek(registry: Registry, **fields: Any) -> str:
    """Make a KEK, which the registry must take, and return its name."""
    name = unused()
    answer = registry.ask("POST", KEKS, kek(name, **fields))
    assert answer.status == 200, answer
    return name


def make_dek(registry: Registry, name: str, subject: str, **fields: Any) -> dict[str, Any]:
    """Make a DEK, which the registry must take, and return the answer."""
    answer = registry.ask("POST", f"{KEKS}/{name}/deks/{subject}", dek(**fields))
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def code(answer: Answer) -> tuple[int, int]:
    """Return how a request was refused; the code is 0 where it was not."""
    return answer.status, answer.body["error_code"] if isinstance(answer.body, dict) and answer.status >= 400 else 0


def without_time(body: dict[str, Any]) -> dict[str, Any]:
    """Return a key's JSON without the time of its last write."""
    assert body["ts"] > 1_700_000_000_000
    return {name: value for name, value in body.items() if name != "ts"}
