from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import cluster_identity
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.broker.topics import ensure
from hangarstack.errors import BrokerError, BrokerUnavailableError, SettingsError
from hangarstack.settings import Settings
from tests.integration.broker.clients import consume, produce, settings_of, spec
from tests.support.kafka import embedded_kafka
from tests.support.requirements import missing

_SOME = [b"%d" % number for number in range(1_000)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own-kafka")


@pytest.fixture(scope="module")
def node(home: Path) -> Iterator[EmbeddedKafka]:
    """A node that these tests share; it runs whenever a test begins."""
    own = embedded_kafka(home)
    try:
        own.start()
    except BrokerError as error:
        missing("kafka", str(error))
    yield own
    own.kill()


def test_events_and_the_cluster_outlive_a_stop_a_kill_and_a_move(node: EmbeddedKafka, home: Path) -> None:
    settings = settings_of(node)
    ensure(settings, [spec("kept")])
    produce(settings, "kept", _SOME)
    before = cluster_identity(Admin(settings), ["kept"])
    node.stop()
    node.start()
    produce(settings, "kept", _SOME)
    node.kill()
    moved = embedded_kafka(home)
    try:
        moved.start()
        assert consume(settings_of(moved), "kept", 2_000) == _SOME + _SOME
        assert cluster_identity(Admin(settings_of(moved)), ["kept"]) == before
    finally:
        moved.stop()
        node.start()


def test_it_is_small_and_serves_loopback_alone(node: EmbeddedKafka) -> None:
    assert node.pid is not None
    process = psutil.Process(node.pid)
    assert process.memory_info().rss < 320 * 1024 * 1024
    listening = {c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_a_second_node_on_the_same_directory_ends_and_says_why(node: EmbeddedKafka, home: Path) -> None:
    second = embedded_kafka(home)
    with pytest.raises(BrokerUnavailableError, match=r"ended while it started: .*lock"):
        second.start()
    assert second.pid is None
    assert node.is_ready()


@pytest.mark.usefixtures("kafka")
class TestPreparation:
    def test_a_second_preparation_changes_nothing(self, tmp_path: Path) -> None:
        node = embedded_kafka(tmp_path)
        node.prepare()
        before = (node.data / "meta.properties").read_bytes()
        node.prepare()
        assert (node.data / "meta.properties").read_bytes() == before

    @pytest.mark.parametrize("lost", [[], ["meta.properties"], ["bootstrap.checkpoint", "meta.properties"]])
    def test_a_format_that_was_interrupted_is_done_again(self, tmp_path: Path, lost: list[str]) -> None:
        node = embedded_kafka(tmp_path)
        node.prepare()
        half_done = node.data.with_name("data.new")
        shutil.copytree(node.data, half_done)
        for name in lost:
            (half_done / name).unlink()
        shutil.rmtree(node.data)
        node.data.mkdir()
        node.prepare()
        assert (node.data / "meta.properties").is_file()
        assert not half_done.exists()

    def test_a_home_that_is_a_file_is_one_clear_error(self, tmp_path: Path) -> None:
        (tmp_path / "kafka").write_text("in the way")
        with pytest.raises(BrokerError, match="cannot be written") as refused:
            embedded_kafka(tmp_path).prepare()
        assert refused.value.remedy

    def test_a_taken_port_ends_the_start_with_kafkas_own_words(self, tmp_path: Path) -> None:
        node = embedded_kafka(tmp_path)
        # Not by another Kafka: the node may ask that one to be its controller, and die of the answer first.
        controller = int(node.bootstrap_servers.rsplit(":", 1)[1]) + 1
        with (
            socket.create_server(("127.0.0.1", controller)),
            pytest.raises(BrokerUnavailableError, match="Address already in use"),
        ):
            node.start()

    def test_the_log_cannot_grow_without_bounds(self, tmp_path: Path) -> None:
        node = embedded_kafka(tmp_path)
        node.prepare()
        logging = (tmp_path / "kafka" / "log4j2.xml").read_text()
        assert 'SizeBasedTriggeringPolicy size="4 MB"' in logging
        assert 'DefaultRolloverStrategy max="3"' in logging

    def test_it_starts_under_a_directory_whose_name_has_blanks_and_foreign_letters(self, tmp_path: Path) -> None:
        node = embedded_kafka(tmp_path / "mein Flugbuch é飛 ${sys:x} & <co>")
        try:
            node.start()
            assert node.is_ready()
            assert node.log.is_file()
        finally:
            node.kill()


@pytest.mark.parametrize("port", [0, 65_535])
def test_a_port_that_kafka_cannot_use_is_refused(port: int, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the next one"):
        EmbeddedKafka(Settings(home=tmp_path, broker_port=port))


def test_a_directory_that_kafka_would_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="comma"):
        EmbeddedKafka(Settings(home=tmp_path / "a,b"))


def test_a_command_before_preparation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="not prepared"):
        EmbeddedKafka(replace(Settings(home=tmp_path), broker_port=free_port_pair())).command()
