"""The name of a KEK for rules that name the key of a KMS alone.

Source: ``EncryptionUpdateRequestHandler`` of Confluent's registry: it does so where a schema is registered or tagged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hangarstack.registry.embedded.rules import RuleSet

_KEY_ID: Final = "encrypt.kms.key.id"
_KEK_NAME: Final = "encrypt.kek.name"
_KMS_TYPE: Final = "encrypt.kms.type"
_OF_AMAZON: Final = "arn:"


def with_kek_names(value: RuleSet | None) -> RuleSet | None:
    """Return a rule set whose domain rules name a KEK wherever they name a key, and the KMS of Amazon's keys."""
    if value is None or "domainRules" not in value:
        return value
    return {**value, "domainRules": [_named(rule) for rule in value["domainRules"]]}


def _named(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    params = rule.get("params", {})
    key_id = params.get(_KEY_ID)
    if key_id is None:
        return rule
    implied = {_KEK_NAME: _name(key_id)}
    if key_id.startswith(_OF_AMAZON):
        implied[_KMS_TYPE] = "aws-kms"
    return {**rule, "params": dict(sorted({**implied, **params}.items()))}


def _name(key_id: str) -> str:
    return "".join(each if each.isalnum() or each in "_-" else "-" for each in key_id.removeprefix(_OF_AMAZON))
