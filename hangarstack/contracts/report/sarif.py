"""A report as SARIF 2.1.0, which code hosts show beside the code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hangarstack import __version__
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.report.model import Report, relative
from hangarstack.contracts.waivers import Waived

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, base: Path) -> str:
    """Return the report as one SARIF log; a waived problem is a suppressed result."""
    problems = [*report.problems, *report.warnings, *(each.problem for each in report.waived)]
    kinds = list(dict.fromkeys(problem.kind for problem in problems))
    results = [_result(problem, kinds, base) for problem in report.problems]
    results += [_result(warning, kinds, base) | {"level": "warning"} for warning in report.warnings]
    results += [_result(each.problem, kinds, base) | {"suppressions": [_suppression(each)]} for each in report.waived]
    rules = [{"id": kind, "shortDescription": {"text": kind.replace("_", " ").capitalize()}} for kind in kinds]
    notes = list(map(_note, report.notes))
    return _log(rules, {"executionSuccessful": True, "toolExecutionNotifications": notes}, results)


def unrun(error: str) -> str:
    """Return the report of a check that could not run: no results, and an invocation that failed."""
    told = {"level": "error", "message": {"text": error}}
    return _log([], {"executionSuccessful": False, "toolExecutionNotifications": [told]}, [])


def _log(rules: list[dict[str, Any]], invocation: dict[str, Any], results: list[dict[str, Any]]) -> str:
    # URIs are relative to the root of the checkout, which the host knows and the report need not tell.
    run = {
        "tool": {"driver": {"name": "hangarstack", "version": __version__, "rules": rules}},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return f"{json.dumps({'$schema': _SCHEMA, 'version': '2.1.0', 'runs': [run]}, indent=2, ensure_ascii=False)}\n"


def _result(problem: Problem, kinds: list[str], base: Path) -> dict[str, Any]:
    file = relative(problem.file, base)
    uri = problem.file.absolute().as_uri() if Path(file).is_absolute() else quote(file)
    said = f"{problem.contract}: {problem.sentence}"
    whole = f"{problem.kind} {problem.contract} {problem.version} {problem.side}#{problem.path} {problem.sentence}"
    return {
        "ruleId": problem.kind,
        "ruleIndex": kinds.index(problem.kind),
        "level": "error",
        "message": {"text": " ".join(f"{part}." for part in (said, problem.hits, problem.fix) if part)},
        "properties": {"who": problem.who, "to": problem.to},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line_of(problem)}},
                "logicalLocations": [{"fullyQualifiedName": f"{problem.contract}/v{problem.version}{problem.path}"}],
            }
        ],
        "partialFingerprints": {"problem/v1": hashlib.sha256(whole.encode(errors="replace")).hexdigest()},
    }


def _note(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": text}}


def _suppression(each: Waived) -> dict[str, str]:
    waiver = each.waiver
    return {
        "kind": "external",
        "status": "accepted",
        "justification": f"{waiver.reason} ({waiver.owner}, until {waiver.expires})",
    }
