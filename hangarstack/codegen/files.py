"""Generated files on disk: written, and checked against what the contracts make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hangarstack.codegen.schematexts import HEADER
from hangarstack.errors import StaleCodeError, UnreadableFileError, UnsupportedSchemaError


def write(files: Mapping[str, str], directory: Path) -> list[Path]:
    """Write generated files, and delete generated ones that the contracts no longer make.

    Args:
        files: source by relative path, as ``generate`` returns it.
        directory: of the package.

    Returns:
        The paths that changed.

    Raises:
        StaleCodeError: what is written by hand is in the way, or among the generated code; nothing is written then.
        UnreadableFileError: a file cannot be written, or not be read.
        UnsupportedSchemaError: as of ``check``; nothing is written then.
    """
    _refuse_no_python(files)
    changed = []
    try:
        _refuse_handwritten(files, directory)
        for path, text in files.items():
            target = directory / path
            if not _holds(target, text):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode())
                changed.append(target)
        for orphan in _extra(files, directory):
            orphan.unlink()
            changed.append(orphan)
    except OSError as error:
        raise UnreadableFileError(
            f"the file cannot be written: {error.strerror}", where=str(error.filename), remedy="Allow it, and try again"
        ) from error
    return changed


def check(files: Mapping[str, str], directory: Path, *, command: str) -> None:
    """Check that the files on disk are what the contracts make.

    Args:
        files: source by relative path, as ``generate`` returns it.
        directory: of the package.
        command: line that writes them, for the remedy.

    Raises:
        StaleCodeError: one is missing, differs, or is left from a contract that is gone, or what is written by hand is
            in the way or among them; it names all of them.
        UnsupportedSchemaError: a module is not valid Python, which is a mistake of the generator's.
    """
    _refuse_no_python(files)
    _refuse_handwritten(files, directory)
    stale = [directory / path for path, text in files.items() if not _holds(directory / path, text)]
    stale += _extra(files, directory)
    if stale:
        raise StaleCodeError(
            f"the generated code is not what the contracts make: {_names(stale, directory)}",
            where=str(directory),
            remedy=f"Run `{command}` and commit what it writes",
        )


def generated_packages(root: Path) -> list[str]:
    """Return the dotted names, of at most three parts, of the packages under a root that hold generated code."""
    found = (path.parent for depth in (1, 2, 3) for path in root.glob("[!.]*/" * depth + "__init__.py"))
    generated = (
        path.relative_to(root).parts
        for path in found
        if (path / "schemas" / "__init__.py").is_file() and _is_generated(path / "__init__.py")
    )
    return sorted(".".join(parts) for parts in generated if all(map(str.isidentifier, parts)))


def _refuse_no_python(files: Mapping[str, str]) -> None:
    for path, text in files.items():
        try:
            compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise UnsupportedSchemaError(
                f"the code that the generator makes of this contract is not valid Python: {error}",
                where=path,
                remedy="Report the schema to HangarStack: the mistake is the generator's",
            ) from error


def _refuse_handwritten(files: Mapping[str, str], directory: Path) -> None:
    taken = [target for target in (directory / path for path in files) if _is_in_the_way(target)]
    if taken:
        raise StaleCodeError(
            f"nothing generated these files, so they are not overwritten: {_names(taken, directory)}",
            where=str(directory),
            remedy="Move them away, or generate into a package of its own",
        )
    extra = [path for path in _extra(files, directory) if not _is_generated(path)]
    if extra:
        raise StaleCodeError(
            f"no contract makes these modules among the generated code: {_names(extra, directory)}",
            where=str(directory),
            remedy="Remove them; what is written by hand belongs elsewhere, or in a package within this one",
        )


def _is_in_the_way(target: Path) -> bool:
    if not target.is_file():
        return target.exists()
    # Many a package begins with an empty __init__.py, in which nothing can be lost.
    return target.stat().st_size > 0 and not _is_generated(target)


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
