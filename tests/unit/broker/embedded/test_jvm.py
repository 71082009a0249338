from __future__ import annotations

from pathlib import Path

from hangarstack.broker.embedded.archive import ensure_archive
from hangarstack.broker.embedded.java import Java
from hangarstack.broker.embedded.jvm import Jvm
from hangarstack.broker.embedded.progress import silent

_JARS = (Path("/cache/a.jar"), Path("/cache/b.jar"))


def _jvm(major: int, archive: Path | None = None) -> Jvm:
    return Jvm(java=Java(path=Path("/bin/java"), major=major, build=f"build {major}"), jars=_JARS, archive=archive)


def test_the_command_names_java_flags_jars_main_class_and_arguments_in_that_order() -> None:
    command = _jvm(25, Path("/cache/start.aot")).command("kafka.Kafka", "server.properties", options=["-Dx=y"])
    assert command[0] == "/bin/java"
    assert command[-5:] == ["-Dx=y", "-cp", "/cache/a.jar:/cache/b.jar", "kafka.Kafka", "server.properties"]
    assert "-XX:AOTCache=/cache/start.aot" in command


def test_an_older_java_gets_no_flag_that_it_does_not_know() -> None:
    command = _jvm(17).command("kafka.Kafka")
    known = ("-Xm", "-Xs", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel", "-Djava", "-cp")
    assert all(flag.startswith(known) for flag in command[1:-2])


def test_an_older_java_starts_without_an_archive() -> None:
    assert ensure_archive(_jvm(21), silent) is None


def test_a_java_that_does_not_run_costs_the_archive_and_nothing_else(tmp_path: Path) -> None:
    jar = tmp_path / "a.jar"
    broken = Jvm(java=Java(path=tmp_path / "no-java", major=25, build="gone"), jars=(jar,))
    assert ensure_archive(broken, silent) is None
    assert list(tmp_path.iterdir()) == []
