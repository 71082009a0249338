from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.requirements import VARIABLE, is_required, missing


def test_a_part_that_is_missing_skips_the_test_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "registry, kafka,")
    assert (is_required("kafka"), is_required("registry"), is_required("postgres")) == (True, True, False)
    with pytest.raises(pytest.fail.Exception, match="kafka is not there: no Java"):
        missing("kafka", "no Java")
    with pytest.raises(pytest.skip.Exception, match="postgres is not there: no wheel"):
        missing("postgres", "no wheel")


def test_a_required_part_that_is_misspelt_ends_the_run_before_its_first_test() -> None:
    run = _pytest("tests/unit/test_errors.py", **{VARIABLE: "registry,kafak"})
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{VARIABLE} names no part: kafak" in run.stderr
    assert "passed" not in run.stdout


@pytest.mark.parametrize(
    ("fixture", "variable", "named"),
    [
        ("kafka", "BOOTSTRAP_SERVERS", "127.0.0.1:1, 127.0.0.1:2"),
        ("postgres", "DATABASE_URL", "postgres://bob:hunter2@127.0.0.1:1/x"),
        ("postgres", "DATABASE_URL", "postgresql://127.0.0.1:1/x?password=hunter2"),
        ("postgres", "DATABASE_URL", "mysql://bob:hunter2@127.0.0.1:1/x"),
        ("postgres", "DATABASE_URL", "bob:hunter2@127.0.0.1"),
        ("second_registry", "REGISTRY_URL", "http://bob:hunter2@127.0.0.1:1"),
        ("second_registry", "REGISTRY_URL", "bob:hunter2@127.0.0.1:1"),
    ],
)
def test_a_server_that_is_named_and_cannot_be_used_fails_the_test_without_showing_its_password(
    fixture: str, variable: str, named: str, tmp_path: Path
) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(f"def test_it({fixture}): pass")
    plugin = {"postgres": "stores"}.get(fixture, fixture)
    run = _pytest("-p", f"tests.support.{plugin}", str(test), **{f"HANGARSTACK_TEST_{variable}": named, VARIABLE: ""})
    said = run.stdout + run.stderr
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, said
    assert f"HANGARSTACK_TEST_{variable} names a server that cannot be used: " in said
    assert "hunter2" not in said
    assert " passed" not in said


def _pytest(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
