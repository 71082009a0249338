"""Records that Avro Java 1.12.2 resolved, against the generated decode: the file may hold any number of cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hangarstack.errors import ResolutionError
from tests.support.generated import generated

_VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "avro_resolution.json").read_text()
)


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_the_generated_decode_resolves_as_avro_java_does(vector: dict[str, Any]) -> None:
    with generated(vector["writer"], vector["reader"]) as codec:
        for case in vector["cases"]:
            datum = bytes.fromhex(case["datum"])
            if "error" in case:
                with pytest.raises(ResolutionError):
                    codec.decode(1, datum)
            else:
                assert codec.encode(codec.decode(1, datum)).hex() == case["resolved"]
