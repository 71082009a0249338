"""Generated files on disk: written, and checked against what the contracts make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hangarstack.codegen.schematexts import HEADER
from hangarstack.errors import StaleCodeError


def write(files: Mapping[str, str], directory: Path) -> list[Path]:
    """Write generated files, and delete generated ones that the contracts no longer make.

    Args:
        files: source by relative path, as ``generate`` returns it.
        directory: of the package.

    Returns:
        The paths that changed.
    """
    changed = []
    for path, text in files.items():
        target = directory / path
        if not target.is_file() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
            changed.append(target)
    for orphan in _orphans(files, directory):
        orphan.unlink()
        changed.append(orphan)
    return changed


def check(files: Mapping[str, str], directory: Path) -> None:
    """Check that the files on disk are what the contracts make.

    Args:
        files: source by relative path, as ``generate`` returns it.
        directory: of the package.

    Raises:
        StaleCodeError: one is missing, differs, or is left from a contract that is gone; it names all of them.
    """
    stale = [
        directory / path
        for path, text in files.items()
        if not (directory / path).is_file() or (directory / path).read_text("utf-8") != text
    ]
    stale += _orphans(files, directory)
    if stale:
        names = ", ".join(str(path.relative_to(directory)) for path in stale)
        raise StaleCodeError(
            f"the generated code is not what the contracts make: {names}",
            where=str(directory),
            remedy="Run `hangarstack contracts generate` and commit what it writes",
        )


def _orphans(files: Mapping[str, str], directory: Path) -> list[Path]:
    wanted = {directory / path for path in files}
    found = [*directory.glob("*.py"), *directory.glob("schemas/*.py")]
    return [path for path in sorted(found) if path not in wanted and _is_generated(path)]


def _is_generated(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n") == HEADER
