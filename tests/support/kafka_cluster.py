"""A Kafka of three nodes on this machine, each broker and controller, for tests that take brokers away.

Its topics have three replicas, of which two must have a record before it is acknowledged.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from hangarstack.broker.config import LOOPBACK
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.node import dying_with_parent
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.errors import KafkaNotFetchedError
from hangarstack.settings import Settings
from tests.support.kafka import cache_dir
from tests.support.requirements import missing

NODES: Final = 3
_READY_S: Final = 60.0
_REPLICATED: Final = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    # A follower that is gone holds acknowledgements back for so long.
    "replica.lag.time.max.ms": "3000",
}


class KafkaCluster:
    """Three nodes; any of them may be killed and started again. Not thread-safe.

    Start nodes from a thread that lives as long as they should: Linux ends them with it.

    Args:
        home: directory of all their data.
    """

    def __init__(self, home: Path) -> None:
        self._ports = [free_port_pair() for _ in range(NODES)]
        voters = ",".join(f"{number}@{LOOPBACK}:{port + 1}" for number, port in enumerate(self._ports, start=1))
        self._nodes = [
            EmbeddedKafka(
                Settings(home=home / f"node-{number}", cache_dir=cache_dir(), broker_port=port),
                extra={**_REPLICATED, "node.id": str(number), "controller.quorum.voters": voters},
            )
            for number, port in enumerate(self._ports, start=1)
        ]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.start_s = 0.0
        """How long the first start took, formatting included."""

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect: all nodes."""
        return ",".join(f"{LOOPBACK}:{port}" for port in self._ports)

    def start(self) -> None:
        """Start all nodes and wait until each serves requests.

        Raises:
            KafkaNotFetchedError: there is no Kafka on this machine.
            BrokerError: a node does not start.
        """
        began = time.monotonic()
        first, *others = self._nodes
        first.prepare()
        for number, node in enumerate(others, start=2):
            _copy_format(first.data, node.data, number)
            node.prepare()
        # All at once: alone, no node gets as far as to serve requests.
        for index in range(NODES):
            self._spawn(index)
        for index in range(NODES):
            self._wait_ready(index)
        self.start_s = time.monotonic() - began

    def kill(self, index: int) -> None:
        """End a node, 0 to 2, as SIGKILL does."""
        self._processes[index].kill()
        self._processes[index].wait()

    def restart(self, index: int) -> None:
        """Start a node that was killed and wait until it serves requests; two of the three must run by then."""
        self._spawn(index)
        self._wait_ready(index)

    def end(self) -> None:
        """End all nodes."""
        for index in self._processes:
            self.kill(index)

    def _spawn(self, index: int) -> None:
        node = self._nodes[index]
        with node.log.with_name("console.log").open("ab") as console:
            self._processes[index] = subprocess.Popen(
                dying_with_parent(node.command()), stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )

    def _wait_ready(self, index: int) -> None:
        self._nodes[index].wait_ready(_READY_S, lambda: self._processes[index].poll() is None)


def _copy_format(formatted: Path, fresh: Path, number: int) -> None:
    """Make a node's data directory from another's: formatting takes a second, and all need one cluster id."""
    shutil.copytree(formatted, fresh)
    meta = fresh / "meta.properties"
    own = {"node.id": str(number), "directory.id": _kafka_uuid()}
    lines = (line.partition("=") for line in meta.read_text().splitlines())
    meta.write_text("".join(f"{key}{equals}{own.get(key, value)}\n" for key, equals, value in lines))


def _kafka_uuid() -> str:

    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


@contextmanager
def kafka_cluster(home: Path) -> Iterator[KafkaCluster]:
    """Run three nodes for as long as the block lasts.

    Raises:
        KafkaNotFetchedError: there is no Kafka on this machine.
    """
    cluster = KafkaCluster(home)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.end()


@pytest.fixture
def three_kafkas(tmp_path: Path) -> Iterator[KafkaCluster]:
    """Three Kafka nodes of this test alone, running."""
    try:
        with kafka_cluster(tmp_path / "kafkas") as cluster:
            yield cluster
    except KafkaNotFetchedError as error:
        missing("kafka", str(error))
