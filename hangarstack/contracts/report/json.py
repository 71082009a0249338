"""A report for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.report.model import Report, relative


def render(report: Report, base: Path) -> str:
    """Return the report as one JSON object."""
    return f"{json.dumps(_report(report, base), indent=2, ensure_ascii=False)}\n"


def _report(report: Report, base: Path) -> dict[str, Any]:
    return {
        "passed": not report.problems,
        "against": report.baselines,
        "contracts": len(report.contracts),
        "versions": report.versions,
        "problems": [_problem(problem, base) for problem in report.problems],
        "waived": [
            _problem(each.problem, base)
            | {"owner": each.waiver.owner, "reason": each.waiver.reason, "expires": str(each.waiver.expires)}
            for each in report.waived
        ],
        "warnings": [_problem(warning, base) for warning in report.warnings],
        "unreleased": [relative(path, base) for path in report.unreleased],
        "notes": report.notes,
    }


def _problem(problem: Problem, base: Path) -> dict[str, Any]:
    return {
        "type": problem.kind,
        "contract": problem.contract,
        "version": problem.version,
        "file": relative(problem.file, base),
        "line": line_of(problem),
        "path": problem.path,
        "to": problem.to,
        "schema": problem.side,
        "sentence": problem.sentence,
        "who": problem.who,
        "fix": problem.fix,
    }


def unrun(error: str) -> str:
    """Return the report of a check that could not run: nothing but why."""
    return f"{json.dumps({'error': error}, indent=2, ensure_ascii=False)}\n"
