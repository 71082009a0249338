"""The two files that the embedded Kafka reads: its properties and its logging."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hangarstack.broker.config import LOOPBACK

_SMALL: Final = {
    # One node.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "3",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "3",
    # Topics come from contracts.
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    # A crashed member's partitions move within seconds, whichever protocol it speaks.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.min.heartbeat.interval.ms": "500",
    "group.consumer.heartbeat.interval.ms": "1000",
    # Little memory: the cleaner alone would take 128 MB of heap.
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.cleaner.io.buffer.size": "65536",
    "log.cleaner.threads": "1",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "num.replica.fetchers": "1",
    "group.coordinator.threads": "1",
    "share.coordinator.threads": "1",
    # After SIGKILL the node waits until its own former session has ended, nine seconds by default.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # Idle means idle: no record twice a second to show that the controller lives.
    "metadata.max.idle.interval.ms": "0",
    # After SIGKILL the open segments are read again: bound that.
    "log.segment.bytes": "33554432",
    "num.recovery.threads.per.data.dir": "2",
}

_LOGGING: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR" shutdownHook="disable">
  <Appenders>
    <RollingFile name="file" fileName="${sys:hangarstack.log}" filePattern="${sys:hangarstack.log}.%i">
      <PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/>
      <SizeBasedTriggeringPolicy size="4 MB"/>
      <DefaultRolloverStrategy max="3"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="file"/></Root>
    <Logger name="org.apache.kafka.common.config" level="WARN"/>
    <Logger name="org.apache.kafka.clients" level="WARN"/>
    <Logger name="org.apache.kafka.common.utils.AppInfoParser" level="ERROR"/>
    <Logger name="kafka.server.KafkaConfig" level="WARN"/>
  </Loggers>
</Configuration>
"""


def properties(data: Path, port: int, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the node's properties.

    Args:
        data: directory of its data.
        port: where it serves clients on loopback; its controller takes the next one.
        extra: properties that win over ours.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        # Told here and not kept in the metadata, so that the port may change between two starts.
        "controller.quorum.voters": f"1@{LOOPBACK}:{port + 1}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{port + 1}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data.as_posix(),
        **_SMALL,
        **extra,
    }


def write_properties(path: Path, values: Mapping[str, str]) -> None:
    """Write a Java properties file, which knows only Latin-1 and escapes."""
    path.write_text("".join(f"{key}={_escaped(value)}\n" for key, value in values.items()), encoding="ascii")


def write_logging(path: Path) -> None:
    """Write the logging configuration: one file that rolls at 4 MB and keeps three old ones.

    The program names the log file by ``log_options``.
    """
    path.write_text(_LOGGING, encoding="utf-8")


def log_options(logging: Path, log: Path) -> tuple[str, ...]:
    """Return Java's options that use a logging configuration with a log file."""
    return f"-Dlog4j2.configurationFile={logging.as_uri()}", f"-Dhangarstack.log={log}"


def _escaped(value: str) -> str:
    return "".join(
        c if c.isascii() else "".join(f"\\u{unit:04x}" for unit in _utf16(c)) for c in value.replace("\\", r"\\")
    )


def _utf16(character: str) -> tuple[int, ...]:
    encoded = character.encode("utf-16-be")
    return struct.unpack(f">{len(encoded) // 2}H", encoded)
