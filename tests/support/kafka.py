"""Brokers for tests: a real Kafka that a session shares, and the memory broker.

The real one is the cluster that HANGARSTACK_TEST_BOOTSTRAP_SERVERS names, else the embedded Kafka, else a container
where Docker answers. Tests share it, so each uses topics and groups of its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from hangarstack import settings as environment_settings
from hangarstack.broker.admin import Admin
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from tests.support.docker import docker_trouble
from tests.support.requirements import missing
from tests.support.secured import secured_kafka
from tests.support.servers import Absent, Address, first_of, unusable

_VARIABLE = "HANGARSTACK_TEST_BOOTSTRAP_SERVERS"
_IMAGE = "confluentinc/cp-kafka:8.0.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """A Kafka that others use too.

    Args:
        bootstrap_servers: where clients connect.
    """

    bootstrap_servers: str
    _topics: list[str] = field(default_factory=list)

    def settings(self, home: Path) -> Settings:
        """Return settings that lead to it, with a state directory of the test's own."""
        return Settings(home=home, bootstrap_servers=self.bootstrap_servers)

    def topic(self, *, partitions: int = 1, **configs: str) -> str:
        """Make a topic of a fresh name; ``retention_ms="1000"`` sets ``retention.ms``."""
        name = fresh_name("topic")
        named = {key.replace("_", "."): value for key, value in configs.items()}
        spec = TopicSpec(name=name, partitions=partitions, replication_factor=1, configs=named)
        ensure(self.settings(Path()), [spec])
        self._topics.append(name)
        return name

    def forget(self) -> None:
        """Delete the topics that were made by ``topic``."""
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers})
        for answer in client.delete_topics(self._topics).values() if self._topics else ():
            answer.result(10)


def fresh_name(what: str) -> str:
    """Return a name that no other test uses, for a topic or a group."""
    return f"test.{what}.{uuid.uuid4().hex[:12]}"


def cache_dir() -> Path:
    """Return where Kafka's jars are kept, as the commands find it."""
    name = f"{environment_settings.PREFIX}CACHE_DIR"
    return environment_settings.load({name: os.environ[name]} if name in os.environ else {}).cache_dir


def embedded_kafka(home: Path) -> EmbeddedKafka:
    """Return an embedded Kafka of the test's own on free ports, not started; stop it at the end."""
    return EmbeddedKafka(Settings(home=home, cache_dir=cache_dir(), broker_port=free_port_pair()))


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """A real Kafka that all tests share."""
    with ExitStack() as stack:
        shared = Kafka(bootstrap_servers=first_of("kafka", (_given, _embedded, _container), stack))
        yield shared
        if os.environ.get(_VARIABLE):
            shared.forget()


@pytest.fixture
def kafka_settings(kafka: Kafka, tmp_path: Path) -> Settings:
    """Settings that lead to the shared Kafka, with a state directory of the test's own."""
    return kafka.settings(tmp_path / "home")


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """An embedded Kafka of this test alone, running; it may be killed and started again."""
    own = embedded_kafka(tmp_path / "own-kafka")
    try:
        own.start()
    except BrokerError as error:
        missing("kafka", str(error))
    try:
        yield own
    finally:
        own.kill()


@pytest.fixture(scope="session")
def secured_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a user with every right on a Kafka that takes SASL_SSL only; see ``tests.support.secured``."""
    settings = Settings(home=tmp_path_factory.mktemp("secured"), cache_dir=cache_dir())
    with ExitStack() as stack:
        try:
            secured = stack.enter_context(secured_kafka(settings))
        except BrokerError as error:
            missing("kafka", str(error))
        yield secured


@pytest.fixture
def memory_broker() -> Iterator[MemoryBroker]:
    """A broker in memory of this test alone."""
    with MemoryBroker() as broker:
        yield broker


@pytest.fixture
def memory_settings(memory_broker: MemoryBroker, tmp_path: Path) -> Settings:
    """Settings that lead to the memory broker, with a state directory of the test's own."""
    settings = Settings(home=tmp_path / "home")
    return replace(settings, broker="memory", bootstrap_servers=memory_broker.bootstrap_servers)


def _given(_stack: ExitStack) -> Address | Absent:
    servers = os.environ.get(_VARIABLE)
    if not servers:
        return Absent(f"{_VARIABLE} is not set")
    try:
        Admin(Settings(bootstrap_servers=servers)).metadata()
    except BrokerError as error:
        unusable(_VARIABLE, error)
    return Address(servers)


def _embedded(stack: ExitStack) -> Address | Absent:
    home = Path(tempfile.mkdtemp(prefix="hangarstack-kafka-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    own = embedded_kafka(home)
    stack.callback(own.kill)
    try:
        own.start()
    except BrokerError as error:
        return Absent(f"the embedded Kafka does not start: {error}")
    return Address(own.bootstrap_servers)


def _container(stack: ExitStack) -> Address | Absent:
    trouble = docker_trouble()
    if trouble:
        return Absent(trouble)
    from testcontainers.community.kafka import KafkaContainer

    container = stack.enter_context(KafkaContainer(_IMAGE).with_kraft())
    return Address(str(container.get_bootstrap_server()))
