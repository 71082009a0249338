"""What a check found, in the formats that people and machines read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from hangarstack.contracts.report.model import Report

Render = Callable[[Report, Path], str]
"""Given a report and the directory that paths are relative to, returns the text."""

FORMATS: Final = ("text", "json", "junit", "sarif", "github")


def renderer(name: str) -> Render:
    """Return what writes a report in one of the ``FORMATS``."""
    # Only the one that is asked for is imported: a check in a hook is to be done before anyone waits.
    if name == "json":
        from hangarstack.contracts.report.json import render
    elif name == "junit":
        from hangarstack.contracts.report.junit import render
    elif name == "sarif":
        from hangarstack.contracts.report.sarif import render
    elif name == "github":
        from hangarstack.contracts.report.github import render
    else:
        from hangarstack.contracts.report.text import render
    return render


def unrun(name: str, error: str) -> str:
    """Return the report of a check that could not run, in one of the ``FORMATS``; as text the error alone says it.

    Args:
        name: of the format.
        error: why, in one line.
    """
    if name == "json":
        from hangarstack.contracts.report.json import unrun as told
    elif name == "junit":
        from hangarstack.contracts.report.junit import unrun as told
    elif name == "sarif":
        from hangarstack.contracts.report.sarif import unrun as told
    elif name == "github":
        from hangarstack.contracts.report.github import unrun as told
    else:
        return ""
    return told(error)


__all__ = ["FORMATS", "Render", "Report", "renderer", "unrun"]
