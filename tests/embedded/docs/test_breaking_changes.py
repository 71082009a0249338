from __future__ import annotations

import importlib
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hangarstack.events.runtime.wire import frame
from hangarstack.registry.client import RegistryAdmin
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder
from hangarstack.settings import load
from tests.support.ports import free_port
from tests.support.tutorial import Reader, blocks

_ROOT: Final = Path(__file__).parents[3]
_OLD: Final = b"".join(
    (bytes([72]), b"019a0000-0000-7000-8000-000000000001", b"\0", b"\10roof", struct.pack("<d", -3.5), b"\0")
)
"""A reading of version 1: -3.5 °C on the roof, in 1970, without a battery."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, from which a package can be imported."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def test_the_guide_to_breaking_changes_works_and_old_records_are_lifted(shop: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "HANGARSTACK_REGISTRY_PORT": str(free_port()),
    }
    with Reader(shop, environment) as reader:
        for block in blocks((_ROOT / "docs" / "breaking-changes.md").read_text(encoding="utf-8")):
            reader.read(block)
        settings = load(environment)
        assert list(RegistryAdmin(settings).versions("sensors.readings-value")) == [2]
        decoder = EventDecoder([importlib.import_module("shop.events").SENSOR_READING], SchemaIds(settings))
        reading = decoder.decode("sensors.readings", frame(1, _OLD))  # the registry's first id
    assert (reading.sensor_id, reading.millikelvin, reading.battery_percent) == ("roof", 269650, None)
