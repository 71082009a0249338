"""Avro Java as a judge: its jars fetched and checked, a small program compiled against them, and the seed of a run."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from hangarstack.broker.embedded.jars import Jar, fetch
from hangarstack.errors import KafkaNotFetchedError
from tests.support.kafka import cache_dir
from tests.support.requirements import missing

SEED: Final = int(os.environ.get("HANGARSTACK_TEST_SEED") or random.SystemRandom().randrange(2**32))
"""Of what this run makes up; another one each time."""

_SOURCE: Final = Path(__file__).parent / "java" / "Oracle.java"
_JARS: Final = tuple(
    Jar(coordinate=coordinate, sha256=digest, size=size)
    for coordinate, digest, size in (
        ("org.apache.avro:avro:1.12.2", "6522e2a146b859ad158bb024dcc3b0bc826680794a2523b0881dafcbd59ce2df", 733_218),
        (
            "com.fasterxml.jackson.core:jackson-annotations:2.22",
            "21ddb598807d3a51a876704eb979d9296e1c6a6f47ab1826ff88c6d6a127a2d0",
            84_211,
        ),
        (
            "com.fasterxml.jackson.core:jackson-core:2.22.1",
            "941ff029bcdb93e83d209ce516c1a7fb8bbac07d0a2fa122f5bf194b2cd7b4f4",
            594_171,
        ),
        (
            "com.fasterxml.jackson.core:jackson-databind:2.22.1",
            "7dcd7e53bec1f56c7ad278bd1ca0840bebcc595d61ce44d6a8439abb75b965b2",
            1_706_404,
        ),
        ("org.slf4j:slf4j-api:2.0.18", "44508fd1576500688c790b190acdd16fec4f8c79a3e0b900afd70503cf055f55", 69_982),
    )
)
_TIMEOUT_S: Final = 60


class AvroJava:
    """Avro Java, running once for each batch of questions.

    Args:
        class_path: its jars and the program.
    """

    def __init__(self, class_path: str) -> None:
        self._class_path = class_path

    def judge(self, lines: Sequence[str]) -> list[str]:
        """Return the answer to each line; see ``Oracle.java``."""
        done = subprocess.run(
            ["java", "-Xss64m", "-Xmx512m", "-cp", self._class_path, "Oracle"],  # noqa: S607 - the JDK's on PATH
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=_TIMEOUT_S,
        )
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(lines), done.stderr
        return answers


def pytest_report_header() -> str:
    """Tell the seed of this run, so that it can be run again."""
    return f"random evolutions: HANGARSTACK_TEST_SEED={SEED}"


@pytest.fixture(scope="session")
def avro_java(tmp_path_factory: pytest.TempPathFactory) -> AvroJava:
    """Avro Java 1.12.2; needs a JDK, and the network once."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        missing("jdk", "there is no javac on PATH")
    try:
        jars = fetch(cache_dir() / "avro-java", lock=_JARS)
    except KafkaNotFetchedError:
        missing("jdk", "the jars of Avro Java cannot be fetched")
    classes = tmp_path_factory.mktemp("oracle")
    class_path = os.pathsep.join(map(str, [*jars, classes]))
    command = ["javac", "-cp", class_path, "-d", str(classes), str(_SOURCE)]
    compiled = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    assert compiled.returncode == 0, compiled.stderr
    return AvroJava(class_path)
