"""The SASL_SSL settings reach real clients: tried on a Kafka that takes nobody else."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import cluster_identity
from hangarstack.broker.topics import ensure, plan
from hangarstack.errors import BrokerRefusedError
from hangarstack.settings import Secret, Settings
from tests.integration.broker.clients import consume, produce, spec
from tests.support.certificates import make_certificates


@pytest.mark.parametrize(("mechanism", "user"), [("PLAIN", "key"), ("SCRAM-SHA-512", "scram-user")])
def test_every_client_gets_through_with_the_right_settings(
    secured_settings: Settings, mechanism: str, user: str
) -> None:
    settings = replace(secured_settings, sasl_mechanism=mechanism, sasl_username=user)
    topic = f"secured.{user}"
    ensure(settings, [spec(topic)])
    produce(settings, topic, [b"over TLS"])
    assert consume(settings, topic, 1) == [b"over TLS"]
    assert cluster_identity(Admin(settings), [topic]).topic_ids[topic]


def test_a_wrong_password_is_called_one_at_once_and_never_shown(secured_settings: Settings) -> None:
    began = time.monotonic()
    with pytest.raises(BrokerRefusedError, match="refuses the credentials") as refused:
        plan(Admin(replace(secured_settings, sasl_password=Secret("hunter2"))), [spec("any")])
    assert time.monotonic() - began < 5
    assert "HANGARSTACK_SASL_PASSWORD" in refused.value.remedy
    assert "hunter2" not in str(refused.value)


def test_a_certificate_of_an_unknown_authority_is_refused_at_once(secured_settings: Settings, tmp_path: Path) -> None:
    other = make_certificates(tmp_path)
    began = time.monotonic()
    with pytest.raises(BrokerRefusedError, match="no trusted TLS connection") as refused:
        plan(Admin(replace(secured_settings, ssl_ca=str(other.authority))), [spec("any")])
    assert time.monotonic() - began < 5
    assert "HANGARSTACK_SSL_CA" in refused.value.remedy


def test_a_user_without_rights_is_told_that(secured_settings: Settings) -> None:
    settings = replace(secured_settings, sasl_username="nobody")
    with pytest.raises(BrokerRefusedError, match="not allowed") as refused:
        plan(Admin(settings), [spec("any")])
    assert "access rules" in refused.value.remedy
