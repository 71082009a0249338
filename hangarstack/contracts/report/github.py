"""A report as commands of a GitHub Actions log: annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report.lines import line_of
from hangarstack.contracts.report.model import Report, relative


def render(report: Report, base: Path) -> str:
    """Return one workflow command a line; a waived problem is a notice."""
    return "".join(f"{line}\n" for line in _lines(report, base))


def _lines(report: Report, base: Path) -> Iterator[str]:
    for problem in report.problems:
        yield _annotation("error", problem, base)
    for warning in report.warnings:
        yield _annotation("warning", warning, base)
    for each in report.waived:
        message = f"{each.problem.sentence}\nWaived until {each.waiver.expires}: {each.waiver.reason}"
        file, title = relative(each.problem.file, base), f"{each.problem.contract}: {each.problem.kind} is waived"
        yield _command("notice", message, file=file, line=line_of(each.problem), title=title)
    for note in report.notes:
        yield _command("warning", note, title="contracts")
    if not report.problems:
        yield report.praise


def _annotation(level: str, problem: Problem, base: Path) -> str:
    message = "\n".join(filter(None, (problem.sentence, problem.hits, problem.fix)))
    title = f"{problem.contract}: {problem.title}"
    return _command(level, message, file=relative(problem.file, base), line=line_of(problem), title=title)


def _command(level: str, message: str, **properties: str | int) -> str:
    named = ",".join(f"{key}={_escaped(plain(str(value)), '%:,')}" for key, value in properties.items())
    # The lines of a message are shown as such; no other character of it may control the terminal that shows the log.
    lines = (_escaped(plain(line), "%") for line in message.split("\n"))
    return f"::{level} {named}::{'%0A'.join(lines)}"


def _escaped(text: str, chars: str) -> str:
    for char in chars:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def unrun(error: str) -> str:
    """Return the report of a check that could not run."""
    return _command("error", error, title="contracts: the check could not run") + "\n"
