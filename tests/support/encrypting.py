"""Confluent's own field encryption against a registry: serializers with a rule for what is tagged as personal.

    python -m tests.support.encrypting URL TOPIC SECRET HEX

prints the record that a deserializer makes of the bytes; in a process of its own it knows nothing but that.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import tink
from confluent_kafka.schema_registry import (
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.rule_registry import RuleRegistry
from confluent_kafka.schema_registry.rules.encryption import kms_driver_registry
from confluent_kafka.schema_registry.rules.encryption.encrypt_executor import Clock, FieldEncryptionExecutor
from confluent_kafka.schema_registry.rules.encryption.localkms.local_driver import LocalKmsDriver
from confluent_kafka.serialization import MessageField, SerializationContext

SCHEMA: Final = {
    "type": "record",
    "name": "User",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "int"},
        {"name": "email", "type": "string", "confluent:tags": ["PII"]},
        {"name": "picture", "type": ["null", "bytes"], "default": None, "confluent:tags": ["PII"]},
    ],
}


class LaterClock(Clock):
    """A clock that is ahead.

    Args:
        days: by how many.
    """

    def __init__(self, days: int = 0) -> None:
        self.days = days

    def now(self) -> int:
        """Return milliseconds since 1970."""
        return int(super().now()) + self.days * 24 * 60 * 60 * 1000


class Party:
    """A producer or consumer with clients, keys and rules of its own.

    Args:
        url: of the registry.
        secret: of its local-kms; empty when it has none.
        clock: that its keys expire by.
    """

    def __init__(self, url: str, *, secret: str = "", clock: Clock | None = None) -> None:
        self._client = SchemaRegistryClient({"url": url, "timeout": 10, "max.retries": 0})
        self._rule_conf = {"secret": secret} if secret else {}
        self._executor = FieldEncryptionExecutor(clock or Clock())
        self._rules = RuleRegistry()  # type: ignore[no-untyped-call]  # the client says no types here
        self._rules.register_executor(self._executor)

    def register(self, topic: str, **params: str) -> None:
        """Register the schema with its rule; ``params`` are those of the rule, a dot written as an underscore."""
        named = {name.replace("_", "."): value for name, value in params.items()}
        rule = Rule(
            name="encrypt",
            doc=None,
            kind=RuleKind.TRANSFORM,
            mode=RuleMode.WRITEREAD,
            type="ENCRYPT",
            tags=["PII"],
            params=RuleParams(named),
            expr=None,
            on_success=None,
            on_failure=None,
            disabled=None,
        )
        rule_set = RuleSet(None, [rule])
        self._client.register_schema(f"{topic}-value", Schema(json.dumps(SCHEMA), "AVRO", [], None, rule_set))

    def write(self, topic: str, record: dict[str, Any]) -> bytes:
        """Return a record as it goes to the topic."""
        serializer = AvroSerializer(
            self._client,
            conf={"auto.register.schemas": False, "use.latest.version": True},
            rule_conf=self._rule_conf,
            rule_registry=self._rules,
        )
        # It encrypts the fields of the very record that it is given.
        written: bytes = serializer(dict(record), SerializationContext(topic, MessageField.VALUE))
        return written

    def read(self, topic: str, data: bytes) -> Any:
        """Return the record that came from the topic."""
        deserializer = AvroDeserializer(self._client, rule_conf=self._rule_conf, rule_registry=self._rules)
        return deserializer(data, SerializationContext(topic, MessageField.VALUE))

    def close(self) -> None:
        """Close its connections."""
        self._client.close()
        self._executor.close()  # type: ignore[no-untyped-call]  # nor here


@contextlib.contextmanager
def party(url: str, **kwargs: Any) -> Iterator[Party]:
    """Give a party that is closed afterwards."""
    made = Party(url, **kwargs)
    try:
        yield made
    finally:
        made.close()


def use_local_kms() -> None:
    """Make the clients of this process know local-kms, and forget every secret of before."""
    # Tink keeps the first client that was made for a KMS, whatever the secret of the next.
    tink._kms_clients.reset_kms_clients()
    kms_driver_registry.reset_kms_drivers()
    LocalKmsDriver.register()


if __name__ == "__main__":
    use_local_kms()
    _url, _topic, _secret, _hex = sys.argv[1:]
    with party(_url, secret=_secret) as _reader:
        sys.stdout.write(repr(_reader.read(_topic, bytes.fromhex(_hex))))
