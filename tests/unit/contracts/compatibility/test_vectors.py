from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hangarstack.contracts.compatibility import check_reader_writer
from hangarstack.errors import InvalidSchemaError

_FILE = Path(__file__).resolve().parents[3] / "vectors" / "avro_compatibility.json"


def test_every_judged_evolution_gets_the_verdict_of_avro_java() -> None:
    cases = json.loads(_FILE.read_text(encoding="utf-8"))
    wrong = [
        f"{case['name']}: Avro Java says {expected}, we say {found}"
        for case in cases
        for expected, found in [(_expected(case), _verdict(case["reader"], case["writer"]))]
        if expected != found
    ]
    assert cases
    assert not wrong, f"{len(wrong)} of {len(cases)}: " + "\n".join(wrong[:10])


def _expected(case: dict[str, Any]) -> str:
    judged = str(case["java"])
    if judged.startswith("PARSE"):
        return judged
    # A field that matches two is refused by the checker, not by the parser; it is the reader's field.
    return "PARSE-R" if judged == "THROW" else str(case["detail"])


def _verdict(reader: object, writer: object) -> str:
    try:
        verdict = check_reader_writer(reader, writer)
    except InvalidSchemaError as error:
        return {"reader": "PARSE-R", "writer": "PARSE-W"}[error.where.partition("#")[0]]
    places = ", ".join(f"{found.type}@{found.path}" for found in verdict.incompatibilities)
    return f"{'COMPATIBLE' if verdict.compatible else 'INCOMPATIBLE'} [{places}]"
