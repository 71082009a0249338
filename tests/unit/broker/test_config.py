from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from hangarstack.broker.config import client_config, consumer_config, producer_config
from hangarstack.broker.embedded.announcing import announced
from hangarstack.errors import BrokerUnavailableError, SettingsError
from hangarstack.settings import Secret, Settings

_CLOUD: dict[str, Any] = {
    "bootstrap_servers": "pkc.example:9092",
    "security_protocol": "SASL_SSL",
    "sasl_username": "key",
    "sasl_password": Secret("hunter2"),
}


def test_without_an_address_clients_connect_to_the_embedded_broker() -> None:
    assert client_config(Settings(broker_port=23456))["bootstrap.servers"] == "127.0.0.1:23456"


def test_plaintext_settings_ask_for_no_security() -> None:
    config = client_config(Settings(bootstrap_servers="somewhere:9092", sasl_username="ignored"))
    assert not [key for key in config if key.startswith(("sasl.", "ssl.", "security."))]


def test_confluent_cloud_needs_address_protocol_key_and_secret_alone() -> None:
    config = client_config(Settings(**_CLOUD))
    assert config["bootstrap.servers"] == "pkc.example:9092"
    assert config["security.protocol"] == "SASL_SSL"
    assert config["sasl.mechanism"] == "PLAIN"
    assert config["sasl.username"] == "key"
    assert config["sasl.password"] == "hunter2"
    assert type(config["sasl.password"]) is str
    assert "ssl.ca.location" not in config


def test_tls_without_sasl_sends_no_credentials(tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    authorities.write_text("")
    config = client_config(Settings(bootstrap_servers="a:1", security_protocol="SSL", ssl_ca=str(authorities)))
    assert config["ssl.ca.location"] == str(authorities)
    assert "sasl.username" not in config


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bootstrap_servers": ""}, "no cluster to use it with"),
        ({"sasl_username": ""}, "user or the password is missing"),
        ({"sasl_password": Secret("")}, "user or the password is missing"),
        ({"ssl_ca": "/nowhere/ca.pem"}, "names no file"),
    ],
)
def test_security_settings_that_do_not_fit_are_refused_without_showing_the_secret(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        client_config(Settings(**{**_CLOUD, **change}))
    assert "hunter2" not in str(refused.value)
    assert refused.value.remedy


def test_a_producer_is_idempotent_compresses_and_never_gives_up() -> None:
    config = producer_config(Settings(compression="zstd"), "web")
    assert config["enable.idempotence"] is True
    assert config["acks"] == "all"
    assert config["compression.type"] == "zstd"
    assert config["delivery.timeout.ms"] == 0
    assert config["linger.ms"] <= 10


def test_a_consumer_keeps_its_offsets_itself_and_starts_at_the_beginning() -> None:
    config = consumer_config(Settings(), "group", "client")
    assert config["enable.auto.commit"] is False
    assert config["enable.auto.offset.store"] is False
    assert config["auto.offset.reset"] == "earliest"
    assert config["fetch.queue.backoff.ms"] == 5


def test_a_classic_member_is_cooperative_and_missed_within_the_session() -> None:
    config = consumer_config(Settings(session_timeout_ms=6000), "group", "client")
    assert config["partition.assignment.strategy"] == "cooperative-sticky"
    assert config["session.timeout.ms"] == 6000
    assert config["heartbeat.interval.ms"] == 500


def test_the_newer_protocol_leaves_sessions_and_assignment_to_the_broker() -> None:
    config = consumer_config(Settings(group_protocol="consumer"), "group", "client")
    assert config["group.protocol"] == "consumer"
    assert not {"session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"} & set(config)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_the_memory_broker_gets_the_one_assignor_that_works_there(protocol: str) -> None:
    config = consumer_config(
        Settings(broker="memory", bootstrap_servers="localhost:1", group_protocol=protocol), "group", "client"
    )
    assert config["group.protocol"] == "classic"
    assert config["partition.assignment.strategy"] == "range"
    assert config["fetch.wait.max.ms"] <= 50


@pytest.mark.parametrize("session_ms", [1_000, 6_000, 3_600_000])
@pytest.mark.parametrize("protocol", ["classic", "consumer"])
@pytest.mark.parametrize("broker", ["kafka", "memory"])
def test_librdkafka_takes_every_configuration(session_ms: int, protocol: str, broker: str) -> None:
    settings = Settings(**_CLOUD, broker=broker, session_timeout_ms=session_ms, group_protocol=protocol)
    Consumer(_quiet(consumer_config(settings, "group", "client", instance_id="one"))).close()
    Producer(_quiet(producer_config(settings, "client")))


def test_a_member_is_static_only_when_asked() -> None:
    assert "group.instance.id" not in consumer_config(Settings(), "group", "client")
    assert consumer_config(Settings(), "group", "client", instance_id="one")["group.instance.id"] == "one"


def _quiet(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "bootstrap.servers": "127.0.0.1:1", "log_level": 0}


def test_the_memory_broker_of_a_state_directory_is_found_while_it_runs(tmp_path: Path) -> None:
    settings = Settings(broker="memory", home=tmp_path)
    with announced(tmp_path, "localhost:1234"):
        assert client_config(settings)["bootstrap.servers"] == "localhost:1234"
        given = replace(settings, bootstrap_servers="elsewhere:1")
        assert client_config(given)["bootstrap.servers"] == "elsewhere:1"
    with pytest.raises(BrokerUnavailableError, match="up --broker memory"):
        client_config(settings)


@pytest.mark.parametrize(
    "of", [client_config, lambda s: producer_config(s, "p"), lambda s: consumer_config(s, "g", "c")]
)
def test_every_client_begins_with_the_bootstrap_servers_again_after_half_a_minute_without_metadata(of: Any) -> None:
    assert of(Settings())["metadata.recovery.rebootstrap.trigger.ms"] == 30_000
