"""Generated files on disk: written, and checked against what the contracts make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        if not _holds(target, text):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
            changed.append(target)
    for orphan in filter(_is_generated, _extra(files, directory)):
        orphan.unlink()
        changed.append(orphan)
    return changed


def check(files: Mapping[str, str], directory: Path) -> None:
    """Check that the files on disk are what the contracts make.

    Args:
        files: source by relative path, as ``generate`` returns it.
        directory: of the package.

    Raises:
        StaleCodeError: one is missing, differs, or is left from a contract that is gone, or a module lies among them
            that nothing generates; it names all of them.
    """
    extra = _extra(files, directory)
    stale = [directory / path for path, text in files.items() if not _holds(directory / path, text)]
    stale += filter(_is_generated, extra)
    if stale:
        raise StaleCodeError(
            f"the generated code is not what the contracts make: {_names(stale, directory)}",
            where=str(directory),
            remedy="Run `hangarstack contracts generate` and commit what it writes",
        )
    if extra:
        raise StaleCodeError(
            f"no contract makes these modules among the generated code: {_names(extra, directory)}",
            where=str(directory),
            remedy="Remove them; what is written by hand belongs elsewhere, or in a package within this one",
        )


def _holds(path: Path, text: str) -> bool:
    # Git for Windows may have given the lines its own ends.
    return path.is_file() and path.read_bytes().replace(b"\r\n", b"\n") == text.encode()


def _extra(files: Mapping[str, str], directory: Path) -> list[Path]:
    wanted = {directory / path for path in files}
    found = [*directory.glob("*.py"), *directory.glob("schemas/*.py")]
    return [path for path in sorted(found) if path not in wanted]


def _is_generated(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().rstrip() == HEADER.encode()


def _names(paths: Iterable[Path], directory: Path) -> str:
    return ", ".join(path.relative_to(directory).as_posix() for path in paths)
