"""What the commands that run until they are stopped write to standard error, from their first line to their last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hangarstack.settings import Settings
from hangarstack.supervisor.prepare import prepare_stores
from tests.support.consumer_runs import wait_until

_NOBODY = {"HANGARSTACK_BOOTSTRAP_SERVERS": "127.0.0.1:9", "HANGARSTACK_REGISTRY_URL": "http://127.0.0.1:9"}
"""What the clients have to say of an outage is to be said in the same form."""
_SOON_S = 30.0
_MORE_S = 1.0


def _start(home: Path, command: str, **settings: str) -> subprocess.Popen[bytes]:
    ports = {"HANGARSTACK_HTTP_PORT": "0", "HANGARSTACK_REGISTRY_PORT": "0"}
    own = {"HANGARSTACK_HOME": str(home), "HANGARSTACK_LOG_FORMAT": "json", **_NOBODY, **ports, **settings}
    with (home / "errors").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "hangarstack", *command.split()],
            env={**os.environ, **own},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )


def _lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "errors").read_text().splitlines()]


def _speaks(home: Path) -> bool:
    return (home / "errors").stat().st_size > 0


@pytest.mark.parametrize("command", ["web", "consume journeys", "relay", "registry serve"])
def test_every_line_of_a_command_is_json_where_logs_are(tmp_path: Path, command: str) -> None:
    prepare_stores(Settings(home=tmp_path))
    with _start(tmp_path, command) as process:
        wait_until(lambda: _speaks(tmp_path), "a line", _SOON_S)
        time.sleep(_MORE_S)
        process.terminate()
        assert process.wait(timeout=20) == 0
    lines = _lines(tmp_path)
    component = command.split()[-1] if command.startswith("consume") else command.split()[0]
    assert {line["component"] for line in lines} == {component}


def test_the_line_that_ends_a_command_is_json_too(tmp_path: Path) -> None:
    with _start(tmp_path, "registry serve", HANGARSTACK_REGISTRY_HOST="300.1.1.1") as process:
        assert process.wait(timeout=20) == 2
    (line,) = _lines(tmp_path)
    assert line["level"] == "critical"
    assert "the registry cannot listen" in line["event"]
    assert "HANGARSTACK_REGISTRY_PORT" in line["event"]


def test_people_get_the_one_line_that_every_command_ends_with(tmp_path: Path) -> None:
    own = {"HANGARSTACK_REGISTRY_HOST": "300.1.1.1", "HANGARSTACK_LOG_FORMAT": "text"}
    with _start(tmp_path, "registry serve", **own) as process:
        process.wait(timeout=20)
    assert (tmp_path / "errors").read_text().startswith("hangarstack: 300.1.1.1:")
