"""``contracts check`` from the start of its process to the end: of a large tree, and of one contract."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from benchmarks.trees import write_tree

# Memory is asked for by the process itself: what its parent used before the start would count otherwise.
_MEASURED: Final = """
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
_TREES: Final = {"200 contracts of 20 versions": (200, 20), "one contract": (1, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a check took: seconds of the clock and of the processor, and the most memory in megabytes."""

    code: int
    output: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def run_check(root: Path, *arguments: str) -> Run:
    """Run ``contracts check`` in a process of its own; blocks for two minutes at most."""
    line = [sys.executable, "-c", _MEASURED, "contracts", "check", "--root", str(root), *arguments]
    began = time.perf_counter()
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
    wall_s = time.perf_counter() - began
    *errors, figures = done.stderr.splitlines()
    code, cpu_s, peak_kb = figures.split()
    output = "\n".join([done.stdout, *errors])
    return Run(code=int(code), output=output, wall_s=wall_s, cpu_s=float(cpu_s), peak_mb=int(peak_kb) / 1024)


@click.command()
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True, help="Of each; the best counts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(runs: int, as_json: bool) -> None:
    """`contracts check`, start-up included: a large tree that is transitive, and a single contract."""
    best = {name: _best(runs, *size) for name, size in _TREES.items()}
    if as_json:
        click.echo(json.dumps({name: asdict(run) for name, run in best.items()}, indent=2))
        return
    for name, run in best.items():
        click.echo(f"{name}: {run.wall_s:.2f} s, {run.cpu_s:.2f} s of processor time, {run.peak_mb:.0f} MB")


def _best(runs: int, contracts: int, versions: int) -> Run:
    with tempfile.TemporaryDirectory() as directory:
        write_tree(Path(directory), contracts=contracts, versions=versions)
        return min((run_check(Path(directory)) for _ in range(runs)), key=lambda run: run.wall_s)
