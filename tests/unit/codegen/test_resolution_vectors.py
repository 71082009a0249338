from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from hangarstack.errors import ResolutionError
from hangarstack.events.runtime import Codec
from tests.support.generated import generated

_VECTORS: Final = Path(__file__).parents[2] / "vectors" / "avro_resolution.json"
_PAIRS: Final = json.loads(_VECTORS.read_text("utf-8"))


def _outcome(codec: Codec[Any], datum: str) -> str:
    try:
        event = codec.decode(1, bytes.fromhex(datum))
    except ResolutionError:
        return "refused"
    return codec.encode(event).hex()


@pytest.mark.parametrize("pair", _PAIRS, ids=[pair["name"] for pair in _PAIRS])
def test_the_generated_code_resolves_as_avro_java_does(pair: dict[str, Any]) -> None:
    with generated(pair["writer"], pair["reader"]) as codec:
        for case in pair["cases"]:
            assert _outcome(codec, case["datum"]) == case.get("resolved", "refused")
