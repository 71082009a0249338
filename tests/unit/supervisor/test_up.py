from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.errors import HangarStackError, PlatformError, SettingsError
from hangarstack.settings import Settings, load
from hangarstack.supervisor.up import _require_ports, up
from tests.support.ports import free_port


def _settings() -> Settings:
    return replace(load({}), http_port=free_port(), registry_port=free_port(), broker_port=free_port_pair())


def test_two_parts_on_one_port_are_refused_before_anything_starts() -> None:
    settings = _settings()
    with pytest.raises(SettingsError, match="the port of the registry is the one of the web app, too"):
        _require_ports(replace(settings, registry_port=settings.http_port), bare=False)


def test_kafkas_controller_takes_the_next_port() -> None:
    settings = _settings()
    with pytest.raises(SettingsError, match="Kafka"):
        _require_ports(replace(settings, registry_port=settings.broker_port + 1), bare=False)


def test_a_tree_without_aircraft_is_told_of_bare(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="--bare"):
        up(replace(_settings(), home=tmp_path, root=tmp_path), bare=False, console=Console(quiet=True))


def test_without_a_page_its_port_does_not_matter() -> None:
    _require_ports(replace(_settings(), http_port=0), bare=True)


def test_the_page_needs_a_certain_port() -> None:
    with pytest.raises(SettingsError, match="must be a certain one, not 0"):
        _require_ports(replace(_settings(), http_port=0), bare=False)


def test_ports_of_metrics_are_looked_at_too() -> None:
    settings = _settings()
    with pytest.raises(SettingsError, match="the port of the metrics of journeys is the one of the web app, too"):
        _require_ports(replace(settings, probe_port=settings.http_port - 2), bare=False)
    with pytest.raises(SettingsError, match="would be 65536"):
        _require_ports(replace(settings, probe_port=65_535), bare=False)


def test_an_address_that_is_not_ours_is_not_taken_for_a_taken_port() -> None:
    with pytest.raises(HangarStackError, match="Mend the address"):
        _require_ports(replace(_settings(), http_host="192.0.2.1"), bare=False)
