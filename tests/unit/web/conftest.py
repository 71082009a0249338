"""The app on fakes, with a handful of real aircraft."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hangarstack.web.app import create_app
from tests.unit.web.fakes import World, build_world

AIRCRAFT = ("boeing-737-800", "f-16-fighting-falcon", "sukhoi-su-27", "mikoyan-mig-29", "robinson-r44")


@pytest.fixture
def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    # Compiled templates are shared, which halves the time of these tests.
    shared = tmp_path_factory.getbasetemp() / "web-cache"
    shared.mkdir(exist_ok=True)
    (tmp_path / "cache").symlink_to(shared)
    return build_world(tmp_path, AIRCRAFT)


@pytest.fixture
def app(world: World) -> Flask:
    app = create_app(world.settings, deps=world.deps)
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
