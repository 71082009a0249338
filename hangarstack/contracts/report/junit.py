"""A report as JUnit's XML: a suite for each contract, a case for each version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.model import Report, place
from hangarstack.contracts.waivers import Waived

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, base: Path) -> str:
    """Return the report as XML; a waived problem is a skipped case, a warning is what a case has printed."""
    suites = "".join(_suites(report, base))
    head = f'<testsuites name="contracts"{_counts(report.problems, report.waived, _cases(report))}>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{suites}</testsuites>\n'


def _suites(report: Report, base: Path) -> Iterator[str]:
    names = [contract.name for contract in report.contracts]
    names += sorted({problem.contract for problem in report.problems} - set(names))
    versions = {contract.name: [version.number for version in contract.versions] for contract in report.contracts}
    for name in names:
        problems = [problem for problem in report.problems if problem.contract == name]
        waived = [each for each in report.waived if each.problem.contract == name]
        warnings = [warning for warning in report.warnings if warning.contract == name]
        numbers = _numbers(versions.get(name, []), problems, waived)
        yield f"<testsuite name={_quoted(name)}{_counts(tuple(problems), tuple(waived), len(numbers))}>\n"
        for number in numbers:
            yield from _case(
                name,
                number,
                [problem for problem in problems if problem.version == number],
                [each for each in waived if each.problem.version == number],
                [warning for warning in warnings if warning.version == number],
                base,
            )
        yield "</testsuite>\n"
    if report.notes:
        printed = "\n".join(f"warning: {note}" for note in report.notes)
        yield f'<testsuite name="contracts"{_counts((), (), 0)}><system-out>{_text(printed)}</system-out></testsuite>\n'


def _case(
    name: str, number: int, problems: list[Problem], waived: list[Waived], warnings: list[Problem], base: Path
) -> Iterator[str]:
    title = f"v{number}" if number else "contract"
    yield f"<testcase classname={_quoted(name)} name={_quoted(title)}>"
    for problem in problems:
        text = _said(problem, base)
        yield f"<failure type={_quoted(problem.kind)} message={_quoted(problem.sentence)}>{_text(text)}</failure>"
    if waived and not problems:
        why = "; ".join(f"{each.problem.kind} waived until {each.waiver.expires}" for each in waived)
        yield f"<skipped message={_quoted(why)}/>"
    if warnings:
        printed = "\n\n".join(f"warning: {_said(warning, base)}" for warning in warnings)
        yield f"<system-out>{_text(printed)}</system-out>"
    yield "</testcase>\n"


def _said(problem: Problem, base: Path) -> str:
    return "\n".join(filter(None, (place(problem, base), problem.sentence, problem.hits, problem.fix)))


def _numbers(versions: list[int], problems: list[Problem], waived: list[Waived]) -> list[int]:
    extra = {problem.version for problem in [*problems, *(each.problem for each in waived)]}
    return sorted({*versions, *extra})


def _cases(report: Report) -> int:
    pairs = {(contract.name, version.number) for contract in report.contracts for version in contract.versions}
    pairs |= {(problem.contract, problem.version) for problem in report.problems}
    pairs |= {(each.problem.contract, each.problem.version) for each in report.waived}
    return len(pairs)


def _counts(problems: tuple[Problem, ...], waived: tuple[Waived, ...], tests: int) -> str:
    failed = {(problem.contract, problem.version) for problem in problems}
    skipped = {(each.problem.contract, each.problem.version) for each in waived} - failed
    return f' tests="{tests}" failures="{len(failed)}" errors="0" skipped="{len(skipped)}"'


def _quoted(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\n": "&#10;"})


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def unrun(error: str) -> str:
    """Return the report of a check that could not run: one case that is an error."""
    case = f'<testcase classname="contracts" name="check"><error message={_quoted(error)}/></testcase>'
    named = 'name="contracts" tests="1" failures="0" errors="1" skipped="0"'
    suite = f"<testsuite {named}>\n{case}\n</testsuite>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {named}>\n{suite}\n</testsuites>\n'
