from __future__ import annotations

import json
import random
import time
from collections import Counter
from itertools import islice
from typing import Final

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.schema import parse_schema, to_text
from hangarstack.errors import InvalidSchemaError
from tests.support.avro_java import SEED, AvroJava
from tests.support.evolutions import cases

_MOST: Final = 4000
_LONGEST_S: Final = 8.0
_BATCH: Final = 1500
_REFUSALS: Final = {"PARSE-R", "PARSE-W", "THROW"}


def _ours(reader_text: str, writer_text: str | None) -> str:
    try:
        reader = parse_schema(json.loads(reader_text), side="reader")
    except InvalidSchemaError:
        return "PARSE-R"
    if writer_text is None:
        return f"OK {to_text(reader)}".replace("\n", " ").replace("\r", " ")
    try:
        writer = parse_schema(json.loads(writer_text), side="writer")
    except InvalidSchemaError:
        return "PARSE-W"
    try:
        verdict = check(reader, writer)
    except InvalidSchemaError:
        return "THROW"
    found = ";; ".join(f"{each.type}@{each.path}|{each.message}" for each in verdict.incompatibilities)
    return f"{'COMPATIBLE' if verdict.compatible else 'INCOMPATIBLE'} [{found}]"


def test_every_verdict_on_fresh_random_evolutions_is_that_of_avro_java(avro_java: AvroJava) -> None:
    """Bounded by time as well as by number, for a machine that is busy."""
    source, deadline = cases(random.Random(SEED), _MOST), time.monotonic() + _LONGEST_S
    answers: Counter[str] = Counter()
    while time.monotonic() < deadline and (batch := list(islice(source, _BATCH))):
        theirs = avro_java.judge([reader if writer is None else f"{reader}\t{writer}" for reader, writer in batch])
        for (reader, writer), expected in zip(batch, theirs, strict=True):
            kind = expected.partition(" ")[0]
            answers[kind] += 1
            wanted = kind if kind in _REFUSALS else expected
            ours = _ours(reader, writer).encode(errors="replace").decode()
            assert ours == wanted, (
                f"HANGARSTACK_TEST_SEED={SEED}\nreader {reader}\nwriter {writer}\n"
                f"Avro Java: {expected}\nours:      {ours}"
            )
    # A run whose answers are all alike would prove nothing.
    assert answers.keys() >= {"OK", "COMPATIBLE", "INCOMPATIBLE", "PARSE-R", "PARSE-W"}, answers


def test_avro_java_takes_text_for_the_default_of_a_floating_point_number_and_reads_the_number(
    avro_java: AvroJava,
) -> None:
    def reader(type_: str, default: str) -> str:
        fields = [{"name": "n", "type": type_, "default": default}]
        return json.dumps({"type": "record", "name": "R", "fields": fields})

    taken = [reader(type_, default) for type_ in ("float", "double") for default in ("1.5", "1e3", "NaN", " 2 ")]
    refused = [reader("double", "x"), reader("int", "1"), reader("long", "1")]
    answers = avro_java.judge([*taken, *refused])
    assert [answer.partition(" ")[0] for answer in answers] == ["OK"] * len(taken) + ["PARSE-R"] * len(refused)
    assert '"default":1.5' in answers[0]
