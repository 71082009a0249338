from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import specs_from
from hangarstack.broker.topics import ensure
from hangarstack.cli.contracts import command as contracts
from hangarstack.cli.doctor import command
from hangarstack.cli.migrate import command as migrate
from hangarstack.cli.topics import command as topics
from hangarstack.contracts.tree import load_tree
from hangarstack.doctor.checks import CHECKS
from hangarstack.doctor.examination import Finding, examine
from hangarstack.errors import CheckFailedError
from hangarstack.events import CODECS
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Secret, Settings
from tests.support.kafka import Kafka
from tests.support.registry import running


@contextmanager
def _platform(settings: Settings) -> Iterator[Settings]:
    """The contracts' topics on a broker, and a registry with their schemas."""
    ensure(settings, specs_from(load_tree(settings.root).contracts, settings))
    with running(settings) as registry:
        admin = RegistryAdmin(registry.settings)
        for codec in CODECS:
            for text in codec.versions.values():
                admin.register(codec.subject, text)
        yield registry.settings


@pytest.fixture(scope="module")
def platform(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with _platform(kafka.settings(tmp_path_factory.mktemp("doctor"))) as settings:
        yield settings


def test_on_a_healthy_platform_all_five_checks_pass(platform: Settings) -> None:
    findings = list(examine(platform, CHECKS))
    assert [finding.check for finding in findings] == ["connection", "producer", "consumer", "registry", "end to end"]
    assert all(finding.ok for finding in findings), findings
    assert all(finding.seconds < 10 for finding in findings)


def test_all_five_checks_pass_over_sasl_ssl_and_show_no_secret(secured_settings: Settings, tmp_path: Path) -> None:
    with _platform(replace(secured_settings, home=tmp_path)) as settings:
        findings = list(examine(settings, CHECKS))
    assert all(finding.ok for finding in findings), findings
    assert "SASL_SSL" in findings[0].detail
    assert not [finding for finding in findings if settings.sasl_password.reveal() in finding.detail]


def test_a_wrong_password_is_the_connections_finding(secured_settings: Settings) -> None:
    found = _examined(replace(secured_settings, sasl_password=Secret("hunter2")))
    assert "refuses the credentials" in found["connection"].detail
    assert "HANGARSTACK_SASL_PASSWORD" in found["connection"].remedy
    assert "hunter2" not in repr(found)


def test_the_doctor_can_come_again_and_leaves_no_state_behind(platform: Settings) -> None:
    before = _files(platform.home)
    findings = list(examine(platform, CHECKS))
    assert all(finding.ok for finding in findings), findings
    assert {path for path in _files(platform.home) - before if "cache" not in path.parts} == set()


def test_without_a_broker_three_checks_fail_quickly_and_say_what_to_do(platform: Settings) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        began = time.monotonic()
        found = _examined(replace(platform, bootstrap_servers=f"127.0.0.1:{held.getsockname()[1]}"))
    assert time.monotonic() - began < 10
    assert [name for name, finding in found.items() if finding.ok] == ["registry"]
    assert "Connection refused" in found["connection"].detail
    assert "HANGARSTACK_BOOTSTRAP_SERVERS" in found["connection"].remedy
    assert "not tried" in found["end to end"].detail


def test_without_a_registry_its_check_and_the_way_end_to_end_fail(platform: Settings, tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        found = _examined(replace(platform, registry_url=url, home=tmp_path, registry_timeout_s=1.0))
    assert [name for name, finding in found.items() if finding.ok] == ["connection", "consumer"]
    assert found["end to end"].detail == "not tried, because the producer check failed"
    assert all(finding.seconds < 10 for finding in found.values())
    assert url in found["registry"].detail


def test_a_schema_that_is_not_registered_is_named_with_the_command_that_registers_it(
    platform: Settings, tmp_path: Path
) -> None:
    with running(replace(platform, home=tmp_path)) as empty:
        found = _examined(empty.settings)
    assert "hangarstack.system.events-value" in found["registry"].detail
    assert "migrate apply" in found["registry"].remedy


def test_missing_topics_are_named_with_the_command_that_makes_them(
    platform: Settings, own_kafka: EmbeddedKafka
) -> None:
    found = _examined(replace(platform, bootstrap_servers=own_kafka.bootstrap_servers))
    assert [name for name, finding in found.items() if finding.ok] == ["connection", "registry"]
    assert "hangarstack.data.updates.dlq" in found["producer"].detail
    assert "topics apply" in found["producer"].remedy
    assert all(finding.seconds < 10 for finding in found.values())


def test_the_command_prints_each_check_and_ends_with_one_when_any_fails(platform: Settings) -> None:
    healthy = CliRunner().invoke(command, [], obj=platform, standalone_mode=False)
    assert healthy.exception is None
    assert healthy.output.count("✅") == 5
    ill = CliRunner().invoke(
        command, [], obj=replace(platform, registry_url="http://127.0.0.1:1"), standalone_mode=False
    )
    assert isinstance(ill.exception, CheckFailedError)
    assert ill.exception.exit_code == 1
    assert "❌ registry" in ill.output
    assert "→" in ill.output


def test_the_command_prints_json_for_programs(platform: Settings) -> None:
    result = CliRunner().invoke(command, ["--json"], obj=platform, standalone_mode=False)
    answer = json.loads(result.output)
    assert answer["ok"] is True
    assert [check["check"] for check in answer["checks"]] == [check.name for check in CHECKS]


def _examined(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(settings, CHECKS)}


def _files(home: Path) -> set[Path]:
    return {path.relative_to(home) for path in home.rglob("*") if path.is_file()}


def test_a_tree_of_somebody_else_is_judged_by_its_own_topics_and_schemas(platform: Settings, tmp_path: Path) -> None:
    theirs = replace(platform, root=tmp_path)
    assert CliRunner().invoke(contracts, ["init", str(tmp_path), "--no-ci"], obj=theirs).exit_code == 0
    tree = load_tree(tmp_path)
    root = ["--root", str(tmp_path)]
    ill = CliRunner().invoke(command, ["--json", *root], obj=platform)
    found = {each["check"]: each for each in json.loads(ill.stdout)["checks"]}
    assert {name: each["ok"] for name, each in found.items()} == {
        "connection": True,
        "topics": False,
        "consumer": False,
        "registry": False,
        "end to end": True,
    }
    assert tree.contracts[0].topic in found["topics"]["detail"]
    assert found["topics"]["remedy"] == f"Run `hangarstack topics apply --root {tmp_path}`"
    assert f"`hangarstack migrate apply --root {tmp_path}`" in found["registry"]["remedy"]
    # What it advises is done, as it says.
    for group, line in ((topics, ["apply", *root]), (migrate, ["apply", *root])):
        done = CliRunner().invoke(group, line, obj=platform)
        assert done.exit_code == 0, done.output
    well = CliRunner().invoke(command, root, obj=platform)
    assert well.exit_code == 0, well.output
    assert f"of {tree.contracts[0].topic}" in well.output
    assert "1 of 1 newest released schemas are registered" in well.output
    assert "⚪ end to end  not tried: it would write an event" in well.output
