from __future__ import annotations

import os
import subprocess
import sys

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
    test = "tests/unit/test_errors.py"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        env={**os.environ, VARIABLE: "registry,kafak"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{VARIABLE} names no part: kafak" in run.stderr
    assert "passed" not in run.stdout
