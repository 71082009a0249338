from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from hangarstack.errors import DecodeError, ResolutionError
from hangarstack.events.runtime import Codec
from tests.support.avro_java import SEED, AvroJava
from tests.support.generated import generated
from tests.support.random_bodies import bodies
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

Json = Any
_PROGRAM: Final = Path(__file__).parents[2] / "support" / "java" / "Resolve.java"
_MOST: Final = 1000
_BATCH: Final = 250
_LONGEST_S: Final = 8.0
_RECORDS: Final = 4

_NOT_HELD: Final = ("so far away", "within the years", "within a day")
"""Dates and times that Java keeps as numbers, and Python's types do not hold."""

_JAVA_ALONE: Final = "Collection claims"
"""Avro Java 1.12.2 refuses an array whose items were written in fewer bytes than the reader's type takes at least: it
measures what is left with the reader's schema. The records are sound, so we read them."""


@pytest.fixture(scope="module")
def class_path(avro_java: AvroJava, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the compiled program and Avro Java are."""
    classes = tmp_path_factory.mktemp("resolve")
    jars = avro_java._class_path
    command = ["javac", "-cp", jars, "-d", str(classes), str(_PROGRAM)]
    subprocess.run(command, check=True, timeout=60)
    return os.pathsep.join((str(classes), jars))


def _questions(first: int) -> Iterator[tuple[Json, Json, list[bytes]]]:
    for number in range(_MOST):
        rng = random.Random(first + number)
        made = RandomSchemas(rng)
        old = made.record()
        new = evolved(made, old)
        writer, reader = (old, new) if rng.random() < 0.7 else (new, old)
        try:
            yield writer, reader, bodies(rng, writer, _RECORDS)
        except (RecursionError, ValueError):  # nothing can be written with that schema
            continue


def _ask(class_path: str, batch: list[tuple[Json, Json, list[bytes]]]) -> list[list[str]]:
    lines = [
        json.dumps({"writer": writer, "reader": reader, "data": [datum.hex() for datum in data]})
        for writer, reader, data in batch
    ]
    done = subprocess.run(
        ["java", "-Xss64m", "-Xmx512m", "-cp", class_path, "Resolve"],  # noqa: S607 # the JDK's on PATH
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _ours(codec: Codec[Any], datum: bytes) -> str:
    try:
        return codec.encode(codec.decode(1, datum)).hex()
    except ResolutionError as error:
        return f"error {error}"
    except DecodeError as error:
        return f"damaged {error}"


def _verdict(ours: str, theirs: str) -> str:
    if any(words in ours for words in _NOT_HELD):
        return "not held"
    if _JAVA_ALONE in theirs:
        return "java alone"
    if theirs.startswith("error"):
        return "refused" if ours.startswith("error") else "DIFFERENT"
    return "resolved" if ours == theirs else "DIFFERENT"


@pytest.mark.timeout(120)
def test_random_evolutions_are_resolved_as_avro_java_resolves_them(class_path: str) -> None:
    """Bounded by time as well as by number, for a machine that is busy."""
    deadline, counts = time.monotonic() + _LONGEST_S, Counter[str]()
    source = _questions(SEED)
    while time.monotonic() < deadline:
        batch = [question for question, _ in zip(source, range(_BATCH), strict=False)]
        if not batch:
            break
        for (writer, reader, data), answers in zip(batch, _ask(class_path, batch), strict=True):
            with generated(writer, reader) as codec:
                for datum, theirs in zip(data, answers, strict=True):
                    ours = _ours(codec, datum)
                    verdict = _verdict(ours, theirs)
                    counts[verdict] += 1
                    assert verdict != "DIFFERENT", (
                        f"HANGARSTACK_TEST_SEED={SEED}\nwriter {json.dumps(writer)}\nreader {json.dumps(reader)}\n"
                        f"datum {datum.hex()}\nAvro Java {theirs}\nours      {ours}"
                    )
    assert counts["resolved"] > 200
    assert counts["refused"] > 50
