from __future__ import annotations

from dataclasses import replace

import pytest

from hangarstack.errors import HangarStackError, SettingsError
from hangarstack.settings import Settings, load
from hangarstack.supervisor.up import _require_ports
from tests.support.ports import free_port


def _settings() -> Settings:
    return replace(load({}), http_port=free_port(), registry_port=free_port(), broker_port=free_port())


def test_two_parts_on_one_port_are_refused_before_anything_starts() -> None:
    settings = _settings()
    with pytest.raises(SettingsError, match="the port of the registry is the one of the web app, too"):
        _require_ports(replace(settings, registry_port=settings.http_port), memory=True)


def test_kafkas_controller_takes_the_next_port() -> None:
    settings = _settings()
    with pytest.raises(SettingsError, match="Kafka"):
        _require_ports(replace(settings, registry_port=settings.broker_port + 1), memory=False)


def test_the_page_needs_a_certain_port() -> None:
    with pytest.raises(SettingsError, match="must be a certain one, not 0"):
        _require_ports(replace(_settings(), http_port=0), memory=True)


def test_an_address_that_is_not_ours_is_not_taken_for_a_taken_port() -> None:
    with pytest.raises(HangarStackError, match="Mend the address"):
        _require_ports(replace(_settings(), http_host="192.0.2.1"), memory=True)
