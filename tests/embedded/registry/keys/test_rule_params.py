"""Rules that name the key of a KMS get the name of a KEK when their schema is registered or tagged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.embedded.registry.keys.asking import KEKS, kek
from tests.embedded.registry.schemas import fresh, record
from tests.support.registry import Registry

ARN = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NAME = "aws-kms-us-west-2-111122223333-key-1234abcd-12ab-34cd-56ef-1234567890ab"


def rule_set(params: dict[str, str]) -> dict[str, Any]:
    return {"domainRules": [{"name": "encrypt", "type": "ENCRYPT", "tags": ["PII"], "params": params}]}


def params_of(answer: Any) -> Any:
    return answer.body["ruleSet"]["domainRules"][0].get("params")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"encrypt.kms.key.id": ARN},
            {"encrypt.kek.name": NAME, "encrypt.kms.key.id": ARN, "encrypt.kms.type": "aws-kms"},
        ),
        (
            {"encrypt.kms.key.id": "https://v.azure.net/keys/k"},
            {"encrypt.kek.name": "https---v-azure-net-keys-k", "encrypt.kms.key.id": "https://v.azure.net/keys/k"},
        ),
        (
            {"encrypt.kms.key.id": ARN, "encrypt.kek.name": "mine", "encrypt.kms.type": "my-kms"},
            {"encrypt.kek.name": "mine", "encrypt.kms.key.id": ARN, "encrypt.kms.type": "my-kms"},
        ),
        ({"encrypt.kek.name": "mine"}, {"encrypt.kek.name": "mine"}),
        ({}, None),
    ],
)
def test_a_rule_names_its_kek_after_its_key_unless_it_says_another(
    registry: Registry, given: dict[str, str], kept: dict[str, str] | None
) -> None:
    subject = fresh()
    body = {"schema": json.dumps(record("a")), "ruleSet": rule_set(given)}
    registered = registry.ask("POST", f"/subjects/{subject}/versions", body)
    assert params_of(registered) == kept
    assert params_of(registry.ask("GET", f"/subjects/{subject}/versions/1")) == kept
    again = registry.ask("POST", f"/subjects/{subject}/versions", body)
    assert (again.body["id"], again.body["version"]) == (registered.body["id"], 1)


def test_the_rules_that_come_with_tags_name_their_kek_too(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    tag = {"schemaEntity": {"entityPath": "test.R.a", "entityType": "sr_field"}, "tags": ["PII"]}
    body = {"tagsToAdd": [tag], "ruleSet": rule_set({"encrypt.kms.key.id": ARN})}
    tagged = registry.ask("POST", f"/subjects/{subject}/versions/latest/tags", body)
    assert params_of(tagged)["encrypt.kek.name"] == NAME


def test_the_name_that_is_made_is_one_that_a_kek_may_have(own_registry: Registry) -> None:
    assert own_registry.ask("POST", KEKS, kek(NAME, kmsKeyId=ARN)).status == 200
