"""A report for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.report.merging import merged
from hangarstack.contracts.report.model import Report, place, relative

_COMMAND: Final = re.compile(r"(?=::|##\[)")


def render(report: Report, base: Path) -> str:
    """Return the report as lines of text; what a schema says can neither break nor begin one as it likes."""
    return "".join(f"{_shown(line)}\n" for line in _lines(report, base))


def _shown(line: str) -> str:
    """Return a line in which no character controls a terminal, and that no CI takes for a command of its log."""
    text = plain(line)
    return f"\\{text}" if _COMMAND.match(text.lstrip()) else text


def _lines(report: Report, base: Path) -> Iterator[str]:
    for problem in merged(report.problems):
        yield f"{problem.contract}: {problem.sentence}"
        yield f"  {place(problem, base)}"
        if problem.hits:
            yield f"  {problem.hits}"
        yield f"  {problem.fix}"
    for waiver in dict.fromkeys(each.waiver for each in report.waived):
        for problem in merged(each.problem for each in report.waived if each.waiver is waiver):
            yield f"{problem.contract}: {problem.sentence}"
            yield f"  waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"
    for warning in merged(report.warnings):
        yield f"warning: {warning.contract}: {warning.sentence}"
        yield f"  {place(warning, base)}"
        if warning.hits:
            yield f"  {warning.hits}"
        yield f"  {warning.fix}"
    for note in report.notes:
        yield f"warning: {note}"
    for path in report.unreleased:
        yield f"{relative(path, base)}: not released yet; `hangarstack contracts lock` does it"
    if not report.problems:
        yield report.praise
