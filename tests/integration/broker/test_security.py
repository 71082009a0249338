"""The SASL_SSL settings reach real clients: tried on a Kafka that takes nobody else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import cluster_identity
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.broker.topics import ensure, plan
from hangarstack.errors import BrokerError, BrokerRefusedError
from hangarstack.settings import Secret, Settings
from tests.integration.broker.clients import consume, produce, spec
from tests.support.certificates import make_certificates
from tests.support.kafka import cache_dir
from tests.support.requirements import missing

_PASSWORD = "correct horse; battery=staple\\"
_JAAS = "org.apache.kafka.common.security.plain.PlainLoginModule required"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a user ``key`` who may do everything, on a Kafka with a SASL_SSL listener."""
    home = tmp_path_factory.mktemp("secured")
    certificates = make_certificates(home)
    inner, outer = free_port_pair(), free_port_pair()
    node = EmbeddedKafka(
        Settings(home=home, cache_dir=cache_dir(), broker_port=inner),
        extra=_listeners(inner, outer, certificates.server),
    )
    try:
        node.start()
    except BrokerError as error:
        missing("kafka", str(error))
    try:
        _add_scram_user(node.bootstrap_servers, "scram-user")
        yield Settings(
            home=home,
            bootstrap_servers=f"127.0.0.1:{outer}",
            security_protocol="SASL_SSL",
            sasl_username="key",
            sasl_password=Secret(_PASSWORD),
            ssl_ca=str(certificates.authority),
        )
    finally:
        node.kill()


def _listeners(inner: int, outer: int, keystore: Path) -> dict[str, str]:
    password = _PASSWORD.replace("\\", "\\\\")
    listeners = f"PLAINTEXT://127.0.0.1:{inner},SASL_SSL://127.0.0.1:{outer}"
    return {
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{inner + 1}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": (f'{_JAAS} user_key="{password}" user_nobody="{password}";'),
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": keystore.as_posix(),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:key;User:scram-user",
    }


def _add_scram_user(bootstrap_servers: str, name: str) -> None:
    from confluent_kafka.admin import (  # type: ignore[attr-defined] # public by its documentation, not by its stubs
        ScramCredentialInfo,
        ScramMechanism,
        UserScramCredentialUpsertion,
    )

    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion(name, credential, _PASSWORD.encode())
    client = AdminClient({"bootstrap.servers": bootstrap_servers})
    client.alter_user_scram_credentials([change])[name].result(10)


@pytest.mark.parametrize(("mechanism", "user"), [("PLAIN", "key"), ("SCRAM-SHA-512", "scram-user")])
def test_every_client_gets_through_with_the_right_settings(secured: Settings, mechanism: str, user: str) -> None:
    settings = replace(secured, sasl_mechanism=mechanism, sasl_username=user)
    topic = f"secured.{user}"
    ensure(settings, [spec(topic)])
    produce(settings, topic, [b"over TLS"])
    assert consume(settings, topic, 1) == [b"over TLS"]
    assert cluster_identity(Admin(settings), [topic]).topic_ids[topic]


def test_a_wrong_password_is_called_one_at_once_and_never_shown(secured: Settings) -> None:
    began = time.monotonic()
    with pytest.raises(BrokerRefusedError, match="refuses the credentials") as refused:
        plan(Admin(replace(secured, sasl_password=Secret("hunter2"))), [spec("any")])
    assert time.monotonic() - began < 5
    assert "HANGARSTACK_SASL_PASSWORD" in refused.value.remedy
    assert "hunter2" not in str(refused.value)


def test_a_certificate_of_an_unknown_authority_is_refused_at_once(secured: Settings, tmp_path: Path) -> None:
    other = make_certificates(tmp_path)
    began = time.monotonic()
    with pytest.raises(BrokerRefusedError, match="no trusted TLS connection") as refused:
        plan(Admin(replace(secured, ssl_ca=str(other.authority))), [spec("any")])
    assert time.monotonic() - began < 5
    assert "HANGARSTACK_SSL_CA" in refused.value.remedy


def test_a_user_without_rights_is_told_that(secured: Settings) -> None:
    settings = replace(secured, sasl_username="nobody")
    with pytest.raises(BrokerRefusedError, match="not allowed") as refused:
        plan(Admin(settings), [spec("any")])
    assert "access rules" in refused.value.remedy
