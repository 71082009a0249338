"""A Kafka that lets nobody in without TLS and a password, and lets nobody do what was not granted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from confluent_kafka.admin import (  # type: ignore[attr-defined] # public by its documentation, not by its stubs
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.settings import Secret, Settings
from tests.support.certificates import make_certificates

_PASSWORD = "correct horse; battery=staple\\"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"


@contextmanager
def secured_kafka(settings: Settings) -> Iterator[Settings]:
    """Run a Kafka with a SASL_SSL listener; yield settings of a user who may do everything.

    ``key`` logs in by PLAIN, ``scram-user`` by SCRAM-SHA-512, both with every right; ``nobody`` by PLAIN with none. All
    have one password.

    Args:
        settings: ``home`` and ``cache_dir`` of the node.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    certificates = make_certificates(settings.home)
    inner, outer = free_port_pair(), free_port_pair()
    node = EmbeddedKafka(replace(settings, broker_port=inner), extra=_listeners(inner, outer, certificates.server))
    try:
        node.start()
        _add_scram_user(node.bootstrap_servers, "scram-user")
        yield replace(
            settings,
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
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f'{_PLAIN} user_key="{password}" user_nobody="{password}";',
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{_SCRAM};",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": keystore.as_posix(),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:key;User:scram-user",
    }


def _add_scram_user(bootstrap_servers: str, name: str) -> None:
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion(name, credential, _PASSWORD.encode())
    client = AdminClient({"bootstrap.servers": bootstrap_servers})
    client.alter_user_scram_credentials([change])[name].result(10)
