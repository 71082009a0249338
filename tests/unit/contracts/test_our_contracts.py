"""The contracts of this repository keep to what the platform asks of any."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from hangarstack.contracts.check import check_tree
from hangarstack.contracts.impact import read_by
from hangarstack.contracts.lint import lint
from hangarstack.contracts.lock import unreleased, verify_lock
from hangarstack.contracts.migrations.steps import check_steps, load_steps
from hangarstack.contracts.model import Contract, Example, Version
from hangarstack.contracts.tree import load_tree

_ROOT = Path(__file__).resolve().parents[3]
_TREE = load_tree(_ROOT)
_EXAMPLES = [
    pytest.param(contract, version, example, id=f"{contract.name}-v{version.number}-{example.name}")
    for contract in _TREE.contracts
    for version in contract.versions
    for example in version.examples
]


def test_the_five_events_are_there_with_their_topics_and_keys() -> None:
    assert {contract.name: (contract.topic, contract.key) for contract in _TREE.contracts} == {
        "AircraftView": ("hangarstack.aircraft.views", "aircraft_id"),
        "UserActivity": ("hangarstack.user.activity", "session_id"),
        "SearchQuery": ("hangarstack.search.queries", "session_id"),
        "DataUpdate": ("hangarstack.data.updates", "aircraft_id"),
        "SystemEvent": ("hangarstack.system.events", "component"),
    }


def test_they_break_no_reader() -> None:
    assert check_tree(_TREE) == ()


def test_every_version_is_read_right_by_every_other() -> None:
    for contract in _TREE.contracts:
        for reader, writer in itertools.product(contract.versions, repeat=2):
            reading = read_by(reader, writer)
            assert not reading.possible or reading.misreadings == ()


def test_they_keep_every_lint_rule() -> None:
    assert lint(_TREE.root).findings == ()


def test_every_version_is_released_and_unchanged() -> None:
    verify_lock(_TREE)
    assert unreleased(_TREE) == []


def test_the_migrations_lead_to_them() -> None:
    check_steps(_TREE, load_steps(_ROOT))


@pytest.mark.parametrize(("contract", "version", "example"), _EXAMPLES)
def test_an_example_written_in_its_version_is_read_by_every_later_one(
    contract: Contract, version: Version, example: Example
) -> None:
    writer = _fastavro(version)
    record: Any
    (record,) = fastavro.json_reader(io.StringIO(json.dumps(example.record)), writer)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, writer, record)
    for later in contract.versions[version.number - 1 :]:
        body.seek(0)
        read: Any = fastavro.schemaless_reader(body, writer, _fastavro(later))
        assert list(read) == [field.name for field in later.schema.fields]


def _fastavro(version: Version) -> Any:
    return fastavro.parse_schema(json.loads(version.text))
