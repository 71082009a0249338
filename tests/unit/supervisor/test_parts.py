from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hangarstack.consumers.services import SERVICES as IMPLEMENTED
from hangarstack.settings import load
from hangarstack.supervisor.parts import PROBED, SERVICES, probed_part, registry_part, web_part


def test_every_service_that_exists_is_run() -> None:
    assert set(SERVICES) == set(IMPLEMENTED)


def test_a_part_gets_exactly_the_settings_of_the_platform() -> None:
    settings = load({"HANGARSTACK_HTTP_PORT": "9001", "HANGARSTACK_SASL_PASSWORD": "hunter2"})
    spec = web_part(settings)
    assert load(spec.environment) == settings
    assert "hunter2" not in " ".join(spec.command)


def test_a_service_that_is_killed_has_its_partitions_back_at_once(tmp_path: Path) -> None:
    settings = replace(load({}), home=tmp_path)
    member = load(probed_part(settings, "popularity").environment).group_instance_id
    assert member.startswith("up-")
    assert member == load(probed_part(settings, "popularity").environment).group_instance_id
    elsewhere = replace(settings, home=tmp_path / "elsewhere")
    assert member != load(probed_part(elsewhere, "popularity").environment).group_instance_id


@pytest.mark.parametrize("changed", [{"broker": "memory"}, {"group_protocol": "consumer"}])
def test_members_are_dynamic_where_a_killed_one_would_keep_its_id(changed: dict[str, Any]) -> None:
    settings = replace(load({}), **changed)
    assert load(probed_part(settings, "popularity").environment).group_instance_id == ""


def test_parts_have_a_port_for_their_metrics_each() -> None:
    ports = [load(probed_part(replace(load({}), probe_port=9100), name).environment).probe_port for name in PROBED]
    assert ports == [9100, 9101, 9102, 9103, 9104, 9105]
    assert {load(probed_part(load({}), name).environment).probe_port for name in PROBED} == {0}


def test_a_part_has_time_to_drain_before_it_is_killed() -> None:
    settings = replace(load({}), drain_s=7.0)
    assert all(
        spec.grace_s > 7.0 for spec in (web_part(settings), registry_part(settings), probed_part(settings, "relay"))
    )
