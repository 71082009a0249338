"""Code as an earlier release had it, generated again from the contracts of that time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hangarstack.codegen import generate
from hangarstack.contracts.tree import Seen, load_contract
from hangarstack.events.runtime.codec import Codec
from tests.support.generated import imported


@contextmanager
def generated(root: Path, version: int) -> Iterator[Codec[Any]]:
    """Yield the codec of ``AircraftView`` in which this version is the newest.

    Args:
        root: the directory that holds ``contracts/``.
        version: one of its versions.
    """
    contract = load_contract(root / "contracts" / "avro" / "aircraft_view", Seen())
    files = generate([replace(contract, versions=contract.versions[:version])], f"release_{version}")
    with imported(files, f"release_{version}") as modules:
        yield modules["aircraft_view.py"].CODEC


__all__ = ["generated"]
