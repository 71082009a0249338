from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.topics import command
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings
from tests.support.kafka import fresh_name

_CONTRACT = Path(__file__).resolve().parents[3] / "contracts" / "avro" / "data_update"


class _Tree:
    """A root with one contract, whose topic nobody else has."""

    def __init__(self, root: Path) -> None:
        self.topic = fresh_name("topic")
        self._file = root / "contracts" / "avro" / "data_update" / "contract.toml"
        shutil.copytree(_CONTRACT, self._file.parent)
        self._text = self._file.read_text().replace("hangarstack.data.updates", self.topic)
        self.write(partitions=2)

    def write(self, *, partitions: int) -> None:
        lines = (
            f"partitions = {partitions}" if line.startswith("partitions") else line for line in self._text.splitlines()
        )
        self._file.write_text("\n".join(lines))


@pytest.fixture
def tree(tmp_path: Path) -> _Tree:
    return _Tree(tmp_path / "root")


@pytest.fixture
def settings(kafka_settings: Settings, tmp_path: Path) -> Settings:
    return replace(kafka_settings, root=tmp_path / "root")


def _run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=settings, standalone_mode=False)


def test_plan_says_what_apply_then_does_once(tree: _Tree, settings: Settings) -> None:
    planned = _run(settings, "plan").output.splitlines()
    assert planned == [
        f"create {tree.topic}: 2 partitions, 1 replica",
        f"create {tree.topic}.dlq: 1 partition, 1 replica",
        f"create {tree.topic}.dlq.quarantine: 1 partition, 1 replica",
    ]
    assert _run(settings, "apply").output.splitlines() == planned
    assert "nothing to do" in _run(settings, "apply").output
    assert "are what the contracts say" in _run(settings, "plan").output


def test_more_partitions_fail_the_check_until_they_are_asked_for(tree: _Tree, settings: Settings) -> None:
    _run(settings, "apply")
    tree.write(partitions=3)
    refused = _run(settings, "apply")
    assert isinstance(refused.exception, CheckFailedError)
    assert "--grow" in refused.exception.remedy
    assert "2 → 3 partitions" in refused.output
    grown = _run(settings, "apply", "--grow")
    assert grown.exception is None, grown.exception
    deadline = time.monotonic() + 10
    while "are what the contracts say" not in _run(settings, "plan").output:
        assert time.monotonic() < deadline


def test_json_is_for_programs(tree: _Tree, settings: Settings) -> None:
    planned = json.loads(_run(settings, "plan", "--json").output)
    names = [f"{tree.topic}{suffix}" for suffix in ("", ".dlq", ".dlq.quarantine")]
    assert [spec["name"] for spec in planned["create"]] == names
    assert planned["configure"] == planned["grow"] == planned["keep"] == []


def test_the_memory_broker_needs_no_plan(tree: _Tree, memory_settings: Settings, settings: Settings) -> None:
    assert tree.topic
    on_memory = replace(memory_settings, root=settings.root)
    assert "are what the contracts say" in _run(on_memory, "plan").output
    assert "nothing to do" in _run(on_memory, "apply").output
