"""The settings as librdkafka wants them: one place that says how every client connects.

A configuration holds secrets in the clear, because librdkafka needs them: never log one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from hangarstack.errors import BrokerUnavailableError, SettingsError
from hangarstack.settings import Settings

LOOPBACK: Final = "127.0.0.1"

LARGEST_MESSAGE_BYTES: Final = 1_000_000_000
"""The greatest ``message.max.bytes`` of librdkafka, for who writes what a topic took before: it counts a message before
it is compressed, and the topic after."""

_LOWEST_HEARTBEAT_MS: Final = 250
_HIGHEST_HEARTBEAT_MS: Final = 500
_POLL_LIMIT_MS: Final = 300_000

_MEMORY_CONSUMER: Final = {
    "group.protocol": "classic",
    # The only assignor that works there: cooperative-sticky loses partitions.
    "partition.assignment.strategy": "range",
    # There a fetch is answered only when its wait is over, whatever arrives meanwhile.
    "fetch.wait.max.ms": 20,
}


def bootstrap_servers(settings: Settings) -> str:
    """Return the ``host:port`` list to connect to: the given one, or the embedded broker's.

    Raises:
        BrokerUnavailableError: it is the memory broker's that is wanted, and ``up`` runs none on this ``home``.
    """
    if settings.bootstrap_servers or settings.broker != "memory":
        return settings.bootstrap_servers or f"{LOOPBACK}:{settings.broker_port}"
    file = memory_broker_file(settings.home)
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BrokerUnavailableError(
            "no memory broker runs here",
            where=str(file),
            remedy="Start `hangarstack up --broker memory` with the same HANGARSTACK_HOME",
        ) from error


def memory_broker_file(home: Path) -> Path:
    """Return the file that says where a memory broker is, for as long as it runs."""
    return home / "run" / "memory-broker"


def client_config(settings: Settings) -> dict[str, Any]:
    """Return what every Kafka client of this process shares: addresses and security.

    Raises:
        SettingsError: security settings that do not fit each other, or a certificate file that is not there.
        BrokerUnavailableError: as ``bootstrap_servers``.
    """
    return {
        "bootstrap.servers": bootstrap_servers(settings),
        # A broker that was restarted is found again within a second instead of ten.
        "reconnect.backoff.ms": 100,
        "reconnect.backoff.max.ms": 1_000,
        "socket.connection.setup.timeout.ms": 10_000,
        # Firewalls and load balancers forget silent connections.
        "socket.keepalive.enable": True,
        # A broker that was frozen says, until it is let in again, that there is none: then a client forgets the one it
        # has and tries no other (confluentinc/librdkafka issue 5301, still so in 2.16.0). Without metadata for so long
        # it begins again with the bootstrap servers; the default is five minutes.
        "metadata.recovery.rebootstrap.trigger.ms": 30_000,
        # New partitions, and a topic made anew, are found with it; the default is five minutes.
        "topic.metadata.refresh.interval.ms": 10_000,
        # Idle connections are closed by the broker every ten minutes: no news.
        "log.connection.close": False,
        **_security(settings),
    }


def producer_config(settings: Settings, client_id: str) -> dict[str, Any]:
    """Return the configuration of an idempotent producer that favours latency.

    A message never times out in the queue: what bounds the queue is the spool that holds the same events, and a
    message given up by librdkafka would be sent again anyway, out of order. Override ``delivery.timeout.ms`` where
    an answer is wanted.

    Raises:
        SettingsError: as ``client_config``.
    """
    return {
        **client_config(settings),
        "client.id": client_id,
        "enable.idempotence": True,
        "acks": "all",
        "compression.type": settings.compression,
        # 5 ms less for an event cost the broker a fifth more at 200 events/s, and the pages the processor.
        "linger.ms": 10,
        "delivery.timeout.ms": 0,
        # As Java clients place keys, so that one aircraft has one partition whoever writes.
        "partitioner": "murmur2_random",
    }


def consumer_config(settings: Settings, group: str, client_id: str, *, instance_id: str = "") -> dict[str, Any]:
    """Return the configuration of a group member that keeps its offsets itself.

    Args:
        settings: ``group_protocol``, ``session_timeout_ms`` and ``broker`` matter here.
        group: the group id.
        client_id: what broker logs and metrics call this process.
        instance_id: makes the member static: restarted within the session it has its partitions back at once, and
            until then nobody else has them. Must be unique in the group; empty: a dynamic member.

    Raises:
        SettingsError: as ``client_config``.
    """
    return {
        **client_config(settings),
        "client.id": client_id,
        "group.id": group,
        **({"group.instance.id": instance_id} if instance_id else {}),
        **_group_protocol(settings),
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "max.poll.interval.ms": max(_POLL_LIMIT_MS, settings.session_timeout_ms),
        # The default sleeps a second whenever the queue is full: a consumer that catches up would crawl.
        "fetch.queue.backoff.ms": 5,
        "fetch.error.backoff.ms": 100,
        # A record that arrives ends the wait, unless its partition was assigned after the request left.
        "fetch.wait.max.ms": 500,
        "queued.max.messages.kbytes": 32_768,
        **(_MEMORY_CONSUMER if settings.broker == "memory" else {}),
    }


def _group_protocol(settings: Settings) -> dict[str, Any]:
    if settings.group_protocol == "consumer" and settings.broker != "memory":
        # Session, heartbeat and assignor are the broker's business there; librdkafka refuses them.
        return {"group.protocol": "consumer"}
    heartbeat = settings.session_timeout_ms // 6
    return {
        "group.protocol": "classic",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": settings.session_timeout_ms,
        # A rebalance is noticed with the next heartbeat, and a partition that moves may wait for two of them.
        "heartbeat.interval.ms": min(_HIGHEST_HEARTBEAT_MS, max(_LOWEST_HEARTBEAT_MS, heartbeat)),
    }


def _security(settings: Settings) -> dict[str, Any]:
    protocol = settings.security_protocol
    if protocol == "PLAINTEXT":
        return {}
    if not settings.bootstrap_servers:
        raise SettingsError(
            f"HANGARSTACK_SECURITY_PROTOCOL is {protocol}, but there is no cluster to use it with",
            remedy="Set HANGARSTACK_BOOTSTRAP_SERVERS; the embedded broker speaks PLAINTEXT on loopback only",
        )
    config: dict[str, Any] = {"security.protocol": protocol}
    if protocol.endswith("SSL"):
        config.update(_tls(settings))
    if protocol.startswith("SASL"):
        config.update(_sasl(settings))
    return config


def _tls(settings: Settings) -> dict[str, Any]:
    # librdkafka looks for the system's authorities itself when none are named.
    if not settings.ssl_ca:
        return {}
    if not Path(settings.ssl_ca).is_file():
        raise SettingsError(
            "HANGARSTACK_SSL_CA names no file",
            where=settings.ssl_ca,
            remedy="Give the PEM file of the authorities that sign the brokers' certificates",
        )
    return {"ssl.ca.location": settings.ssl_ca}


def _sasl(settings: Settings) -> dict[str, Any]:
    if not settings.sasl_username or not settings.sasl_password:
        raise SettingsError(
            f"HANGARSTACK_SECURITY_PROTOCOL is {settings.security_protocol}, but the user or the password is missing",
            remedy="Set HANGARSTACK_SASL_USERNAME and HANGARSTACK_SASL_PASSWORD (Confluent Cloud: API key and secret)",
        )
    return {
        "sasl.mechanism": settings.sasl_mechanism,
        "sasl.username": settings.sasl_username,
        "sasl.password": settings.sasl_password.reveal(),
    }
