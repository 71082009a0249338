"""How long a check may take: of a large tree, of one contract, of what was never meant to be a contract."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, HEADER, make_tree, ping

CONTRACTS, VERSIONS = 200, 20
ENUM = {"type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "A", "B"], "default": "UNKNOWN", "doc": "Kinds."}
ODD: list[dict[str, Any]] = [
    {"name": "kind", "type": ENUM, "doc": "Its kind."},
    {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "Tags."},
    {"name": "device", "type": ["null", {"type": "record", "name": "Device", "fields": HEADER}], "default": None},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command took: processor time in seconds, memory in megabytes."""

    code: int
    output: str
    cpu_s: float
    peak_mb: float


# Memory is asked for by the process itself: what its parent used before the start would count otherwise.
_MEASURED = """
import re, sys, time
from pathlib import Path
from hangarstack.cli.main import main
try:
    main()
except SystemExit as stop:
    code = stop.code or 0
else:
    code = 0
status = Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else 0
print(f"{code} {time.process_time()} {peak}", file=sys.stderr)
"""


def _check(root: Path, *arguments: str) -> Run:
    line = [sys.executable, "-c", _MEASURED, "contracts", "check", "--root", str(root), *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
    *errors, figures = done.stderr.splitlines()
    code, cpu_s, peak_kb = figures.split()
    output = "\n".join([done.stdout, *errors])
    return Run(code=int(code), output=output, cpu_s=float(cpu_s), peak_mb=int(peak_kb) / 1024)


def _optional(name: str) -> dict[str, Any]:
    return {"name": name, "type": ["null", "string"], "default": None, "doc": f"What {name} means to its readers."}


def _large_tree(root: Path) -> None:
    reasons = "".join(f'[versions.{number}]\nreason = "Because."\n' for number in range(2, VERSIONS + 1))
    for index in range(CONTRACTS):
        directory = root / "contracts" / "avro" / f"event_{index}"
        directory.mkdir(parents=True)
        contract = CONTRACT.replace("BACKWARD", "FULL_TRANSITIVE").replace("Ping", f"Event{index}")
        (directory / "contract.toml").write_text(contract.replace("pings", f"topic.{index}") + reasons)
        for number in range(1, VERSIONS + 1):
            fields = [*ODD, *(_optional(f"field_{each}") for each in range(8 + number))]
            text = json.dumps(ping(*fields) | {"name": f"Event{index}"}, indent=2)
            (directory / f"v{number}.avsc").write_text(text)


def test_a_tree_of_four_thousand_versions_is_checked_in_seconds(tmp_path: Path) -> None:
    """The bound is wide: the machine may be busy, and it is twelve seconds too slow that matters, not one."""
    _large_tree(tmp_path)
    release(load_tree(tmp_path))
    run = _check(tmp_path)
    assert (run.code, run.output.strip()) == (0, "4000 versions of 200 contracts keep to their levels.")
    assert run.cpu_s < 8
    assert run.peak_mb < 200


def test_one_contract_is_checked_before_anyone_waits(tmp_path: Path) -> None:
    make_tree(tmp_path)
    release(load_tree(tmp_path))
    run = _check(tmp_path)
    assert run.code == 0
    assert run.cpu_s < 1.5
    assert run.peak_mb < 60


def _nested(levels: int) -> str:
    return json.dumps(ping({"name": "x", "type": "@", "default": []})).replace(
        '"@"', '{"type": "array", "items": ' * levels + '"int"' + "}" * levels
    )


def _huge() -> str:
    fields = [{"name": f"f{n}", "type": ["null", "string"], "default": None, "doc": "x" * 40} for n in range(45_000)]
    return json.dumps(ping(*fields))


CYCLE = ping(*({"name": f"c{n}", "type": ["null", "Ping"], "default": None} for n in range(50)))
TWINS = ping({"name": "a", "type": ENUM}, {"name": "b", "type": ENUM | {"symbols": ["UNKNOWN"]}})


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param(_nested(400), 0, "keep to their levels", id="400 levels"),
        pytest.param(_nested(1000), 2, "levels", id="1,000 levels"),
        pytest.param(_nested(100_000), 2, "levels", id="100,000 levels"),
        pytest.param(_huge(), 0, "keep to their levels", id="5 MB"),
        pytest.param(json.dumps(CYCLE), 0, "keep to their levels", id="a cycle"),
        pytest.param(json.dumps(TWINS), 2, "defined twice", id="duplicate names"),
        pytest.param('{"a":' * 5000, 2, "levels", id="an open end"),
        pytest.param("9" * 5_000_000, 2, "", id="5 MB of digits"),
        pytest.param("", 2, "JSON", id="nothing"),
    ],
)
def test_whatever_a_version_holds_there_is_an_answer_in_bounded_time(
    tmp_path: Path, text: str, code: int, says: str
) -> None:
    directory = make_tree(tmp_path, ping(), ping(), contract=CONTRACT.replace("BACKWARD", "FULL_TRANSITIVE"))
    (tmp_path / "contracts" / "contracts.lock").write_text("")
    (directory / "v2.avsc").write_text(text)
    began = time.monotonic()
    run = _check(tmp_path)
    assert run.code == code, run.output
    assert says in run.output
    assert "Traceback" not in run.output
    assert len(run.output) < 10_000
    assert time.monotonic() - began < 60
